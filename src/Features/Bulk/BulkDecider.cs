using System.Diagnostics;
using static EventFiles.Features.Bulk.BulkCommand;
using static EventFiles.Features.Bulk.BulkEvent;

namespace EventFiles.Features.Bulk;

/// <summary>Whether all has been asked for.</summary>
public sealed record BulkState(bool HasEnded);

public static class BulkDecider
{
    public static readonly Decider<BulkCommand, BulkState, BulkEvent> Decider = new(
        new BulkState(false), (_, _) => new BulkState(true), Decide);

    public static StreamId StreamOf(Guid bulk, AccountId owner) => new($"bulk-{bulk}", owner);

    private static Decision<BulkEvent> Decide(BulkState bulk, BulkCommand ask, DateTimeOffset now) => ask switch
    {
        End when bulk.HasEnded => Decision<BulkEvent>.AlreadySo,
        End end => new Ended(end.Bulk, end.Verb, end.Items, end.Refused),
        _ => throw new UnreachableException(),
    };
}

public static class BulkRejection
{
    public static readonly Rejection NotWithThese = new(
        "bulk.not-with-these", RejectionKind.Invalid, "This cannot be done with an entry of that kind.");

    public static readonly Rejection NotNow = new(
        "bulk.not-now", RejectionKind.Away, "It could not be done now: ask for this entry again.");

    public static readonly Rejection Broken = new(
        "bulk.broken", RejectionKind.Broken, "Something broke while it was done, which has been logged. Asking for this entry again may help.");
}
