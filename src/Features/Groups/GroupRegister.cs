namespace EventFiles.Features.Groups;

/// <summary>Groups, as other slices ask for them.</summary>
internal sealed class GroupRegister(IReadModel<GroupView> views, IStreams streams) : IGroups
{
    public async Task<GroupCard?> Find(GroupId group, CancellationToken cancel) =>
        await views.Find(group.ToString(), cancel) is { } view ? new GroupCard(view.Id, view.Owner, view.Name) : null;

    // One level and no more: what is in a group of a group of a group is not in the outermost.
    public async Task<bool> Has(GroupId group, AccountId account, CancellationToken cancel)
    {
        if (await views.Find(group.ToString(), cancel) is not { } view)
            return false;
        if (view.Has(account))
            return true;
        var inner = await Task.WhenAll(view.Inner.Select(one => views.Find(one.ToString(), cancel)));
        return inner.Any(one => one?.Has(account) ?? false);
    }

    public async Task<IReadOnlyList<GroupId>> Of(AccountId account, CancellationToken cancel)
    {
        var own = await All(GroupsProjection.Of(account), cancel);
        var around = await Task.WhenAll(own.Select(group => All(GroupsProjection.Around(group), cancel)));
        return [.. own.Concat(around.SelectMany(group => group)).Distinct().OrderBy(group => group.Value)];
    }

    // The log knows it also of one that was closed, and of a group that is gone.
    public async Task<SpaceCard?> OfSpace(AccountId owner, CancellationToken cancel)
    {
        var space = await streams.Load(SpaceDecider.StreamOf(owner), SpaceDecider.Decider, cancel);
        return space.WasOpened
            ? new SpaceCard(space.Group, space.Name, (await views.Find(space.Group.ToString(), cancel))?.Keepers.ToList() ?? [])
            : null;
    }

    public async Task<bool> Manages(AccountId account, AccountId owner, CancellationToken cancel) =>
        await views.Find(owner.ToString(), cancel) is { } view && view.IsManagedBy(account);

    public async Task<IReadOnlyList<GroupMoment>> Past(IReadOnlyCollection<GroupId> groups, CancellationToken cancel)
    {
        var told = await Told(groups, cancel);
        var projection = GroupsProjection.Define();
        var then = new Dictionary<GroupId, GroupView>();
        var moments = new List<GroupMoment>();
        foreach (var happened in told)
        {
            var changed = new GroupId(Guid.Parse(projection.KeyOf(happened)!));
            if (projection.Fold(then.GetValueOrDefault(changed), happened) is GroupView view)
                then[changed] = view;
            else
                then.Remove(changed);
            moments.AddRange(groups
                .Where(group => group == changed || (then.GetValueOrDefault(group)?.Inner.Contains(changed) ?? false))
                .Select(group => new GroupMoment(
                    happened.Position, happened.At, group, Members(then, group), then.GetValueOrDefault(group)?.Keepers.ToHashSet() ?? [])));
        }

        return moments;
    }

    private static HashSet<AccountId> Members(Dictionary<GroupId, GroupView> then, GroupId group)
    {
        if (!then.TryGetValue(group, out var view))
            return [];
        GroupView[] all = [view, .. view.Inner.Where(then.ContainsKey).Select(inner => then[inner])];
        return [.. all.SelectMany(one => one.Members.Select(member => member.Account).Append(one.Owner))];
    }

    // Of the groups, and of those that were ever in one of them.
    private async Task<IReadOnlyList<RecordedEvent>> Told(IReadOnlyCollection<GroupId> groups, CancellationToken cancel)
    {
        var told = new List<RecordedEvent>();
        var inner = new HashSet<GroupId>();
        foreach (var group in groups)
        {
            await foreach (var happened in streams.Read(GroupsDecider.StreamOf(group, default).Name, 0, cancel))
            {
                told.Add(happened);
                if (happened.Fact is GroupsEvent.Nested nested)
                    inner.Add(nested.Inner);
            }
        }

        foreach (var group in inner.Except(groups))
        {
            await foreach (var happened in streams.Read(GroupsDecider.StreamOf(group, default).Name, 0, cancel))
                told.Add(happened);
        }

        return [.. told.OrderBy(happened => happened.Position)];
    }

    private async Task<IReadOnlyList<GroupId>> All(string index, CancellationToken cancel)
    {
        var found = new List<GroupId>();
        for (string? cursor = null; ;)
        {
            var page = await views.List(index, cursor, 1000, descending: false, cancel);
            found.AddRange(page.Items.Select(view => view.Id));
            if ((cursor = page.NextCursor) is null)
                return found;
        }
    }
}
