using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using static EventFiles.Features.Groups.GroupsCommand;
using static EventFiles.Features.Groups.GroupsEvent;
using No = EventFiles.Features.Groups.GroupsRejection;

namespace EventFiles.Features.Groups;

/// <summary>One group.</summary>
/// <param name="Members">Who is in it besides its owner, and whether they may change who is.</param>
public sealed record GroupsState(
    GroupId Id, bool Exists, string Name, ImmutableDictionary<AccountId, bool> Members,
    ImmutableHashSet<GroupId> Inner);

public static class GroupsDecider
{
    /// <summary>How many accounts, and how many groups, can be in a group: whoever asks for access loads it whole.</summary>
    public const int MaxMembers = 1000;

    /// <summary>The longest name, in UTF-8 bytes.</summary>
    public const int MaxNameBytes = 100;

    public static readonly Decider<GroupsCommand, GroupsState, GroupsEvent> Decider = new(
        new GroupsState(default, false, "", ImmutableDictionary<AccountId, bool>.Empty, []), Evolve, Decide);

    public static StreamId StreamOf(GroupId group, AccountId owner) => new($"group-{group}", owner);

    /// <summary>Why this cannot be a group's name, in one sentence; null when it can.</summary>
    public static string? Problem(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "A group's name has at least one visible character."
        : Encoding.UTF8.GetByteCount(name) > MaxNameBytes ? "A group's name has at most 100 bytes in UTF-8."
        : EntryName.Problem(name.Replace('/', '-').Replace('\\', '-')) is null ? null
        : "A group's name has no control, direction-changing or broken characters.";

    // Read from the top: the first row that matches is the rule. That who asks may is made sure before.
    private static Decision<GroupsEvent> Decide(GroupsState group, GroupsCommand ask, DateTimeOffset now) => ask switch
    {
        Create when group.Exists => Decision<GroupsEvent>.AlreadySo,
        Create create => new Created(create.Group, create.Name),

        Remove when !group.Exists => Decision<GroupsEvent>.AlreadySo,
        _ when !group.Exists => No.NoSuchGroup,

        Rename rename when rename.Name == group.Name => Decision<GroupsEvent>.AlreadySo,
        Rename rename => new Renamed(group.Id, rename.Name),

        Admit admit when group.Members.TryGetValue(admit.Account, out var manages) && manages == admit.IsManager =>
            Decision<GroupsEvent>.AlreadySo,
        Admit admit when !group.Members.ContainsKey(admit.Account) && group.Members.Count >= MaxMembers => No.TooMany,
        Admit admit => new Admitted(group.Id, admit.Account, admit.IsManager),

        Dismiss dismiss when !group.Members.ContainsKey(dismiss.Account) => Decision<GroupsEvent>.AlreadySo,
        Dismiss dismiss => new Left(group.Id, dismiss.Account),

        Nest nest when group.Inner.Contains(nest.Inner) => Decision<GroupsEvent>.AlreadySo,
        Nest nest when nest.Inner == group.Id || nest.HoldsOthers => No.NestedOnce,
        Nest when group.Inner.Count >= MaxMembers => No.TooMany,
        Nest nest => new Nested(group.Id, nest.Inner),

        Unnest unnest when !group.Inner.Contains(unnest.Inner) => Decision<GroupsEvent>.AlreadySo,
        Unnest unnest => new Unnested(group.Id, unnest.Inner),

        Remove => new Deleted(group.Id),

        _ => throw new UnreachableException(),
    };

    private static GroupsState Evolve(GroupsState group, GroupsEvent happened) => happened switch
    {
        Created created => group with { Id = created.Group, Exists = true, Name = created.Name },
        Renamed renamed => group with { Name = renamed.Name },
        Admitted admitted => group with { Members = group.Members.SetItem(admitted.Account, admitted.IsManager) },
        Left left => group with { Members = group.Members.Remove(left.Account) },
        Nested nested => group with { Inner = group.Inner.Add(nested.Inner) },
        Unnested unnested => group with { Inner = group.Inner.Remove(unnested.Inner) },
        Deleted => group with { Exists = false },
        _ => throw new UnreachableException(),
    };
}

public static class GroupsRejection
{
    /// <summary>There is none, or the caller is not in it: nobody can tell which.</summary>
    public static readonly Rejection NoSuchGroup = new(
        "groups.not-found", RejectionKind.Missing, "There is no such group.");

    public static readonly Rejection NotAllowed = new(
        "groups.not-allowed", RejectionKind.Forbidden, "Only its owner and its managers change who is in a group, and only its owner the group.");

    public static readonly Rejection NoSuchMember = new(
        "groups.no-such-member", RejectionKind.Invalid, "Nobody is known by that address or id.");

    public static readonly Rejection Owner = new(
        "groups.owner", RejectionKind.Conflict, "The owner is in the group as long as there is one.");

    public static readonly Rejection NestedOnce = new(
        "groups.nested-once", RejectionKind.Conflict, "A group that has groups in it is put into no other.");

    public static readonly Rejection TooMany = new(
        "groups.too-many", RejectionKind.Conflict, "A group has at most 1000 members and 1000 groups in it.");
}
