namespace EventFiles.Features.Quota;

public abstract record QuotaCommand
{
    private QuotaCommand() { }

    public sealed record SetLimit(long LimitBytes) : QuotaCommand;

    /// <summary>What an administrator allows besides the limit.</summary>
    public sealed record SetRules(QuotaRules Rules) : QuotaCommand;

    /// <summary>Say again what the sources come to, should the figures say something else.</summary>
    public sealed record Correct : QuotaCommand;

    public sealed record Reserve(UploadId Upload, long Bytes, DateTimeOffset Until) : QuotaCommand;

    public sealed record Release(UploadId Upload) : QuotaCommand;

    /// <summary>Turn what was set aside into used space.</summary>
    public sealed record Charge(UploadId Upload, FileId File, long Bytes) : QuotaCommand
    {
        /// <summary>Its space was set aside before, for what it was a part of or what was a part of it.</summary>
        public bool WasBegun { get; init; }
    }

    /// <summary>Let a version have bytes that the owner has already: they take up no more space.</summary>
    /// <param name="With">Whoever has them.</param>
    public sealed record Reuse(UploadId Upload, FileId File, long Bytes, Holder With) : QuotaCommand;

    /// <summary>Need the bytes of a file's uploads no more.</summary>
    /// <param name="Only">The one upload that it is about; null for all of the file.</param>
    public sealed record GiveUp(FileId File, UploadId? Only) : QuotaCommand;

    /// <summary>Note that the bytes that an upload brought are compressed.</summary>
    /// <param name="File">The file that it became a version of.</param>
    public sealed record Compress(UploadId Stored, FileId File, long PlainBytes, long StoredBytes) : QuotaCommand;

    public sealed record Free(FileId File) : QuotaCommand;

    /// <summary>Give back what the bytes of one upload take up, once.</summary>
    public sealed record FreeUpload(UploadId Upload, FileId File) : QuotaCommand;
}
