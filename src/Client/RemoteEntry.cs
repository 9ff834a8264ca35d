using System.Text;

namespace EventFiles.Client;

/// <summary>A file or folder at the server.</summary>
/// <param name="Id">A UUID; <c>root</c> for the root.</param>
/// <param name="Path">From the root, with slashes; begins with one.</param>
/// <param name="SizeBytes">0 for a folder.</param>
internal sealed record RemoteEntry(
    bool IsFolder, string Id, string Name, string Path, long SizeBytes, string? ContentType, string? Status, int Version,
    DateTimeOffset? ModifiedAt)
{
    public static readonly RemoteEntry Root = new(true, "root", "", "/", 0, null, null, 0, null);

    /// <summary>Where bytes are asked for that are not a file's current ones; null for those.</summary>
    public string? Content { get; init; }

    /// <summary>Whether the server says beforehand what the bytes are: an archive is made while it is read.</summary>
    public bool HasDigest { get; init; } = true;

    /// <summary>As addresses and machines have it.</summary>
    public string Kind => IsFolder ? "folder" : "file";

    /// <summary>Two names with the same key are the same name at the server.</summary>
    public static string Key(string name) => name.Normalize(NormalizationForm.FormC).ToUpperInvariant();

    /// <summary>Where something of that name in this folder is.</summary>
    public string PathOf(string name) => Path == "/" ? $"/{name}" : $"{Path}/{name}";
}

/// <summary>A line of a folder's list.</summary>
internal sealed record EntryLine(
    string Kind, Guid Id, string Name, long Size, string? ContentType, string? Status, DateTimeOffset ModifiedAt, int Version);

/// <summary>A file, as the server tells of it.</summary>
internal sealed record FileReply(
    Guid Id, string Name, string FolderId, long Size, string ContentType, string? Sha256, string Status, int Version,
    DateTimeOffset ModifiedAt);

/// <summary>A folder, as the server tells of it.</summary>
internal sealed record FolderReply(Guid Id, string Name, string? ParentId);
