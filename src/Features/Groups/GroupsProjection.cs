using System.Collections.Immutable;
using System.Text.Json.Serialization;
using static EventFiles.Features.Groups.GroupsEvent;

namespace EventFiles.Features.Groups;

/// <summary>A group, as it is kept for readers.</summary>
/// <param name="Members">Besides its owner, by account.</param>
/// <param name="Inner">The groups in it.</param>
public sealed record GroupView(
    GroupId Id, AccountId Owner, string Name, DateTimeOffset CreatedAt, ImmutableArray<GroupMember> Members,
    ImmutableArray<GroupId> Inner)
{
    /// <summary>By itself, not through a group in it.</summary>
    public bool Has(AccountId account) => Owner == account || Members.Any(member => member.Account == account);

    public bool IsManagedBy(AccountId account) => Keepers.Contains(account);

    /// <summary>Its owner and its managers: they decide who is in it, and count as owner of what is in its space.</summary>
    [JsonIgnore]
    public IEnumerable<AccountId> Keepers => Members.Where(member => member.IsManager).Select(member => member.Account).Prepend(Owner);
}

/// <summary>Somebody in a group.</summary>
public sealed record GroupMember(AccountId Account, bool IsManager);

internal static class GroupsProjection
{
    /// <summary>All of them, by when they were made.</summary>
    public const string All = "groups";

    /// <summary>The groups that have an account, by when they were made.</summary>
    public static string Of(AccountId account) => $"groups-of:{account}";

    /// <summary>The groups that have a group in them.</summary>
    public static string Around(GroupId inner) => $"groups-around:{inner}";

    /// <summary>By group id.</summary>
    public static Projection<GroupView> Define() => new Projection<GroupView>("groups", version: 2)
        .On<Created>(created => created.Group.ToString(), (_, created, happened) =>
            new GroupView(created.Group, happened.Stream.Tenant, created.Name, happened.At, [], []))
        .On<Renamed>(renamed => renamed.Group.ToString(), (view, renamed, _) =>
            view is null ? null : view with { Name = renamed.Name })
        .On<Admitted>(admitted => admitted.Group.ToString(), (view, admitted, _) => view is null ? null : view with
        {
            Members = [.. Without(view, admitted.Account), new GroupMember(admitted.Account, admitted.IsManager)],
        })
        .On<Left>(left => left.Group.ToString(), (view, left, _) =>
            view is null ? null : view with { Members = Without(view, left.Account) })
        .On<Nested>(nested => nested.Group.ToString(), (view, nested, _) =>
            view is null ? null : view with { Inner = [.. view.Inner.Remove(nested.Inner), nested.Inner] })
        .On<Unnested>(unnested => unnested.Group.ToString(), (view, unnested, _) =>
            view is null ? null : view with { Inner = view.Inner.Remove(unnested.Inner) })
        .On<Deleted>(deleted => deleted.Group.ToString(), (_, _, _) => null)
        .Indexed(view =>
        [
            new IndexEntry(All, IndexEntry.Time(view.CreatedAt)),
            new IndexEntry(Of(view.Owner), IndexEntry.Time(view.CreatedAt)),
            .. view.Members.Where(member => member.Account != view.Owner)
                .Select(member => new IndexEntry(Of(member.Account), IndexEntry.Time(view.CreatedAt))),
            .. view.Inner.Select(inner => new IndexEntry(Around(inner), IndexEntry.Time(view.CreatedAt))),
        ]);

    private static ImmutableArray<GroupMember> Without(GroupView view, AccountId account) =>
        view.Members.RemoveAll(member => member.Account == account);
}
