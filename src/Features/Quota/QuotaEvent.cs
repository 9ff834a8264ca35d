namespace EventFiles.Features.Quota;

/// <summary>What happened to an owner's space. Stored for ever: add cases, never change one.</summary>
public abstract record QuotaEvent
{
    private QuotaEvent() { }

    /// <summary>Where the account stands after this event: a reader sets it and never adds up.</summary>
    public required Balance After { get; init; }

    /// <summary>An administrator decided how much the account may hold.</summary>
    public sealed record LimitSet(long LimitBytes) : QuotaEvent;

    /// <summary>Space was set aside for an upload in flight; a second one for the same upload replaces the first.</summary>
    public sealed record Reserved(UploadId Upload, long Bytes, DateTimeOffset Until) : QuotaEvent;

    /// <summary>An upload ended without a file: what was set aside for it is free again.</summary>
    public sealed record Released(UploadId Upload, long Bytes) : QuotaEvent;

    /// <summary>One version of a file takes up space; what was set aside for its upload ends with that.</summary>
    public sealed record Charged(UploadId Upload, FileId File, long Bytes) : QuotaEvent;

    /// <summary>The bytes of one upload are gone: no version of the file has them any more.</summary>
    public sealed record UploadFreed(UploadId Upload, FileId File, long Bytes) : QuotaEvent;

    /// <summary>A file and all its versions are gone.</summary>
    public sealed record Freed(FileId File, long Bytes) : QuotaEvent;
}

/// <summary>The figures of an account. Used and reserved together never exceed the limit when something is added.</summary>
/// <param name="LimitBytes">What it may hold.</param>
/// <param name="UsedBytes">What the versions of its files hold, trashed ones included.</param>
/// <param name="ReservedBytes">What is set aside for uploads in flight.</param>
/// <param name="Files">How many files there are, trashed ones included.</param>
public sealed record Balance(long LimitBytes, long UsedBytes, long ReservedBytes, int Files);
