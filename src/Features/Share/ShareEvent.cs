using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Share;

/// <summary>Who else may use a file. Stored for ever: add cases, never change one. The owner is the stream's tenant.</summary>
public abstract record ShareEvent
{
    private ShareEvent() { }

    /// <summary>Another account may use the file.</summary>
    /// <param name="Until">From then on the grant does not count; null for as long as the owner wants.</param>
    public sealed record Granted(
        FileId File, ShareId Share, AccountId Grantee, ShareRole Role, DateTimeOffset? Until) : ShareEvent;

    /// <summary>The grant is the same one and now says this.</summary>
    public sealed record Changed(
        FileId File, ShareId Share, AccountId Grantee, ShareRole Role, DateTimeOffset? Until) : ShareEvent;

    /// <summary>The owner took the grant back, or the grantee left, or the file is going away.</summary>
    public sealed record Revoked(FileId File, ShareId Share, AccountId Grantee) : ShareEvent;

    /// <summary>The grant's time is over.</summary>
    public sealed record Ended(FileId File, ShareId Share, AccountId Grantee) : ShareEvent;

    /// <summary>The file is going away: no grant and no link can be made any more.</summary>
    public sealed record Closed(FileId File) : ShareEvent;
}

/// <summary>What a grant lets its grantee do.</summary>
[JsonConverter(typeof(ShareRoleJson))]
public enum ShareRole
{
    /// <summary>See the file, its variants and its content.</summary>
    Viewer,

    /// <summary>Also rename it, give it new versions, process it.</summary>
    Editor,
}

/// <summary>Roles are words in JSON, never numbers: a number would outlive the order in which they are declared.</summary>
internal sealed class ShareRoleJson() : JsonStringEnumConverter<ShareRole>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
