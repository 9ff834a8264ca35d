using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Quota.QuotaCommand;
using static EventFiles.Features.Quota.QuotaEvent;
using No = EventFiles.Features.Quota.QuotaRejection;

namespace EventFiles.Features.Quota;

public static class QuotaDecider
{
    /// <summary>What an account may hold until an administrator says otherwise: 10 GiB.</summary>
    public const long DefaultLimitBytes = 10L << 30;

    /// <summary>How long a soft limit may be exceeded.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(14);

    public static readonly Decider<QuotaCommand, QuotaState, QuotaEvent> Decider = new(
        new QuotaState(
            new Balance(DefaultLimitBytes, 0, 0, 0),
            ImmutableDictionary<UploadId, long>.Empty,
            ImmutableDictionary<FileId, ImmutableDictionary<UploadId, Source>>.Empty),
        Evolve, Decide)
    {
        Snapshots = new("quota", 5),
    };

    /// <summary>One owner's space is one stream: whoever adds to it waits for whoever was first.</summary>
    public static StreamId StreamOf(AccountId owner) => new($"quota-{owner}", owner);

    private static Decision<QuotaEvent> Decide(QuotaState space, QuotaCommand ask, DateTimeOffset now)
    {
        var decision = Rule(space, ask, now);
        return decision is Decision<QuotaEvent>.Accepted { Events: [_, ..] happened }
            ? (QuotaEvent[])[.. happened, .. Warnings(space, happened.Aggregate(space, Evolve), now)]
            : decision;
    }

    // Read from the top: the first row that matches is the rule. Whatever frees space is never refused.
    private static Decision<QuotaEvent> Rule(QuotaState space, QuotaCommand ask, DateTimeOffset now) => ask switch
    {
        SetLimit set when set.LimitBytes < 0 => No.NegativeLimit,
        SetLimit set when set.LimitBytes == space.Balance.LimitBytes => Decision<QuotaEvent>.AlreadySo,
        SetLimit set => new LimitSet(set.LimitBytes) { After = space.Balance with { LimitBytes = set.LimitBytes } },

        SetRules { Rules: var rules } when rules.SoftLimitBytes < 0 || rules.MaxFileBytes < 0 || rules.MaxFiles < 0 => No.NegativeLimit,
        SetRules { Rules: var rules } when rules.SoftLimitBytes > space.Balance.LimitBytes => No.SoftAboveLimit,
        SetRules { Rules: var rules } when rules == space.Rules => Decision<QuotaEvent>.AlreadySo,
        SetRules { Rules: var rules } => new RulesSet(rules.SoftLimitBytes, rules.MaxFiles, rules.MaxFileBytes) { After = space.Balance },

        Correct when QuotaFigures.Sum(space) == space.Balance => Decision<QuotaEvent>.AlreadySo,
        Correct => new Corrected(space.Balance) { After = QuotaFigures.Sum(space) },

        Reserve reserve when reserve.Bytes == space.ReservedFor(reserve.Upload) => Decision<QuotaEvent>.AlreadySo,
        Reserve reserve when reserve.Bytes > space.ReservedFor(reserve.Upload) && space.IsOverdue(now) => No.SoftLimitOverdue,
        Reserve reserve when reserve.Bytes - space.ReservedFor(reserve.Upload) > space.FreeBytes => No.Exceeded,
        Reserve reserve => new Reserved(reserve.Upload, reserve.Bytes, reserve.Until)
        {
            After = Reserving(space, reserve.Upload, reserve.Bytes),
        },

        Release release when !space.Reservations.ContainsKey(release.Upload) => Decision<QuotaEvent>.AlreadySo,
        Release release => new Released(release.Upload, space.ReservedFor(release.Upload))
        {
            After = Reserving(space, release.Upload, 0),
        },

        Charge charge when space.Holds(charge.File, charge.Upload) => Decision<QuotaEvent>.AlreadySo,
        Charge charge when space.IsFull(charge.File) => No.TooManyFiles,
        Charge charge when charge.Bytes > space.Rules.MaxFileBytes => No.FileTooLarge,
        Charge charge when !charge.WasBegun && charge.Bytes > space.ReservedFor(charge.Upload) && space.IsOverdue(now) => No.SoftLimitOverdue,
        Charge charge when charge.Bytes - space.ReservedFor(charge.Upload) > space.FreeBytes => No.Exceeded,
        Charge charge => new Charged(charge.Upload, charge.File, charge.Bytes)
        {
            After = Reserving(space, charge.Upload, 0) with
            {
                UsedBytes = space.Balance.UsedBytes + charge.Bytes,
                Files = space.Balance.Files + (space.Files.ContainsKey(charge.File) ? 0 : 1),
            },
        },

        Reuse reuse when space.Holds(reuse.File, reuse.Upload) => Decision<QuotaEvent>.AlreadySo,
        Reuse reuse when space.IsFull(reuse.File) => No.TooManyFiles,
        Reuse reuse when reuse.Bytes > space.Rules.MaxFileBytes => No.FileTooLarge,
        Reuse reuse when space.Of(reuse.With.File, reuse.With.Upload) is not { IsGivenUp: false } with || with.SizeBytes != reuse.Bytes => No.NotHeld,
        Reuse reuse => new Shared(
            reuse.Upload, reuse.File, reuse.Bytes, space.Of(reuse.With.File, reuse.With.Upload)!.Stored, reuse.With.File)
        {
            After = Reserving(space, reuse.Upload, 0) with
            {
                Files = space.Balance.Files + (space.Files.ContainsKey(reuse.File) ? 0 : 1),
            },
        },

        GiveUp give when Wanted(space, give) is { IsEmpty: true } => Decision<QuotaEvent>.AlreadySo,
        GiveUp give => GivingUp(space, give.File, Wanted(space, give)),

        Compress compress when !space.IsNeeded(compress.Stored, compress.File, compress.Stored) => No.NotHeld,
        Compress compress when space.Compressed.GetValueOrDefault(compress.Stored) is { } form
            && form == new CompressedForm(compress.PlainBytes, compress.StoredBytes) => Decision<QuotaEvent>.AlreadySo,
        Compress compress => new Compressed(compress.Stored, compress.File, compress.PlainBytes, compress.StoredBytes)
        {
            After = space.Balance,
        },

        FreeUpload free when !space.Holds(free.File, free.Upload) => Decision<QuotaEvent>.AlreadySo,
        FreeUpload free when IsShared(space, free.File, free.Upload) => Both(
            space, GivingUp(space, free.File, [free.Upload]), left => FreeingUpload(left, free)),
        FreeUpload free => FreeingUpload(space, free),

        Free free when !space.Files.ContainsKey(free.File) => Decision<QuotaEvent>.AlreadySo,
        Free free when space.Files[free.File].Keys.Any(upload => IsShared(space, free.File, upload)) => Both(
            space, GivingUp(space, free.File, Wanted(space, new GiveUp(free.File, null))), left => Freeing(left, free)),
        Free free => Freeing(space, free),

        _ => throw new UnreachableException(),
    };

    // Whatever made it rise, and whoever lowered the limit.
    private static IEnumerable<QuotaEvent> Warnings(QuotaState before, QuotaState space, DateTimeOffset now)
    {
        if (QuotaFigures.Percent(space.Balance) is var percent && percent > QuotaFigures.Percent(before.Balance))
            yield return new LevelReached(percent) { After = space.Balance };
        if (space.Balance.UsedBytes > space.Rules.SoftLimitBytes && space.GraceUntil is null)
            yield return new SoftLimitPassed(now + Grace) { After = space.Balance };
    }

    private static UploadFreed FreeingUpload(QuotaState space, FreeUpload free)
    {
        var bytes = space.Of(free.File, free.Upload)!.ChargedBytes;
        return new UploadFreed(free.Upload, free.File, bytes)
        {
            After = space.Balance with { UsedBytes = space.Balance.UsedBytes - bytes },
        };
    }

    private static Freed Freeing(QuotaState space, Free free) => new(free.File, space.HeldBy(free.File))
    {
        After = space.Balance with
        {
            UsedBytes = space.Balance.UsedBytes - space.HeldBy(free.File),
            Files = space.Balance.Files - 1,
        },
    };

    // What others go on having, the one of them takes over that has had it for longest: so what is used stays the same.
    private static GivenUp GivingUp(QuotaState space, FileId file, ImmutableArray<UploadId> uploads) => new(
        file, uploads,
        [
            .. from upload in uploads
               let source = space.Of(file, upload)!
               where source.IsCharged && space.Holders.ContainsKey(source.Stored)
               let heir = space.Holders[source.Stored].FirstOrDefault(one => one.File != file || !uploads.Contains(one.Upload))
               where heir is not null
               select new MovedCharge(source.Stored, heir.File, heir.Upload, source.SizeBytes),
        ])
    {
        After = space.Balance,
    };

    private static ImmutableArray<UploadId> Wanted(QuotaState space, GiveUp give) =>
    [
        .. from source in space.Files.GetValueOrDefault(give.File, ImmutableDictionary<UploadId, Source>.Empty)
           where !source.Value.IsGivenUp && (give.Only is null || give.Only == source.Key)
           orderby source.Key.Value
           select source.Key,
    ];

    private static bool IsShared(QuotaState space, FileId file, UploadId upload) =>
        space.Of(file, upload) is { IsGivenUp: false } source && space.Holders.ContainsKey(source.Stored);

    private static QuotaEvent[] Both(QuotaState space, QuotaEvent first, Func<QuotaState, QuotaEvent> second) =>
        [first, second(Evolve(space, first))];

    private static Balance Reserving(QuotaState space, UploadId upload, long bytes) => space.Balance with
    {
        ReservedBytes = space.Balance.ReservedBytes - space.ReservedFor(upload) + bytes,
    };

    private static QuotaState Evolve(QuotaState space, QuotaEvent happened)
    {
        var after = Counted(space, Sources(space, happened), FileOf(happened)) with { Balance = happened.After };
        return after with
        {
            GraceUntil = happened is SoftLimitPassed passed ? passed.Until
                : happened.After.UsedBytes > after.Rules.SoftLimitBytes ? space.GraceUntil : null,
        };
    }

    // Only of the file that it is about there are other bytes than before, or other ones that are needed.
    private static QuotaState Counted(QuotaState before, QuotaState after, FileId? about) => about is not { } file ? after : after with
    {
        HeldBytes = before.HeldBytes + Of(after, file, _ => true) - Of(before, file, _ => true),
        GivenUpBytes = before.GivenUpBytes + Of(after, file, source => source.IsGivenUp) - Of(before, file, source => source.IsGivenUp),
    };

    private static long Of(QuotaState space, FileId file, Func<Source, bool> which) =>
        space.Files.GetValueOrDefault(file)?.Values.Where(which).Sum(source => source.SizeBytes) ?? 0;

    private static FileId? FileOf(QuotaEvent happened) => happened switch
    {
        Charged charged => charged.File,
        Shared shared => shared.File,
        GivenUp given => given.File,
        UploadFreed freed => freed.File,
        Freed freed => freed.File,
        _ => null,
    };

    private static QuotaState Sources(QuotaState space, QuotaEvent happened) => happened switch
    {
        LevelReached or SoftLimitPassed or Corrected => space,
        LimitSet set => space with { LimitBytes = set.LimitBytes },
        RulesSet rules => space with { Rules = new(rules.SoftLimitBytes, rules.MaxFiles, rules.MaxFileBytes) },
        Reserved reserved => space with { Reservations = space.Reservations.SetItem(reserved.Upload, reserved.Bytes) },
        Released released => space with { Reservations = space.Reservations.Remove(released.Upload) },
        Charged charged => space with
        {
            Reservations = space.Reservations.Remove(charged.Upload),
            Files = space.Files.SetItem(
                charged.File,
                space.Files.GetValueOrDefault(charged.File, ImmutableDictionary<UploadId, Source>.Empty)
                    .SetItem(charged.Upload, new Source(charged.Bytes, charged.Upload, IsCharged: true, IsGivenUp: false))),
        },
        Shared shared => space with
        {
            Reservations = space.Reservations.Remove(shared.Upload),
            Files = space.Files.SetItem(
                shared.File,
                space.Files.GetValueOrDefault(shared.File, ImmutableDictionary<UploadId, Source>.Empty)
                    .SetItem(shared.Upload, new Source(shared.Bytes, shared.Stored, IsCharged: false, IsGivenUp: false))),
            // Whoever was the first to share it found it with the upload that brought it.
            Holders = space.Holders.SetItem(
                shared.Stored,
                space.Holders.GetValueOrDefault(shared.Stored, [new Holder(shared.With, shared.Stored)])
                    .Add(new Holder(shared.File, shared.Upload))),
        },
        GivenUp given => given.Moved.Aggregate(
            given.Uploads.Aggregate(space, (left, upload) => Without(left, given.File, upload, given.Moved)),
            (left, moved) => With(left, moved.File, moved.Upload, source => source with { IsCharged = true })),
        // The current version's bytes are not freed by themselves: the file stays.
        UploadFreed freed => space with
        {
            Files = space.Files.SetItem(freed.File, space.Files[freed.File].Remove(freed.Upload)),
            Compressed = Left(space, space.Of(freed.File, freed.Upload)),
        },
        Freed freed => space with
        {
            Files = space.Files.Remove(freed.File),
            Compressed = Left(space, [.. space.Files[freed.File].Values]),
        },
        Compressed small => space with
        {
            Compressed = space.Compressed.SetItem(small.Stored, new CompressedForm(small.PlainBytes, small.StoredBytes)),
        },
        _ => throw new UnreachableException(),
    };

    // Bytes are gone when the one goes that takes up the space: as long as others have them, one of those does.
    private static ImmutableDictionary<UploadId, CompressedForm> Left(QuotaState space, params IReadOnlyList<Source?> gone) =>
        space.Compressed.IsEmpty
            ? space.Compressed
            : space.Compressed.RemoveRange(gone.OfType<Source>().Where(source => source.IsCharged).Select(source => source.Stored));

    private static QuotaState Without(QuotaState space, FileId file, UploadId upload, ImmutableArray<MovedCharge> moved)
    {
        var stored = space.Of(file, upload)!.Stored;
        var left = With(space, file, upload, source => source with
        {
            IsGivenUp = true,
            IsCharged = source.IsCharged && !moved.Any(one => one.Stored == stored),
        });
        if (!left.Holders.TryGetValue(stored, out var all))
            return left;
        all = all.Remove(new Holder(file, upload));
        return left with { Holders = all.IsEmpty ? left.Holders.Remove(stored) : left.Holders.SetItem(stored, all) };
    }

    private static QuotaState With(QuotaState space, FileId file, UploadId upload, Func<Source, Source> change) => space with
    {
        Files = space.Files.SetItem(file, space.Files[file].SetItem(upload, change(space.Files[file][upload]))),
    };
}

public static class QuotaRejection
{
    public static readonly Rejection Exceeded = AllowanceRejection.Exceeded;

    public static readonly Rejection TooManyFiles = AllowanceRejection.TooManyFiles;

    public static readonly Rejection FileTooLarge = AllowanceRejection.FileTooLarge;

    public static readonly Rejection SoftLimitOverdue = AllowanceRejection.SoftLimitOverdue;

    public static readonly Rejection SoftAboveLimit = AllowanceRejection.SoftAboveLimit;

    public static readonly Rejection NotHeld = new(
        "quota.not-held", RejectionKind.Conflict, "Nobody has these bytes any more.");

    public static readonly Rejection NegativeLimit = AllowanceRejection.NegativeLimit;

    public static readonly Rejection AdministratorsOnly = new(
        "quota.administrators-only", RejectionKind.Forbidden, "Only an administrator sees and sets limits of others.");

    public static readonly Rejection NoSuchAccount = new(
        "quota.no-such-account", RejectionKind.Missing, "There is no such account.");
}
