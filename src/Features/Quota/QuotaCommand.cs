namespace EventFiles.Features.Quota;

public abstract record QuotaCommand
{
    private QuotaCommand() { }

    public sealed record SetLimit(long LimitBytes) : QuotaCommand;

    public sealed record Reserve(UploadId Upload, long Bytes, DateTimeOffset Until) : QuotaCommand;

    public sealed record Release(UploadId Upload) : QuotaCommand;

    public sealed record Charge(UploadId Upload, FileId File, long Bytes) : QuotaCommand;

    public sealed record Free(FileId File) : QuotaCommand;

    /// <summary>Give back what the bytes of one upload take up, once.</summary>
    public sealed record FreeUpload(UploadId Upload, FileId File) : QuotaCommand;
}
