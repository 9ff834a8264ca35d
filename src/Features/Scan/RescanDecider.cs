using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Scan.RescanCommand;
using static EventFiles.Features.Scan.RescanEvent;

namespace EventFiles.Features.Scan;

/// <summary>With what the scanner looks.</summary>
/// <param name="Seen">All that any scanner ever had: two that are not equally new must not take turns in being news.</param>
public sealed record RescanState(ImmutableHashSet<string> Seen);

public static class RescanDecider
{
    public static readonly Decider<RescanCommand, RescanState, RescanEvent> Decider = new(new RescanState([]), Evolve, Decide);

    /// <summary>All there is to say of it is one stream, and belongs to nobody.</summary>
    public static readonly StreamId Stream = new("rescan-00000000-0000-0000-0000-000000000000", default);

    private static Decision<RescanEvent> Decide(RescanState scanner, RescanCommand ask, DateTimeOffset now) => ask switch
    {
        SeeSignatures see when scanner.Seen.Contains(see.Signatures) => Decision<RescanEvent>.AlreadySo,
        SeeSignatures see => new SignaturesSeen(see.Signatures),
        // Each time it is wanted it is done.
        Order order => new Ordered(order.OnlyOlder),
        _ => throw new UnreachableException(),
    };

    private static RescanState Evolve(RescanState scanner, RescanEvent happened) => happened switch
    {
        SignaturesSeen seen => new RescanState(scanner.Seen.Add(seen.Signatures)),
        Ordered => scanner,
        _ => throw new UnreachableException(),
    };
}
