namespace EventFiles.Features.Groups;

/// <summary>Who belongs together. Stored for ever: add cases, never change one. The owner is the stream's tenant.</summary>
public abstract record GroupsEvent
{
    private GroupsEvent() { }

    /// <summary>It is there, with its owner alone.</summary>
    public sealed record Created(GroupId Group, [Personal] string Name) : GroupsEvent;

    /// <summary>It bears another name.</summary>
    public sealed record Renamed(GroupId Group, [Personal] string Name) : GroupsEvent;

    /// <summary>An account is in it, or is in it as something else than before.</summary>
    /// <param name="IsManager">They may change who is in it.</param>
    public sealed record Admitted(GroupId Group, AccountId Account, bool IsManager) : GroupsEvent;

    /// <summary>An account is in it no more: it left, or was asked to.</summary>
    public sealed record Left(GroupId Group, AccountId Account) : GroupsEvent;

    /// <summary>Whoever is in the inner group is in this one as well.</summary>
    public sealed record Nested(GroupId Group, GroupId Inner) : GroupsEvent;

    /// <summary>That is over.</summary>
    public sealed record Unnested(GroupId Group, GroupId Inner) : GroupsEvent;

    /// <summary>It is no more: what it was given counts for nobody.</summary>
    public sealed record Deleted(GroupId Group) : GroupsEvent;
}
