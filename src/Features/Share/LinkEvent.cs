using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Share;

/// <summary>What happened to one public link. Stored for ever: add cases, never change one.</summary>
public abstract record LinkEvent
{
    private LinkEvent() { }

    /// <summary>Whoever has the link's token may download the file.</summary>
    /// <param name="TokenDigest">SHA-256 (hex) of the random token in the link's URL.</param>
    /// <param name="HasPassword">A password is asked for as well; its hash is kept elsewhere.</param>
    /// <param name="Until">From then on the link opens nothing; null for never.</param>
    /// <param name="MaxDownloads">So many downloads and no more; null for any number.</param>
    public sealed record Created(
        FileId File, LinkId Link, [Hidden] string TokenDigest, bool HasPassword, LinkRole Role, DateTimeOffset? Until,
        int? MaxDownloads) : LinkEvent;

    /// <summary>Its file is another account's, whose stream this is from here on: the link leads there as before.</summary>
    public sealed record PassedOn(FileId File, LinkId Link) : LinkEvent;

    /// <summary>A download through the link began.</summary>
    /// <param name="Downloads">How many have begun with this one.</param>
    public sealed record Used(FileId File, LinkId Link, int Downloads) : LinkEvent;

    /// <summary>It opens nothing any more: its owner took it back, or the file is going away.</summary>
    public sealed record Revoked(FileId File, LinkId Link) : LinkEvent;
}

/// <summary>What a link lets whoever has it do.</summary>
[JsonConverter(typeof(LinkRoleJson))]
public enum LinkRole
{
    /// <summary>See the file and its content.</summary>
    Viewer,

    /// <summary>None is made.</summary>
    Editor,
}

/// <summary>Words in JSON, never numbers.</summary>
internal sealed class LinkRoleJson() : JsonStringEnumConverter<LinkRole>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
