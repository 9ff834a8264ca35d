using System.Diagnostics;
using static EventFiles.Features.Groups.SpaceCommand;
using static EventFiles.Features.Groups.SpaceEvent;
using No = EventFiles.Features.Groups.SpaceRejection;

namespace EventFiles.Features.Groups;

/// <summary>The space of one group.</summary>
/// <param name="Exists">It is open.</param>
/// <param name="WasOpened">It is or was.</param>
public sealed record SpaceState(GroupId Group, bool Exists, bool WasOpened, string Name);

public static class SpaceDecider
{
    public static readonly Decider<SpaceCommand, SpaceState, SpaceEvent> Decider = new(
        new SpaceState(default, Exists: false, WasOpened: false, ""), Evolve, Decide);

    /// <summary>A space is its own tenant, so that it stays when whoever made the group is gone.</summary>
    public static StreamId StreamOf(AccountId space) => new($"space-{space}", space);

    // Read from the top: the first row that matches is the rule. That it is empty is made sure before it is closed.
    private static Decision<SpaceEvent> Decide(SpaceState space, SpaceCommand ask, DateTimeOffset now) => ask switch
    {
        Open when space.Exists => No.Exists,
        Open open => new Opened(open.Group, open.Name),

        Close when !space.Exists => Decision<SpaceEvent>.AlreadySo,
        _ when !space.Exists => No.NoSpace,

        Rename rename when rename.Name == space.Name => Decision<SpaceEvent>.AlreadySo,
        Rename rename => new Renamed(space.Group, rename.Name),

        Close => new Closed(space.Group),

        _ => throw new UnreachableException(),
    };

    private static SpaceState Evolve(SpaceState space, SpaceEvent happened) => happened switch
    {
        Opened opened => new SpaceState(opened.Group, Exists: true, WasOpened: true, opened.Name),
        Renamed renamed => space with { Name = renamed.Name },
        Closed => space with { Exists = false },
        _ => throw new UnreachableException(),
    };
}

public static class SpaceRejection
{
    public static readonly Rejection AdministratorsOnly = new(
        "groups.administrators-only", RejectionKind.Forbidden, "Only administrators open, limit and close spaces of groups.");

    public static readonly Rejection NoSpace = new(
        "groups.no-space", RejectionKind.Missing, "The group has no space.");

    public static readonly Rejection Exists = new(
        "groups.space-exists", RejectionKind.Conflict, "The group has a space already.");

    public static readonly Rejection InUse = new(
        "groups.space-in-use", RejectionKind.Conflict, "The group's space is not empty; what lies in its trash or is on its way counts as well.");
}
