using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Hold.HoldCommand;
using static EventFiles.Features.Hold.HoldEvent;
using No = EventFiles.Features.Hold.HoldsRejection;

namespace EventFiles.Features.Hold;

/// <summary>The holds over what one account owns.</summary>
/// <param name="Lifted">Those that stand no more.</param>
public sealed record HoldState(ImmutableDictionary<HoldId, HeldTarget> Standing, ImmutableHashSet<HoldId> Lifted)
{
    /// <summary>Those that stand over a target of that kind.</summary>
    public IEnumerable<HoldId> On(HoldKind kind, Guid target) =>
        Standing.Where(hold => hold.Value == new HeldTarget(kind, target)).Select(hold => hold.Key);

    public bool HasAny(HoldKind kind) => Standing.Values.Any(held => held.Kind == kind);
}

/// <summary>What a hold stands over.</summary>
public sealed record HeldTarget(HoldKind Kind, Guid Id);

public static class HoldDecider
{
    public static readonly Decider<HoldCommand, HoldState, HoldEvent> Decider = new(
        new HoldState(ImmutableDictionary<HoldId, HeldTarget>.Empty, []), Evolve, Decide);

    /// <summary>
    /// All holds over what one account owns are one stream: whoever deletes something of it loads this one, and of a
    /// deletion and a hold at once one finds out about the other.
    /// </summary>
    public static StreamId StreamOf(AccountId owner) => new($"hold-{owner}", owner);

    // Read from the top: the first row that matches is the rule. A target may have several: each is lifted by itself.
    private static Decision<HoldEvent> Decide(HoldState holds, HoldCommand ask, DateTimeOffset now) => ask switch
    {
        Place place when holds.Standing.ContainsKey(place.Hold) => Decision<HoldEvent>.AlreadySo,
        Place place => new Placed(place.Hold, place.Kind, place.Target, place.By, place.Reason),

        Lift lift when holds.Lifted.Contains(lift.Hold) => Decision<HoldEvent>.AlreadySo,
        Lift lift when !holds.Standing.ContainsKey(lift.Hold) => No.NoSuchHold,
        Lift lift => new Lifted(lift.Hold, lift.By, lift.Reason),

        _ => throw new UnreachableException(),
    };

    private static HoldState Evolve(HoldState holds, HoldEvent happened) => happened switch
    {
        Placed placed => holds with { Standing = holds.Standing.Add(placed.Hold, new HeldTarget(placed.Kind, placed.Target)) },
        Lifted lifted => new HoldState(holds.Standing.Remove(lifted.Hold), holds.Lifted.Add(lifted.Hold)),
        _ => throw new UnreachableException(),
    };
}

public static class HoldsRejection
{
    public static readonly Rejection AuditorsOnly = new(
        "hold.auditors-only", RejectionKind.Forbidden, "Only an auditor places, sees and lifts holds.");

    public static readonly Rejection NoSuchHold = new(
        "hold.no-such-hold", RejectionKind.Missing, "There is no such hold.");

    public static readonly Rejection NoSuchTarget = new(
        "hold.no-such-target", RejectionKind.Missing, "There is no such file, folder or account.");

    public static readonly Rejection TooLate = new(
        "hold.too-late", RejectionKind.Gone, "The file is deleted for good already, or being deleted.");
}
