namespace EventFiles.Features.Groups;

/// <summary>
/// What happened to a group's space. Stored for ever: add cases, never change one. The space itself is the stream's tenant;
/// what it may hold stands in its quota, and who may use it in a grant of its root.
/// </summary>
public abstract record SpaceEvent
{
    private SpaceEvent() { }

    /// <summary>The group has a space, with a root folder of this name.</summary>
    public sealed record Opened(GroupId Group, [Personal] string Name) : SpaceEvent;

    /// <summary>It bears another name.</summary>
    public sealed record Renamed(GroupId Group, [Personal] string Name) : SpaceEvent;

    /// <summary>It is no more; it was empty.</summary>
    public sealed record Closed(GroupId Group) : SpaceEvent;
}
