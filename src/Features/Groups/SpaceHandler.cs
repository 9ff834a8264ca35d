using MediatR;
using No = EventFiles.Features.Groups.SpaceRejection;

namespace EventFiles.Features.Groups;

/// <summary>Everything that makes spaces of groups change or tells of them.</summary>
internal sealed class SpaceHandler(
    IStreams streams, IReadModel<GroupView> groups, IReadModel<SpaceView> spaces, SpaceClosing closing, GroupKeepers keepers,
    IGroups register, IAllowance allowance, ISharing sharing, IAccounts accounts) :
    IRequestHandler<OpenSpace, Answer<SpaceReply>>,
    IRequestHandler<ChangeSpace, Answer<SpaceReply>>,
    IRequestHandler<CloseSpace, Answer<Done>>,
    IRequestHandler<ReadSpace, Answer<SpaceReply>>,
    IRequestHandler<ListSpaces, Answer<Page<SpaceReply>>>,
    IRequestHandler<ListAllGroups, Answer<Page<GroupOverview>>>
{
    // The group is looked at in the same transaction: it is not deleted meanwhile.
    public async Task<Answer<SpaceReply>> Handle(OpenSpace ask, CancellationToken cancellationToken)
    {
        var found = await Overseen(ask.By, ask.Group, cancellationToken);
        if (found is not Answer<GroupView>.Yes(var group, _))
            return found.Refusal!;
        var space = AccountId.SpaceOf(ask.Group);
        return await streams.Transact<SpaceReply>(async transaction =>
            !(await transaction.Load(GroupsDecider.StreamOf(group.Id, group.Owner), GroupsDecider.Decider)).Exists
                ? GroupsRejection.NoSuchGroup
            : (await transaction.Decide(
                    SpaceDecider.StreamOf(space), SpaceDecider.Decider, new SpaceCommand.Open(ask.Group, ask.Name!))
                ?? await allowance.Allot(transaction, space, ask.Limits)
                ?? await sharing.Lend(transaction, space, FolderId.RootOf(space), ask.Group)) is { } no
                ? no
            : Shown(ask.By, group, ask.Name!, transaction.Now, await allowance.Figures(transaction, space)), cancellationToken);
    }

    public async Task<Answer<SpaceReply>> Handle(ChangeSpace ask, CancellationToken cancellationToken)
    {
        var found = await Overseen(ask.By, ask.Group, cancellationToken);
        if (found is not Answer<GroupView>.Yes(var group, _))
            return found.Refusal!;
        if (await spaces.Find(ask.Group.ToString(), cancellationToken) is not { } view)
            return No.NoSpace;
        var space = AccountId.SpaceOf(ask.Group);
        return await streams.Transact<SpaceReply>(async transaction =>
            (await transaction.Decide(SpaceDecider.StreamOf(space), SpaceDecider.Decider, new SpaceCommand.Rename(ask.Name!))
                ?? await allowance.Allot(transaction, space, ask.Limits)) is { } no
                ? no
            : Shown(ask.By, group, ask.Name!, view.OpenedAt, await allowance.Figures(transaction, space)), cancellationToken);
    }

    public async Task<Answer<Done>> Handle(CloseSpace ask, CancellationToken cancellationToken)
    {
        var found = await Overseen(ask.By, ask.Group, cancellationToken);
        if (found.Refusal is { } refused)
            return refused;
        if (await spaces.Find(ask.Group.ToString(), cancellationToken) is null)
            return No.NoSpace;
        return await closing.HasFolders(ask.Group, cancellationToken) ? No.InUse
            : await streams.Transact<Done>(
                async transaction => await closing.Close(transaction, ask.Group) is { } no ? no : new Done(), cancellationToken);
    }

    public async Task<Answer<SpaceReply>> Handle(ReadSpace ask, CancellationToken cancellationToken) =>
        await groups.Find(ask.Group.ToString(), cancellationToken) is not { } group
        || !await register.Has(ask.Group, ask.By.Account, cancellationToken) ? GroupsRejection.NoSuchGroup
        : await Shown(ask.By, group, cancellationToken) is { } space ? space
        : No.NoSpace;

    // Somebody is in few groups.
    public async Task<Answer<Page<SpaceReply>>> Handle(ListSpaces ask, CancellationToken cancellationToken)
    {
        var mine = await register.Of(ask.By.Account, cancellationToken);
        var found = await Task.WhenAll(mine.Select(async id =>
            await groups.Find(id.ToString(), cancellationToken) is { } group ? await Shown(ask.By, group, cancellationToken) : null));
        return new Page<SpaceReply>([.. found.OfType<SpaceReply>()], null);
    }

    public async Task<Answer<Page<GroupOverview>>> Handle(ListAllGroups ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        var page = await groups.List(GroupsProjection.All, ask.Cursor, ask.Limit, descending: false, cancellationToken);
        return new Page<GroupOverview>(
            [.. await Task.WhenAll(page.Items.Select(group => Overview(ask.By, group, cancellationToken)))], page.NextCursor);
    }

    private async Task<Answer<GroupView>> Overseen(Caller by, GroupId group, CancellationToken cancel) =>
        !by.IsAdministrator ? No.AdministratorsOnly
        : await groups.Find(group.ToString(), cancel) is { } view ? view
        : GroupsRejection.NoSuchGroup;

    private async Task<GroupOverview> Overview(Caller by, GroupView group, CancellationToken cancel) => new(
        group.Id, group.Name, (await accounts.Find(group.Owner, cancel))?.Email, 1 + group.Members.Length + group.Inner.Length,
        await keepers.AreGone(group, cancel), group.CreatedAt, await Shown(by, group, cancel));

    private async Task<SpaceReply?> Shown(Caller by, GroupView group, CancellationToken cancel) =>
        await spaces.Find(group.Id.ToString(), cancel) is { } space
            ? Shown(by, group, space.Name, space.OpenedAt, await allowance.Figures(AccountId.SpaceOf(group.Id), cancel))
            : null;

    private static SpaceReply Shown(Caller by, GroupView group, string name, DateTimeOffset openedAt, SpaceFigures space) => new(
        group.Id, FolderId.RootOf(AccountId.SpaceOf(group.Id)), name, group.Name, group.IsManagedBy(by.Account), openedAt,
        space.Limits.LimitBytes, space.UsedBytes, space.ReservedBytes, space.Files, space.WarnedPercent, space.Limits.SoftLimitBytes,
        space.GraceUntil, space.Limits.MaxFiles, space.Limits.MaxFileBytes);
}

/// <summary>The end of a space: by itself, or with its group.</summary>
internal sealed class SpaceClosing(IFolders folders, IAllowance allowance, ISharing sharing)
{
    /// <summary>Whether there are folders in it, as views show them; what is in them counts in any case.</summary>
    public async Task<bool> HasFolders(GroupId group, CancellationToken cancel) =>
        (await folders.Children(FolderId.RootOf(AccountId.SpaceOf(group)), null, 1, cancel)).Items.Count > 0;

    /// <summary>Closes it if it is open and holds nothing, as this transaction sees it. Nothing is put into it from then on.</summary>
    public async Task<Rejection?> Close(ITransaction transaction, GroupId group)
    {
        var space = AccountId.SpaceOf(group);
        var stream = SpaceDecider.StreamOf(space);
        if (!(await transaction.Load(stream, SpaceDecider.Decider)).Exists)
            return null;
        return await allowance.Withdraw(transaction, space) is not null ? No.InUse
            : await sharing.TakeBack(transaction, space, FolderId.RootOf(space), group)
                ?? await transaction.Decide(stream, SpaceDecider.Decider, new SpaceCommand.Close());
    }
}

/// <summary>Whoever decides who is in a group: its owner and its managers.</summary>
internal sealed class GroupKeepers(IAccounts accounts)
{
    /// <summary>Whether none of them is there any more.</summary>
    public async Task<bool> AreGone(GroupView group, CancellationToken cancel)
    {
        foreach (var keeper in group.Keepers)
        {
            if (await accounts.Find(keeper, cancel) is not null)
                return false;
        }

        return true;
    }
}
