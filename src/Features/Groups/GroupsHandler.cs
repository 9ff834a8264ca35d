using MediatR;
using No = EventFiles.Features.Groups.GroupsRejection;

namespace EventFiles.Features.Groups;

/// <summary>Everything that makes groups change or tells of them.</summary>
internal sealed class GroupsHandler(
    IStreams streams, IReadModel<GroupView> views, IReadModel<SpaceView> spaces, IGroups groups, SpaceClosing closing,
    GroupKeepers keepers, IAccounts accounts, TimeProvider clock) :
    IRequestHandler<CreateGroup, Answer<GroupReply>>,
    IRequestHandler<ReadGroup, Answer<GroupReply>>,
    IRequestHandler<ListGroups, Answer<Page<GroupSummary>>>,
    IRequestHandler<RenameGroup, Answer<GroupReply>>,
    IRequestHandler<AdmitMember, Answer<GroupReply>>,
    IRequestHandler<DismissMember, Answer<Done>>,
    IRequestHandler<DeleteGroup, Answer<Done>>
{
    public Task<Answer<GroupReply>> Handle(CreateGroup ask, CancellationToken cancellationToken)
    {
        var group = NewId.Of<GroupId>(clock);
        return Change(ask.By, group, ask.By.Account, clock.GetUtcNow(), new GroupsCommand.Create(group, ask.Name!), cancellationToken);
    }

    public async Task<Answer<GroupReply>> Handle(ReadGroup ask, CancellationToken cancellationToken)
    {
        var found = await Known(ask.By, ask.Group, cancellationToken);
        return found is Answer<GroupView>.Yes(var view, _) ? await Shown(ask.By, view, cancellationToken) : found.Refusal!;
    }

    public async Task<Answer<Page<GroupSummary>>> Handle(ListGroups ask, CancellationToken cancellationToken) =>
        (await views.List(GroupsProjection.Of(ask.By.Account), ask.Cursor, ask.Limit, descending: false, cancellationToken))
        .Map(view => new GroupSummary(
            view.Id, view.Name, view.Owner == ask.By.Account, view.IsManagedBy(ask.By.Account),
            1 + view.Members.Length + view.Inner.Length, view.CreatedAt));

    public async Task<Answer<GroupReply>> Handle(RenameGroup ask, CancellationToken cancellationToken)
    {
        var found = await Managed(ask.By, ask.Group, ownerOnly: true, cancellationToken);
        return found is Answer<GroupView>.Yes(var view, _)
            ? await Change(ask.By, view.Id, view.Owner, view.CreatedAt, new GroupsCommand.Rename(ask.Name!), cancellationToken)
            : found.Refusal!;
    }

    public async Task<Answer<GroupReply>> Handle(AdmitMember ask, CancellationToken cancellationToken)
    {
        var found = await Admitting(ask.By, ask.Group, cancellationToken);
        if (found is not Answer<GroupView>.Yes(var view, _))
            return found.Refusal!;
        if (await Account(ask.Member!, cancellationToken) is { } account)
        {
            return account.Id == view.Owner ? No.Owner
                : await Change(
                    ask.By, view.Id, view.Owner, view.CreatedAt, new GroupsCommand.Admit(account.Id, ask.IsManager), cancellationToken);
        }

        // A group is known to those who are in it; to anybody else it is like none.
        return Guid.TryParse(ask.Member, out var id)
            && await views.Find(id.ToString(), cancellationToken) is { } inner && inner.Has(ask.By.Account)
                ? await Nest(ask.By, view, inner, cancellationToken)
                : No.NoSuchMember;
    }

    public async Task<Answer<Done>> Handle(DismissMember ask, CancellationToken cancellationToken)
    {
        var isLeaving = ask.Member == ask.By.Account.Value;
        var found = isLeaving
            ? await Known(ask.By, ask.Group, cancellationToken)
            : await Managed(ask.By, ask.Group, ownerOnly: false, cancellationToken);
        if (found is not Answer<GroupView>.Yes(var view, _))
            return found.Refusal!;
        if (ask.Member == view.Owner.Value)
            return No.Owner;
        GroupsCommand command = view.Inner.Contains(new GroupId(ask.Member))
            ? new GroupsCommand.Unnest(new GroupId(ask.Member))
            : new GroupsCommand.Dismiss(new AccountId(ask.Member));
        return await Decide(view, command, cancellationToken);
    }

    public async Task<Answer<Done>> Handle(DeleteGroup ask, CancellationToken cancellationToken)
    {
        var found = await Managed(ask.By, ask.Group, ownerOnly: true, cancellationToken);
        if (found is not Answer<GroupView>.Yes(var view, _))
            return found.Refusal!;
        if (await spaces.Find(ask.Group.ToString(), cancellationToken) is not null && await closing.HasFolders(ask.Group, cancellationToken))
            return SpaceRejection.InUse;
        return await streams.Transact<Done>(
            async transaction => (await closing.Close(transaction, ask.Group)
                ?? await transaction.Decide(
                    GroupsDecider.StreamOf(view.Id, view.Owner), GroupsDecider.Decider, new GroupsCommand.Remove())) is { } no
                ? no
                : new Done(),
            cancellationToken);
    }

    private async Task<Answer<GroupView>> Known(Caller by, GroupId group, CancellationToken cancel) =>
        await views.Find(group.ToString(), cancel) is { } view && await groups.Has(group, by.Account, cancel)
            ? view
            : No.NoSuchGroup;

    private async Task<Answer<GroupView>> Managed(Caller by, GroupId group, bool ownerOnly, CancellationToken cancel) =>
        await Known(by, group, cancel) switch
        {
            Answer<GroupView>.Yes(var view, _) when !(ownerOnly ? view.Owner == by.Account : view.IsManagedBy(by.Account)) => No.NotAllowed,
            var answer => answer,
        };

    // What is in a space must not be out of everybody's reach: when all who managed its group are gone, administrators say who does.
    private async Task<Answer<GroupView>> Admitting(Caller by, GroupId group, CancellationToken cancel) =>
        by.IsAdministrator && await views.Find(group.ToString(), cancel) is { } view
        && await spaces.Find(group.ToString(), cancel) is not null && await keepers.AreGone(view, cancel)
            ? view
            : await Managed(by, group, ownerOnly: false, cancel);

    private Task<AccountCard?> Account(string member, CancellationToken cancel) =>
        Guid.TryParse(member, out var id) ? accounts.Find(new AccountId(id), cancel) : accounts.FindByEmail(member, cancel);

    private Task<Answer<Done>> Decide(GroupView view, GroupsCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(
            async transaction => await transaction.Decide(
                GroupsDecider.StreamOf(view.Id, view.Owner), GroupsDecider.Decider, command) is { } no ? no : new Done(),
            cancel);

    private Task<Answer<GroupReply>> Change(
        Caller by, GroupId group, AccountId owner, DateTimeOffset createdAt, GroupsCommand command, CancellationToken cancel) =>
        streams.Transact<GroupReply>(
            async transaction =>
            {
                var stream = GroupsDecider.StreamOf(group, owner);
                return await transaction.Decide(stream, GroupsDecider.Decider, command) is { } no ? no
                    : await Shown(by, ViewOf(await transaction.Load(stream, GroupsDecider.Decider), group, owner, createdAt), cancel);
            },
            cancel);

    // The inner group is looked at in the same transaction: it gets no groups of its own meanwhile.
    private Task<Answer<GroupReply>> Nest(Caller by, GroupView outer, GroupView inner, CancellationToken cancel) =>
        streams.Transact<GroupReply>(
            async transaction =>
            {
                var other = await transaction.Load(GroupsDecider.StreamOf(inner.Id, inner.Owner), GroupsDecider.Decider);
                if (!other.Exists)
                    return No.NoSuchMember;
                var stream = GroupsDecider.StreamOf(outer.Id, outer.Owner);
                return await transaction.Decide(
                        stream, GroupsDecider.Decider, new GroupsCommand.Nest(inner.Id, HoldsOthers: !other.Inner.IsEmpty)) is { } no
                    ? no
                    : await Shown(
                        by,
                        ViewOf(await transaction.Load(stream, GroupsDecider.Decider), outer.Id, outer.Owner, outer.CreatedAt), cancel);
            },
            cancel);

    private static GroupView ViewOf(GroupsState state, GroupId group, AccountId owner, DateTimeOffset createdAt) => new(
        group, owner, state.Name, createdAt,
        [.. state.Members.OrderBy(member => member.Key.Value).Select(member => new GroupMember(member.Key, member.Value))],
        [.. state.Inner.OrderBy(inner => inner.Value)]);

    private async Task<GroupReply> Shown(Caller by, GroupView view, CancellationToken cancel)
    {
        var owner = await Shown(view.Owner, "owner", cancel);
        var members = await Task.WhenAll(view.Members.Select(
            member => Shown(member.Account, member.IsManager ? "manager" : "member", cancel)));
        var inner = await Task.WhenAll(view.Inner.Select(async group =>
            new MemberReply(group.Value, null, (await groups.Find(group, cancel))?.Name, "group")));
        return new GroupReply(
            view.Id, view.Name, view.Owner == by.Account, view.IsManagedBy(by.Account), view.CreatedAt, [owner, .. members, .. inner]);
    }

    private async Task<MemberReply> Shown(AccountId account, string role, CancellationToken cancel)
    {
        var card = await accounts.Find(account, cancel);
        return new MemberReply(account.Value, card?.Email, card?.DisplayName, role) { Avatar = card?.Avatar };
    }
}
