using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Quota.QuotaCommand;
using static EventFiles.Features.Quota.QuotaEvent;
using No = EventFiles.Features.Quota.QuotaRejection;

namespace EventFiles.Features.Quota;

/// <summary>Every figure with its sources, so that each can be set or removed and never counted twice.</summary>
public sealed record QuotaState(
    Balance Balance,
    ImmutableDictionary<UploadId, long> Reservations,
    ImmutableDictionary<FileId, ImmutableDictionary<UploadId, long>> Files)
{
    public long FreeBytes => Balance.LimitBytes - Balance.UsedBytes - Balance.ReservedBytes;

    public long ReservedFor(UploadId upload) => Reservations.GetValueOrDefault(upload);

    public bool Holds(FileId file, UploadId upload) => Files.TryGetValue(file, out var versions) && versions.ContainsKey(upload);

    public long HeldBy(FileId file) => Files.TryGetValue(file, out var versions) ? versions.Values.Sum() : 0;
}

public static class QuotaDecider
{
    /// <summary>What an account may hold until an administrator says otherwise: 10 GiB.</summary>
    public const long DefaultLimitBytes = 10L << 30;

    public static readonly Decider<QuotaCommand, QuotaState, QuotaEvent> Decider = new(
        new QuotaState(
            new Balance(DefaultLimitBytes, 0, 0, 0),
            ImmutableDictionary<UploadId, long>.Empty,
            ImmutableDictionary<FileId, ImmutableDictionary<UploadId, long>>.Empty),
        Evolve, Decide)
    {
        Snapshots = new("quota", 1),
    };

    /// <summary>One owner's space is one stream: whoever adds to it waits for whoever was first.</summary>
    public static StreamId StreamOf(AccountId owner) => new($"quota-{owner}", owner);

    // Read from the top: the first row that matches is the rule. Whatever frees space is never refused.
    private static Decision<QuotaEvent> Decide(QuotaState space, QuotaCommand ask, DateTimeOffset now) => ask switch
    {
        SetLimit set when set.LimitBytes < 0 => No.NegativeLimit,
        SetLimit set when set.LimitBytes == space.Balance.LimitBytes => Decision<QuotaEvent>.AlreadySo,
        SetLimit set => new LimitSet(set.LimitBytes) { After = space.Balance with { LimitBytes = set.LimitBytes } },

        Reserve reserve when reserve.Bytes == space.ReservedFor(reserve.Upload) => Decision<QuotaEvent>.AlreadySo,
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
        Charge charge when charge.Bytes - space.ReservedFor(charge.Upload) > space.FreeBytes => No.Exceeded,
        Charge charge => new Charged(charge.Upload, charge.File, charge.Bytes)
        {
            After = Reserving(space, charge.Upload, 0) with
            {
                UsedBytes = space.Balance.UsedBytes + charge.Bytes,
                Files = space.Balance.Files + (space.Files.ContainsKey(charge.File) ? 0 : 1),
            },
        },

        FreeUpload free when !space.Holds(free.File, free.Upload) => Decision<QuotaEvent>.AlreadySo,
        FreeUpload free => new UploadFreed(free.Upload, free.File, space.Files[free.File][free.Upload])
        {
            After = space.Balance with { UsedBytes = space.Balance.UsedBytes - space.Files[free.File][free.Upload] },
        },

        Free free when !space.Files.ContainsKey(free.File) => Decision<QuotaEvent>.AlreadySo,
        Free free => new Freed(free.File, space.HeldBy(free.File))
        {
            After = space.Balance with
            {
                UsedBytes = space.Balance.UsedBytes - space.HeldBy(free.File),
                Files = space.Balance.Files - 1,
            },
        },

        _ => throw new UnreachableException(),
    };

    private static Balance Reserving(QuotaState space, UploadId upload, long bytes) => space.Balance with
    {
        ReservedBytes = space.Balance.ReservedBytes - space.ReservedFor(upload) + bytes,
    };

    private static QuotaState Evolve(QuotaState space, QuotaEvent happened) => Sources(space, happened) with
    {
        Balance = happened.After,
    };

    private static QuotaState Sources(QuotaState space, QuotaEvent happened) => happened switch
    {
        LimitSet => space,
        Reserved reserved => space with { Reservations = space.Reservations.SetItem(reserved.Upload, reserved.Bytes) },
        Released released => space with { Reservations = space.Reservations.Remove(released.Upload) },
        Charged charged => space with
        {
            Reservations = space.Reservations.Remove(charged.Upload),
            Files = space.Files.SetItem(
                charged.File,
                space.Files.GetValueOrDefault(charged.File, ImmutableDictionary<UploadId, long>.Empty)
                    .SetItem(charged.Upload, charged.Bytes)),
        },
        // The current version's bytes are not freed by themselves: the file stays.
        UploadFreed freed => space with
        {
            Files = space.Files.SetItem(freed.File, space.Files[freed.File].Remove(freed.Upload)),
        },
        Freed freed => space with { Files = space.Files.Remove(freed.File) },
        _ => throw new UnreachableException(),
    };
}

public static class QuotaRejection
{
    public static readonly Rejection Exceeded = AllowanceRejection.Exceeded;

    public static readonly Rejection NegativeLimit = new(
        "quota.negative-limit", RejectionKind.Invalid, "A limit is zero or more bytes.");

    public static readonly Rejection AdministratorsOnly = new(
        "quota.administrators-only", RejectionKind.Forbidden, "Only an administrator sets limits.");

    public static readonly Rejection NoSuchAccount = new(
        "quota.no-such-account", RejectionKind.Missing, "There is no such account.");
}
