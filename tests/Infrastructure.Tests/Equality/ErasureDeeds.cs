using EventFiles.Features.Erasure;
using EventFiles.Features.Folders;
using EventFiles.Features.Hold;
using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>Who wants to be forgotten, and is; and files that are. It takes a while, and others go on meanwhile.</summary>
internal sealed class ErasureDeeds(Life life)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed == Deed.Erase ? Erase : null;

    private async Task Erase(Random chance)
    {
        await ErasePerson(chance);
        await EraseFile(chance);
    }

    // A file of somebody who stays: at once, or later and perhaps not after all; held or not. Others may have its content too.
    private async Task EraseFile(Random chance)
    {
        var (isAtOnce, regrets, isHeld) = (chance.Next(4) > 0, chance.Next(2) == 0, chance.Next(3) == 0);
        var person = await life.Register("somebody who stays");
        if (await life.SignIn(person) is not { By: var by } || await LeaveTraces(by, chance) is not { } file)
            return;
        var auditor = life.Operator with { IsAuditor = true };
        var hold = isHeld ? await life.Ask(new PlaceHold(auditor, HoldKind.File, file.Value, "a case")) : null;
        var who = chance.Next(3) == 0 ? life.Operator : by;
        var asked = await life.Ask(new EraseFile(who, file, ErasureGround.NoLongerNeeded, isAtOnce, null));
        if (asked is not null && !isAtOnce && regrets)
            await life.Do(new CancelErasure(by, asked.Erasure.Id));
        if (hold is null)
            return;
        if (asked is not null && isAtOnce)
            await Reaches(asked.Erasure.Id, ErasureStage.Held);
        await life.Do(new LiftHold(auditor, hold.Id, "closed"));
    }

    // Somebody who came, left traces with others, and goes: at once, or when a month is over.
    private async Task ErasePerson(Random chance)
    {
        var (regrets, when, isHeld) = (chance.Next(2) == 0, chance.Next(4), chance.Next(3) > 0);
        var person = await life.Register("somebody who goes");
        if (await life.SignIn(person) is not { By: var by })
            return;
        var file = await LeaveTraces(by, chance);
        if (regrets && await life.Ask(new EraseMe(by, person.Password, "192.0.2.1")) is { } regretted)
            await life.Do(new CancelErasure(chance.Next(2) == 0 ? by : life.Operator, regretted.Erasure.Id));
        switch (when)
        {
            case 0:
                life.People.Add(person);
                break;
            case 1:
                life.People.Add(person);
                await life.Do(new EraseMe(by, person.Password, "192.0.2.1"));
                break;
            default:
                await EraseAtOnce(person.Account, isHeld ? file : null);
                break;
        }
    }

    // What is held is waited for, until it is not any more.
    private async Task EraseAtOnce(AccountId account, FileId? held)
    {
        var auditor = life.Operator with { IsAuditor = true };
        var hold = held is { } file ? await life.Ask(new PlaceHold(auditor, HoldKind.File, file.Value, "a case")) : null;
        var asked = await life.Ask(new EraseAccount(life.Operator, account, ErasureGround.LegalObligation, Immediately: true, null));
        if (hold is null)
            return;
        if (asked is not null)
            await Reaches(asked.Erasure.Id, ErasureStage.Held);
        await life.Do(new LiftHold(auditor, hold.Id, "closed"));
    }

    private async Task<FileId?> LeaveTraces(Caller by, Random chance)
    {
        var content = Contents.Any(chance);
        var folder = await life.Ask(new CreateFolder(by, Names.Any(chance), null));
        var where = new Placement(folder?.Id, NameConflict.Rename);
        var made = await life.Ask(new ReceiveFile(
            by, Names.Any(chance), null, where, new MemoryStream(content), content.Length, _ => Task.FromResult<Answer<Placement>>(where)));
        if (made is null)
            return null;
        await life.Do(new GrantShare(by, made.File.Id, life.People.Any(chance)!.Email, ShareRole.Editor, null, false));
        return made.File.Id;
    }

    private async Task Reaches(ErasureId erasure, ErasureStage stage)
    {
        for (var since = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(since) < Patience;)
        {
            if (await life.Ask(new ReadErasure(life.Operator, null, erasure)) is { Status: var status } && status == stage)
                return;
            await Task.Delay(100, CancellationToken.None);
        }
    }
}
