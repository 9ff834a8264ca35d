using EventFiles.Features.Handover;
using EventFiles.Features.Share;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people give to each other for good.</summary>
internal sealed class HandoverDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed is Deed.HandOver ? HandOver : null;

    private async Task HandOver(Random chance)
    {
        var (entry, owner) = chance.Next(3) == 0 && life.Folders.Any(chance) is { } folder
            ? (new HandedEntry(folder.Id.Value, IsFolder: true), folder.Owner)
            : life.Files.Any(chance) is { } file ? (new HandedEntry(file.Id.Value, IsFolder: false), file.Owner) : default;
        if (entry == default)
            return;
        var by = await life.Owner(owner, chance);
        if (entry.AsFile() is { } linked && chance.Next(2) == 0
            && await life.Ask(new CreateLink(by, linked, null, null, null, null)) is { } link)
            life.Links.Add(new SharedLink(link.Id, link.Token, null, owner));
        var other = life.People.Any(chance, person => person.Account != owner)!;
        var offered = await life.Ask(new OfferHandover(
            by, entry,
            chance.Next(6) switch { 0 => "nobody@example.org", 1 => by.Account.ToString(), 2 => other.Email, _ => other.Account.ToString() },
            chance.Next(2) == 0 ? (KeptRole)chance.Next(3) : null, chance.Next(8) == 0 ? life.Clock.GetUtcNow().AddMinutes(5) : null));
        if (offered is null)
            return;
        var to = await life.Owner(other.Account, chance);
        switch (chance.Next(6))
        {
            case 0:
                await life.Do(new DeclineHandover(to, offered.Id));
                break;
            case 1:
                await life.Do(new WithdrawHandover(by, offered.Id));
                break;
            default:
                if (await life.Ask(new AcceptHandover(to, offered.Id, null)) is not { } accepted)
                    break;
                if (accepted.FileId is { } handed)
                    life.Files.Add(new Thing<FileId>(handed, other.Account));
                else
                    life.Folders.Add(new Thing<FolderId>(accepted.FolderId!.Value, other.Account));
                break;
        }
    }
}
