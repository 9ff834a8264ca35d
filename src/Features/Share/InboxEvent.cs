using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFiles.Features.Share;

/// <summary>What happened to one link by which files are brought into a folder. Stored for ever: add cases, never change one.</summary>
public abstract record InboxEvent
{
    private InboxEvent() { }

    /// <summary>Whoever has the link's token may bring files into the folder, and sees nothing of it.</summary>
    /// <param name="TokenDigest">SHA-256 (hex) of the random token in the link's URL.</param>
    /// <param name="Title">What is asked for, in the owner's words.</param>
    /// <param name="HasPassword">A password is asked for as well; its hash is kept elsewhere.</param>
    /// <param name="Until">From then on nothing can be brought; null for never.</param>
    /// <param name="MaxUploads">So many files and no more; null for any number.</param>
    /// <param name="MaxFileBytes">The largest file that it takes; null for whatever the server takes.</param>
    public sealed record Opened(
        FolderId Folder, LinkId Link, [Hidden] string TokenDigest, [Personal] string Title, bool HasPassword, DateTimeOffset? Until,
        int? MaxUploads, long? MaxFileBytes) : InboxEvent;

    /// <summary>Somebody brought a file by the link.</summary>
    /// <param name="Uploads">How many were brought with this one.</param>
    public sealed record Received(FolderId Folder, LinkId Link, FileId File, int Uploads) : InboxEvent;

    /// <summary>It takes nothing any more: its owner took it back, or the folder is gone.</summary>
    public sealed record Closed(FolderId Folder, LinkId Link) : InboxEvent;
}

/// <summary>What a link is for.</summary>
[JsonConverter(typeof(LinkAccessJson))]
public enum LinkAccess
{
    /// <summary>To read a file.</summary>
    Download,

    /// <summary>To bring files into a folder, and see nothing of it.</summary>
    Upload,
}

/// <summary>Words in JSON, never numbers.</summary>
internal sealed class LinkAccessJson() : JsonStringEnumConverter<LinkAccess>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);
