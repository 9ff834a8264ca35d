using EventFiles.Features.Delete;
using EventFiles.Features.Folders;
using EventFiles.Features.Groups;
using EventFiles.Features.Upload;
using OpenSpace = EventFiles.Features.Groups.OpenSpace;
using Placement = EventFiles.Features.Upload.Placement;

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
        Deed.UseSpace => Space,
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
        // The owner seldom, who is in it anyway.
        var person = chance.Next(8) == 0 ? life.People.Any(chance)! : life.People.Any(chance, one => one.Account != group.Owner)!;
        switch (chance.Next(6))
        {
            case 0:
                await life.Do(new RenameGroup(by, group.Id, $"Group {chance.Next(100)}"));
                break;
            case 1:
                await Admit();
                await life.Do(new DismissMember(by, group.Id, person.Account.Value));
                break;
            case 2 or 3:
                await Nest();
                break;
            default:
                await Admit();
                break;
        }

        // Another group of the same owner's mostly, or a new one.
        async Task Nest()
        {
            var inner = chance.Next(3) == 0 ? null : life.Groups.Any(chance, other => other != group && other.Owner == group.Owner);
            if (inner is null || inner == group)
            {
                if (await life.Ask(new CreateGroup(by, "Within")) is not { } made)
                    return;
                life.Groups.Add(inner = new Thing<GroupId>(made.Id, by.Account));
            }

            await life.Do(new AdmitMember(by, group.Id, inner.Id.ToString(), false));
            if (chance.Next(3) > 0)
                await life.Do(new DismissMember(by, group.Id, inner.Id.Value));
        }

        Task<bool> Admit() => life.Do(new AdmitMember(by, group.Id, person.Email, chance.Next(2) == 0));
    }

    // Opened, used and limited by chance; closed mostly in vain.
    private async Task Space(Random chance)
    {
        if (life.Groups.Any(chance) is not { } group)
            return;
        var root = FolderId.RootOf(AccountId.SpaceOf(group.Id));
        var limits = new AllowedSpace(chance.Next(2) == 0 ? 2000 : 1 << 20, null, chance.Next(3) == 0 ? 2 : null, null);
        if (!await life.Do(new OpenSpace(life.Operator, group.Id, Names.Any(chance), limits)))
        {
            switch (chance.Next(4))
            {
                case 0:
                    await life.Do(new ChangeSpace(life.Operator, group.Id, Names.Any(chance), limits));
                    break;
                case 1:
                    await life.Do(new EmptyTrash(await life.Owner(group.Owner, chance)) { Space = group.Id });
                    break;
                case 2:
                    await life.Do(new CloseSpace(life.Operator, group.Id));
                    break;
            }
        }
        else if (chance.Next(4) == 0)
        {
            await life.Do(new ChangeSpace(life.Operator, group.Id, $"Space {chance.Next(100)}", limits));
            await life.Do(new CloseSpace(life.Operator, group.Id));
            return;
        }

        var by = await life.Owner(group.Owner, chance);
        life.Destinations.Add(new Destination(by.Account, root, Names.Any(chance)));
        if (await life.Ask(new CreateFolder(by, Names.Any(chance), root)) is { } folder)
            life.Folders.Add(new Thing<FolderId>(folder.Id, group.Owner));
        var content = Contents.Any(chance);
        var where = new Placement(root, NameConflict.Rename);
        if (await life.Ask(new ReceiveFile(
                by, Names.Any(chance), null, where, new MemoryStream(content), content.Length,
                _ => Task.FromResult<Answer<Placement>>(where))) is { } kept)
            life.Files.Add(new Thing<FileId>(kept.File.Id, group.Owner));
    }

    private async Task End(Random chance)
    {
        if (life.Groups.Any(chance) is { } group && await life.Do(new DeleteGroup(await life.Owner(group.Owner, chance), group.Id)))
            life.Groups.Remove(group);
    }
}
