using static EventFiles.Features.Groups.SpaceEvent;

namespace EventFiles.Features.Groups;

/// <summary>A group's space, as it is kept for readers. How much is in it, its quota tells.</summary>
/// <param name="OpenedAt">When it was opened last.</param>
public sealed record SpaceView(GroupId Group, string Name, DateTimeOffset OpenedAt);

internal static class SpaceProjection
{
    /// <summary>By group id.</summary>
    public static Projection<SpaceView> Define() => new Projection<SpaceView>("spaces")
        .On<Opened>(opened => opened.Group.ToString(), (_, opened, happened) => new SpaceView(opened.Group, opened.Name, happened.At))
        .On<Renamed>(renamed => renamed.Group.ToString(), (view, renamed, _) => view is null ? null : view with { Name = renamed.Name })
        .On<Closed>(closed => closed.Group.ToString(), (_, _, _) => null);
}
