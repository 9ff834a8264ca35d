using System.Collections.Immutable;

namespace EventFiles.Features.Quota;

/// <summary>Every figure with its sources, so that each can be set or removed and never counted twice.</summary>
/// <param name="Files">What each file has, by the upload that brought it or by which it came to share it.</param>
public sealed record QuotaState(
    Balance Balance,
    ImmutableDictionary<UploadId, long> Reservations,
    ImmutableDictionary<FileId, ImmutableDictionary<UploadId, Source>> Files)
{
    /// <summary>
    /// Who has what was ever shared, by the upload that once brought it. What is not here only its own upload's file may have.
    /// </summary>
    public ImmutableDictionary<UploadId, ImmutableArray<Holder>> Holders { get; init; } =
        ImmutableDictionary<UploadId, ImmutableArray<Holder>>.Empty;

    /// <summary>What is compressed, by the upload that once brought it, as long as somebody takes up space for it.</summary>
    public ImmutableDictionary<UploadId, CompressedForm> Compressed { get; init; } = ImmutableDictionary<UploadId, CompressedForm>.Empty;

    /// <summary>What an administrator said last, whatever the kept figures say.</summary>
    public long LimitBytes { get; init; } = QuotaDecider.DefaultLimitBytes;

    public QuotaRules Rules { get; init; } = QuotaRules.None;

    /// <summary>When the time above the soft limit is over; null below it.</summary>
    public DateTimeOffset? GraceUntil { get; init; }

    /// <summary>What all files have together, as if nothing was shared: added up as it comes and goes, so that asking costs nothing.</summary>
    public long HeldBytes { get; init; }

    /// <summary>What of it nobody needs there any more.</summary>
    public long GivenUpBytes { get; init; }

    public long FreeBytes => Balance.LimitBytes - Balance.UsedBytes - Balance.ReservedBytes;

    /// <summary>Whether nothing may be added for having been above the soft limit for too long.</summary>
    public bool IsOverdue(DateTimeOffset now) => GraceUntil <= now;

    /// <summary>Whether a file that is not there yet would be one too many.</summary>
    public bool IsFull(FileId file) => !Files.ContainsKey(file) && Balance.Files >= Rules.MaxFiles;

    public long ReservedFor(UploadId upload) => Reservations.GetValueOrDefault(upload);

    public Source? Of(FileId file, UploadId upload) => Files.GetValueOrDefault(file)?.GetValueOrDefault(upload);

    public bool Holds(FileId file, UploadId upload) => Of(file, upload) is not null;

    /// <summary>What a file takes up.</summary>
    public long HeldBy(FileId file) => Files.GetValueOrDefault(file)?.Values.Sum(source => source.ChargedBytes) ?? 0;

    /// <summary>Whether somebody needs the bytes that an upload once brought; once nobody does, nobody ever will.</summary>
    /// <param name="file">The file that the upload became a version of, or another that had its bytes.</param>
    /// <param name="upload">The upload by which that file had them.</param>
    public bool IsNeeded(UploadId stored, FileId file, UploadId upload) =>
        Holders.ContainsKey(stored) || Of(file, upload) is { IsGivenUp: false };
}

/// <summary>What an account may hold besides its limit; null for no such limit.</summary>
/// <param name="SoftLimitBytes">May be exceeded for <see cref="QuotaDecider.Grace"/>.</param>
/// <param name="MaxFiles">How many files, trashed ones included.</param>
/// <param name="MaxFileBytes">How large one version of a file may be.</param>
public sealed record QuotaRules(long? SoftLimitBytes, int? MaxFiles, long? MaxFileBytes)
{
    public static readonly QuotaRules None = new(null, null, null);
}

/// <summary>Bytes that a file has.</summary>
/// <param name="SizeBytes">How many.</param>
/// <param name="Stored">The upload that brought them, whose object they are in.</param>
/// <param name="IsCharged">Whether it is this one that takes up the space.</param>
/// <param name="IsGivenUp">The file needs them no more.</param>
public sealed record Source(long SizeBytes, UploadId Stored, bool IsCharged, bool IsGivenUp)
{
    public long ChargedBytes => IsCharged ? SizeBytes : 0;
}

/// <summary>Who has bytes: a file, by one upload.</summary>
public sealed record Holder(FileId File, UploadId Upload);
