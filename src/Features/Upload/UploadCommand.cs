namespace EventFiles.Features.Upload;

public abstract record UploadCommand
{
    private UploadCommand() { }

    public sealed record Begin(
        UploadId Upload, FileId File, FolderId Folder, string Name, string ContentType, long? SizeBytes,
        string TokenDigest, NameConflict OnConflict, DateTimeOffset Until) : UploadCommand;

    public sealed record Extend(UploadId Upload, DateTimeOffset Until) : UploadCommand;

    public sealed record Complete(
        UploadId Upload, FileId File, FolderId Folder, string Name, string ContentType, long SizeBytes, string Sha256,
        ObjectKey StoredAs) : UploadCommand
    {
        /// <summary>What the bytes are a copy of; null when they came from outside.</summary>
        public CopySource? Source { get; init; }
    }

    public sealed record Redirect(UploadId Upload, FileId Into, int Version) : UploadCommand;

    /// <summary>Note in the upload's own stream that its bytes belong to a file that is there.</summary>
    public sealed record Assign(UploadId Upload, FileId File) : UploadCommand;

    /// <summary>End an upload of which nothing is known but its bytes.</summary>
    public sealed record Disown(UploadId Upload, FileId File) : UploadCommand;

    public sealed record Abandon(UploadId Upload, FileId File, string Reason) : UploadCommand;
}

/// <summary>One version of a file that was copied.</summary>
public sealed record CopySource(FileId File, int Version);
