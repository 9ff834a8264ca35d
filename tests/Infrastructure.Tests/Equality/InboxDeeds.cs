using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people ask others to bring, and what is brought.</summary>
internal sealed class InboxDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.OpenInbox => Open,
        Deed.BringFile => Bring,
        Deed.CloseInbox => Close,
        _ => null,
    };

    private async Task Open(Random chance)
    {
        if (life.Folders.Any(chance) is not { } folder)
            return;
        var password = chance.Next(6) == 0 ? "open sesame" : null;
        var made = await life.Ask(new CreateInbox(
            await life.Owner(folder.Owner, chance), folder.Id, LinkAccess.Upload, chance.Next(2) == 0 ? "Your slides" : null, password,
            chance.Next(4) == 0 ? life.Clock.GetUtcNow().AddMinutes(chance.Next(-1, 30)) : null,
            chance.Next(3) == 0 ? chance.Next(0, 3) : null, chance.Next(4) == 0 ? chance.Next(0, 5_000) : null));
        if (made is not null)
            life.Inboxes.Add(new SharedLink(made.Id, made.Token, password, folder.Owner));
    }

    private async Task Bring(Random chance)
    {
        if (life.Inboxes.Any(chance) is not { } inbox)
            return;
        var content = Contents.Any(chance);
        var unsaid = Placement.Unsaid;
        await life.Do(new BringFile(
            new LinkVisit(inbox.Token, chance.Next(6) == 0 ? "a guess" : inbox.Password, "192.0.2.7"), Names.Any(chance), null,
            unsaid, new MemoryStream(content), chance.Next(2) == 0 ? content.Length : null,
            _ => Task.FromResult<Answer<Placement>>(unsaid)));
    }

    private async Task Close(Random chance)
    {
        if (life.Inboxes.Any(chance) is { } inbox)
            await life.Do(new RevokeLink(await life.Owner(inbox.Owner, chance), inbox.Id));
    }
}
