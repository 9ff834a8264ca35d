using System.Runtime.CompilerServices;

namespace EventFiles.Features.Groups;

/// <summary>Who is in a group that has a person: whoever may read the group is told of them there, too.</summary>
internal sealed class FellowMembers(IReadModel<GroupView> views, IGroups groups) : IAcquaintances
{
    public async IAsyncEnumerable<Acquaintance> Of(AccountId account, [EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var group in await groups.Of(account, cancel))
        {
            if (await views.Find(group.ToString(), cancel) is not { } view)
                continue;
            foreach (var member in view.Members.Select(member => member.Account).Prepend(view.Owner))
                yield return new Acquaintance(member, null);
        }
    }
}
