using static EventFiles.Features.Erasure.ErasureEvent;

namespace EventFiles.Features.Erasure;

/// <summary>An erasure, as it is kept for whoever asks for it.</summary>
/// <param name="Subject">The person, or whose file it is.</param>
/// <param name="NextAt">When its next step is due; null when it waits for something else.</param>
public sealed record ErasureEntry(
    ErasureId Id, AccountId Subject, AccountId By, ErasureGround Ground, ErasureStage Stage, DateTimeOffset RequestedAt,
    DateTimeOffset BeginsAt, DateTimeOffset Deadline, DateTimeOffset ChangedAt, int HeldFiles, string TokenDigest,
    DateTimeOffset? NextAt)
{
    /// <summary>The one file that is erased; null for a person.</summary>
    public FileId? File { get; init; }

    /// <summary>What is erased.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public ErasureSubject What => new(Subject, File);

    public ErasureView ToView() => new(
        Id, Stage, Ground, Asker(What, By), RequestedAt, BeginsAt, Deadline, ChangedAt, HeldFiles)
    {
        File = File,
    };

    /// <summary>Nobody: a restored log was told by the journal what had been erased. Who had asked for it then is not known.</summary>
    public static readonly AccountId Journal = new(Guid.Empty);

    /// <summary>A word for who asked: <c>subject</c>, <c>owner</c>, <c>administrator</c> or <c>journal</c>.</summary>
    public static string Asker(ErasureSubject what, AccountId by) =>
        by == Journal ? "journal" : by != what.Owner ? "administrator" : what.File is null ? "subject" : "owner";
}

internal static class ErasureProjection
{
    /// <summary>By when the next step is due.</summary>
    public const string Due = "erasures-due";

    /// <summary>Those that wait for the end of a hold, or of an era.</summary>
    public const string Waiting = "erasures-waiting";

    /// <summary>By erasure id.</summary>
    public static Projection<ErasureEntry> Define() => new Projection<ErasureEntry>("erasures")
        .On<Requested>(fact => Key(fact.Erasure), (_, fact, happened) => new ErasureEntry(
            fact.Erasure, fact.Subject, fact.By, fact.Ground, ErasureStage.Requested, happened.At, fact.BeginsAt, fact.Deadline,
            happened.At, 0, fact.TokenDigest, fact.BeginsAt))
        .On<FileRequested>(fact => Key(fact.Erasure), (_, fact, happened) => new ErasureEntry(
            fact.Erasure, fact.Owner, fact.By, fact.Ground, ErasureStage.Requested, happened.At, fact.BeginsAt, fact.Deadline,
            happened.At, 0, fact.TokenDigest, fact.BeginsAt)
        {
            File = fact.File,
        })
        .On<Cancelled>(fact => Key(fact.Erasure), (entry, _, happened) => At(entry, ErasureStage.Cancelled, happened, isDue: false))
        .On<Begun>(fact => Key(fact.Erasure), (entry, _, happened) => At(entry, ErasureStage.Deleting, happened))
        .On<FileBegun>(fact => Key(fact.Erasure), (entry, _, happened) => At(entry, ErasureStage.Deleting, happened))
        .On<Held>(fact => Key(fact.Erasure), (entry, fact, happened) =>
            At(entry, ErasureStage.Held, happened, isDue: false) is { } held ? held with { HeldFiles = fact.Files } : null)
        .On<ContentDeleted>(fact => Key(fact.Erasure), (entry, _, happened) => Freed(entry, happened))
        .On<FileDeleted>(fact => Key(fact.Erasure), (entry, _, happened) => Freed(entry, happened))
        .On<PersonalRemoved>(fact => Key(fact.Erasure), (entry, _, happened) => At(entry, ErasureStage.Verifying, happened))
        .On<Verified>(fact => Key(fact.Erasure), (entry, _, happened) => At(entry, ErasureStage.Erased, happened))
        .On<CopiesClosed>(fact => Key(fact.Erasure), (entry, _, happened) => At(entry, ErasureStage.Done, happened))
        .On<ReceiptIssued>(fact => Key(fact.Erasure), (entry, _, _) => entry is null ? null : entry with { NextAt = null })
        .Indexed(entry =>
            entry.NextAt is { } next ? [new IndexEntry(Due, IndexEntry.Time(next))]
            : entry.Stage is ErasureStage.Held or ErasureStage.Erased ? [new IndexEntry(Waiting, IndexEntry.Time(entry.ChangedAt))]
            : []);

    private static ErasureEntry? At(ErasureEntry? entry, ErasureStage stage, RecordedEvent happened, bool isDue = true) =>
        entry is null ? null : entry with { Stage = stage, ChangedAt = happened.At, NextAt = isDue ? happened.At : null };

    private static ErasureEntry? Freed(ErasureEntry? entry, RecordedEvent happened) =>
        At(entry, ErasureStage.Forgetting, happened) is { } free ? free with { HeldFiles = 0 } : null;

    private static string Key(ErasureId erasure) => erasure.ToString();
}
