using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people let each other have.</summary>
internal sealed class ShareDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.Share => Share,
        Deed.ShareFolder => ShareFolder,
        Deed.Unshare => Unshare,
        Deed.MakeLink => MakeLink,
        Deed.Lapse => Lapse,
        Deed.VisitLink => VisitLink,
        Deed.RevokeLink => RevokeLink,
        _ => null,
    };

    /// <summary>Somebody gets a new file for a while, and the while is over.</summary>
    private async Task Lapse(Random chance)
    {
        var (by, content, where) = (await life.Somebody(chance), Contents.Any(chance), new Placement(null, NameConflict.Rename));
        var made = await life.Ask(new ReceiveFile(
            by, Names.Any(chance), null, where, new MemoryStream(content), content.Length, _ => Task.FromResult<Answer<Placement>>(where)));
        if (made is null)
            return;
        var another = life.People.Any(chance, person => person.Account != by.Account)!;
        await life.Do(new GrantShare(by, made.File.Id, another.Account.ToString(), ShareRole.Viewer, life.Clock.GetUtcNow().AddMinutes(10), false));
        life.Clock.Leap(TimeSpan.FromMinutes(20));
    }

    private async Task Share(Random chance)
    {
        // A file that is shared already as often as not: the grant changes.
        if (chance.Next(2) == 0 && life.Shares.Any(chance) is { } again)
            await Share(again.On, again.Owner, chance, again.Whom);
        else if (life.Files.Any(chance) is { } file)
            await Share(file.Id, file.Owner, chance);
    }

    private async Task ShareFolder(Random chance)
    {
        if (life.Folders.Any(chance) is { } folder)
            await Share(folder.Id, folder.Owner, chance);
    }

    private async Task Share(ShareTarget on, AccountId owner, Random chance, string? before = null)
    {
        var grantee = chance.Next(8) == 0 ? life.People.Any(chance)! : life.People.Any(chance, person => person.Account != owner)!;
        var whom = before is not null && chance.Next(3) > 0 ? before
            : chance.Next(3) == 0 && life.Groups.Any(chance) is { } group ? group.Id.ToString()
            : chance.Next(2) == 0 ? grantee.Email : grantee.Account.ToString();
        var by = await life.Owner(owner, chance);
        var made = await life.Ask(new GrantShare(
            by, on, chance.Next(9) == 0 ? "nobody@example.org" : whom,
            (ShareRole)chance.Next(4), Until(chance), chance.Next(3) == 0));
        if (made is null)
            return;
        life.Shares.Add(new SharedThing(made.Id, on, owner, whom));
        // Whoever granted it thinks again.
        if (chance.Next(3) == 0)
            await life.Do(new GrantShare(by, on, whom, made.Role == ShareRole.Viewer ? ShareRole.Editor : ShareRole.Viewer, null, false));
    }

    private async Task Unshare(Random chance)
    {
        if (life.Shares.Any(chance) is { } share)
            await life.Do(new RevokeShare(await life.Somebody(chance), share.Id));
    }

    private async Task MakeLink(Random chance)
    {
        if (life.Files.Any(chance) is not { } file)
            return;
        var password = chance.Next(6) == 0 ? "open sesame" : null;
        var made = await life.Ask(new CreateLink(
            await life.Owner(file.Owner, chance), file.Id, password, Until(chance),
            chance.Next(2) == 0 ? chance.Next(0, 3) : null, null));
        if (made is not null)
            life.Links.Add(new SharedLink(made.Id, made.Token, password, file.Owner));
    }

    private async Task VisitLink(Random chance)
    {
        if (life.Links.Any(chance) is not { } link)
            return;
        var visit = new LinkVisit(link.Token, chance.Next(4) == 0 ? "a guess" : link.Password, "192.0.2.7");
        switch (chance.Next(5))
        {
            case 0:
                await life.Do(new ReadLink(visit));
                break;
            case 1:
                if (await life.Ask(new ReadLinkThumbnail(visit)) is { } small)
                    await small.Content.DisposeAsync();
                break;
            default:
                if (await life.Ask(new DownloadLink(visit, chance.Next(3) == 0 ? 1 : 0, null)) is { } whole)
                    await whole.Content.DisposeAsync();
                break;
        }
    }

    private async Task RevokeLink(Random chance)
    {
        if (life.Links.Any(chance) is { } link)
            await life.Do(new RevokeLink(await life.Owner(link.Owner, chance), link.Id));
    }

    private DateTimeOffset? Until(Random chance) => chance.Next(4) switch
    {
        0 => life.Clock.GetUtcNow().AddMinutes(chance.Next(-1, 30)),
        1 => life.Clock.GetUtcNow().AddDays(10),
        _ => null,
    };
}
