using EventFiles.Features.Groups;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>Who belongs together.</summary>
internal sealed class GroupDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.MakeGroup => Make,
        Deed.Gather => Gather,
        Deed.EndGroup => End,
        _ => null,
    };

    private async Task Make(Random chance)
    {
        var by = await life.Somebody(chance);
        if (await life.Ask(new CreateGroup(by, $"Group {chance.Next(100)}")) is { } made)
            life.Groups.Add(new Thing<GroupId>(made.Id, by.Account));
    }

    private async Task Gather(Random chance)
    {
        if (life.Groups.Any(chance) is not { } group)
            return;
        var by = await life.Owner(group.Owner, chance);
        var (person, inner) = (life.People.Any(chance)!, life.Groups.Any(chance)!);
        switch (chance.Next(6))
        {
            case 0:
                await life.Do(new RenameGroup(by, group.Id, $"Group {chance.Next(100)}"));
                break;
            case 1:
                await Admit();
                await life.Do(new DismissMember(by, group.Id, person.Account.Value));
                break;
            case 2:
                await life.Do(new AdmitMember(by, group.Id, inner.Id.ToString(), false));
                if (chance.Next(2) == 0)
                    await life.Do(new DismissMember(by, group.Id, inner.Id.Value));
                break;
            default:
                await Admit();
                break;
        }

        Task<bool> Admit() => life.Do(new AdmitMember(by, group.Id, person.Email, chance.Next(2) == 0));
    }

    private async Task End(Random chance)
    {
        if (life.Groups.Any(chance) is { } group && await life.Do(new DeleteGroup(await life.Owner(group.Owner, chance), group.Id)))
            life.Groups.Remove(group);
    }
}
