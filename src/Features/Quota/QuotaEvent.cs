using System.Collections.Immutable;

namespace EventFiles.Features.Quota;

/// <summary>What happened to an owner's space. Stored for ever: add cases, never change one.</summary>
public abstract record QuotaEvent
{
    private QuotaEvent() { }

    /// <summary>Where the account stands after this event: a reader sets it and never adds up.</summary>
    public required Balance After { get; init; }

    /// <summary>An administrator decided how much the account may hold.</summary>
    public sealed record LimitSet(long LimitBytes) : QuotaEvent;

    /// <summary>An administrator decided what the account may hold besides; null for no such limit.</summary>
    /// <param name="SoftLimitBytes">May be exceeded for a while.</param>
    /// <param name="MaxFiles">How many files, trashed ones included.</param>
    /// <param name="MaxFileBytes">How large one version of a file may be.</param>
    public sealed record RulesSet(long? SoftLimitBytes, int? MaxFiles, long? MaxFileBytes) : QuotaEvent;

    /// <summary>What is stored has come to so much of the limit: once each time that it rises to it.</summary>
    /// <param name="Percent">80 or 95.</param>
    public sealed record LevelReached(int Percent) : QuotaEvent;

    /// <summary>What is stored is more than the soft limit allows for long.</summary>
    /// <param name="Until">From then on nothing is added until there is less.</param>
    public sealed record SoftLimitPassed(DateTimeOffset Until) : QuotaEvent;

    /// <summary>Figures had departed from what they are made of; these are right.</summary>
    /// <param name="Was">What they were.</param>
    public sealed record Corrected(Balance Was) : QuotaEvent;

    /// <summary>Space was set aside for an upload in flight; a second one for the same upload replaces the first.</summary>
    public sealed record Reserved(UploadId Upload, long Bytes, DateTimeOffset Until) : QuotaEvent;

    /// <summary>An upload ended without a file: what was set aside for it is free again.</summary>
    public sealed record Released(UploadId Upload, long Bytes) : QuotaEvent;

    /// <summary>One version of a file takes up space; what was set aside for its upload ends with that.</summary>
    public sealed record Charged(UploadId Upload, FileId File, long Bytes) : QuotaEvent;

    /// <summary>
    /// One version of a file has bytes that the owner has already: they take up no more space, and stay until nobody has them.
    /// </summary>
    /// <param name="Bytes">How many they are, and would have taken up.</param>
    /// <param name="Stored">The upload that once brought them; its object is the one that there is.</param>
    /// <param name="With">The file that has them.</param>
    public sealed record Shared(UploadId Upload, FileId File, long Bytes, UploadId Stored, FileId With) : QuotaEvent;

    /// <summary>
    /// A file needs the bytes of these uploads no more. Nobody shares them with it from here on; what nobody has now, nobody
    /// ever will, and it may be removed.
    /// </summary>
    /// <param name="Moved">What others go on having: they take up the space from now on, whatever their limit is.</param>
    public sealed record GivenUp(FileId File, ImmutableArray<UploadId> Uploads, ImmutableArray<MovedCharge> Moved) : QuotaEvent;

    /// <summary>
    /// The bytes that an upload brought are compressed from here on, for whoever has them. They count for as much as before.
    /// </summary>
    /// <param name="File">The file that it became a version of.</param>
    /// <param name="PlainBytes">As they came.</param>
    /// <param name="StoredBytes">As they are stored, without what encryption adds.</param>
    public sealed record Compressed(UploadId Stored, FileId File, long PlainBytes, long StoredBytes) : QuotaEvent;

    /// <summary>The bytes of one upload are gone: no version of the file has them any more.</summary>
    public sealed record UploadFreed(UploadId Upload, FileId File, long Bytes) : QuotaEvent;

    /// <summary>A file and all its versions are gone.</summary>
    public sealed record Freed(FileId File, long Bytes) : QuotaEvent;
}

/// <summary>Bytes that took up space for one file do so for another.</summary>
/// <param name="Stored">The upload that once brought them.</param>
/// <param name="File">The file that has them still.</param>
/// <param name="Upload">The upload by which it got them.</param>
/// <param name="Bytes">How many.</param>
public sealed record MovedCharge(UploadId Stored, FileId File, UploadId Upload, long Bytes);

/// <summary>The figures of an account. Used and reserved together never exceed the limit when something is added.</summary>
/// <param name="LimitBytes">What it may hold.</param>
/// <param name="UsedBytes">What is stored for the versions of its files, trashed ones included; the same bytes once.</param>
/// <param name="ReservedBytes">What is set aside for uploads in flight.</param>
/// <param name="Files">How many files there are, trashed ones included.</param>
public sealed record Balance(long LimitBytes, long UsedBytes, long ReservedBytes, int Files);
