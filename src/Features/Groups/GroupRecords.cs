namespace EventFiles.Features.Groups;

/// <summary>The groups that have a person. Others' groups are named by their owners, and so appear as ids, as all members do.</summary>
internal sealed class GroupRecords(IReadModel<GroupView> groups) : IPersonalRecords
{
    public string Name => "groups";

    public IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel) =>
        groups.All(GroupsProjection.Of(person), cancel).Select(group => (object)new
        {
            group.Id,
            group.Owner,
            Name = group.Owner == person ? group.Name : EventDetails.Withheld,
            group.CreatedAt,
            IsManager = group.IsManagedBy(person),
            Members = group.Owner == person ? group.Members.Select(member => member.Account).ToList() : null,
        });
}
