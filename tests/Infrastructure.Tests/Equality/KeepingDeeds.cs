using EventFiles.Features.Accounts;
using EventFiles.Features.Audit;
using EventFiles.Features.Hold;
using EventFiles.Features.Retention;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What auditors hold, and how long owners let things stay.</summary>
internal sealed class KeepingDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.NameAuditor => NameAuditor,
        Deed.Audit => Audit,
        Deed.PlaceHold => PlaceHold,
        Deed.LiftHold => LiftHold,
        Deed.SetRetention => SetRetention,
        Deed.RemoveRetention => RemoveRetention,
        _ => null,
    };

    private async Task NameAuditor(Random chance)
    {
        var account = life.People.Any(chance)!.Account;
        if (await life.Do(new SetAuditor(life.Operator, account, true)) && chance.Next(2) == 0)
            await life.Do(new SetAuditor(life.Operator, account, false));
    }

    // As it comes from clients: something is refused, again and too often; and an auditor takes it along.
    private async Task Audit(Random chance)
    {
        var by = life.People.Any(chance)!;
        var (refusal, now) = (Guid.NewGuid(), life.Clock.GetUtcNow());
        var about = new RequestTarget(life.Files.Any(chance)?.Id, null, null);
        var log = life.Node.Get<IRefusalLog>();
        var refused = new RefusedRequest("DeleteFile", "files.not-allowed", by.Account, null, about, "192.0.2.1", null);
        if (await log.Record(refusal, refused, default) is Answer<StreamId>.Yes(var stream, _))
            await log.RecordAgain(refusal, stream, chance.Next(1, 9), now, default);
        await log.RecordCount(Guid.NewGuid(), by.Account, chance.Next(1, 9), now, now, default);
        var all = new TrailFilter(null, null, null, by.Account, null, null, null, null, null, null, null);
        await life.Ask(new ExportTrail(life.Operator with { IsAuditor = chance.Next(4) > 0 }, all, (TrailFormat)chance.Next(2)));
    }

    private async Task RemoveRetention(Random chance)
    {
        var by = await life.Somebody(chance);
        await life.Do(new RemoveRetention(by, Folder(by, chance)));
    }

    private async Task PlaceHold(Random chance)
    {
        var person = life.People.Any(chance)!;
        var (kind, target) = chance.Next(4) switch
        {
            0 => (HoldKind.Account, person.Account.Value),
            1 => (HoldKind.Folder, life.Folders.Any(chance)?.Id.Value ?? person.Account.Value),
            _ => (HoldKind.File, life.Files.Any(chance)?.Id.Value ?? Guid.Empty),
        };
        var by = chance.Next(5) == 0 ? await life.Somebody(chance) : life.Operator with { IsAuditor = true };
        if (await life.Ask(new PlaceHold(by, kind, target, $"case {chance.Next(9)}")) is { } placed)
            life.Holds.Add(placed);
    }

    private async Task LiftHold(Random chance)
    {
        if (life.Holds.Any(chance) is { } hold)
            await life.Do(new LiftHold(life.Operator with { IsAuditor = true }, hold.Id, "closed"));
    }

    private async Task SetRetention(Random chance)
    {
        var by = await life.Somebody(chance);
        int? Days(int most) => chance.Next(2) == 0 ? null : chance.Next(1, most);
        var folder = Folder(by, chance);
        var isSet = await life.Do(new SetRetention(by, folder, new RetentionRule(
            Days(40), (RetentionClock)chance.Next(2), Days(3), Days(4), Days(3), Days(20))));
        if (isSet && chance.Next(3) == 0)
            await life.Do(new RemoveRetention(by, folder));
    }

    private FolderId Folder(Caller by, Random chance) =>
        chance.Next(2) == 0 ? FolderId.RootOf(by.Account)
            : life.Folders.Any(chance, folder => folder.Owner == by.Account)?.Id ?? FolderId.RootOf(by.Account);
}
