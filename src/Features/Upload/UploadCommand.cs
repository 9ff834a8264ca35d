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
        ObjectKey StoredAs) : UploadCommand;

    public sealed record Redirect(UploadId Upload, FileId Into, int Version) : UploadCommand;

    public sealed record Abandon(UploadId Upload, FileId File, string Reason) : UploadCommand;
}
