using MediatR;
using Microsoft.Extensions.Logging;
using static EventFiles.Features.Erasure.ErasureCommand;

namespace EventFiles.Features.Erasure;

/// <summary>
/// Takes the steps of an erasure, one after the other, as far as they go. Each is safe to repeat and its fact comes last:
/// after a crash the same step is taken again. Where something is not ready yet, the erasure's deadline comes again.
/// </summary>
internal sealed partial class ErasureStepHandler(
    IStreams streams, IReadModel<ErasureEntry> views, ErasureContent content, ErasureFile file, IAccounts accounts,
    IAccountEnd ending, IDeletion deletion, IPersonalTraces traces,
    IProjections projections, IMail mail, ErasureOptions options, TimeProvider clock, ILogger<ErasureStepHandler> log) :
    IRequestHandler<ContinueErasure, Answer<Done>>,
    IRequestHandler<ResumeErasures, Answer<Done>>
{
    // What is on its way out is gone soon, as a rule. What takes longer comes again.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(150);

    public async Task<Answer<Done>> Handle(ContinueErasure work, CancellationToken cancellationToken)
    {
        var stream = ErasureDecider.StreamOf(work.What);
        var since = clock.GetTimestamp();
        while (true)
        {
            var state = await streams.Load(stream, ErasureDecider.Decider, cancellationToken);
            if (state.Id != work.Erasure)
                return new Done();
            if (await Next(state, work, cancellationToken) is not { } step)
            {
                if (state.Stage is not (ErasureStage.Deleting or ErasureStage.Forgetting or ErasureStage.Verifying) || clock.GetElapsedTime(since) > Patience)
                    return new Done();
                await Task.Delay(Glance, clock, cancellationToken);
                continue;
            }

            KillPoint.Reach(work.File is null ? "erasure.step-done" : "erasure.file-step-done");
            var taken = await streams.Transact<Done>(async transaction =>
            {
                // A file that is gone is told of until this: a hold that came meanwhile wins.
                var decided = step is RecordFile && work.File is { } one && await file.IsHeld(transaction, work.Owner, one)
                    ? new RecordHold(work.Erasure, 1)
                    : step;
                var no = await transaction.Decide(stream, ErasureDecider.Decider, decided);
                if (no is null && step is Begin && await Began(transaction, stream))
                    no = await ending.Close(transaction, work.Owner);
                return no is null ? new Done() : no;
            }, cancellationToken);
            if (taken.Refusal is not null)
                return taken;
        }
    }

    public async Task<Answer<Done>> Handle(ResumeErasures ask, CancellationToken cancellationToken)
    {
        foreach (var subject in await traces.Destroyed(cancellationToken))
            await AskAgain(subject, cancellationToken);
        await foreach (var entry in Entries(ErasureProjection.Waiting, cancellationToken))
            await Handle(new ContinueErasure(entry.Id, entry.Subject, entry.Stage, entry.File), cancellationToken);
        // A law sets a time: what takes longer, whatever it waits for, is an operator's to look at.
        foreach (var index in (string[])[ErasureProjection.Due, ErasureProjection.Waiting])
        {
            await foreach (var entry in Entries(index, cancellationToken))
            {
                if (entry.Stage is not ErasureStage.Erased && entry.Deadline < clock.GetUtcNow())
                    LogOverdue(entry.Id, entry.Deadline, entry.Stage);
            }
        }

        return new Done();
    }

    private async IAsyncEnumerable<ErasureEntry> Entries(
        string index, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? cursor = null; ;)
        {
            var page = await views.List(index, cursor, 100, descending: false, cancel);
            foreach (var entry in page.Items)
                yield return entry;
            if ((cursor = page.NextCursor) is null)
                yield break;
        }
    }

    // The log is older than the erasure: it was put back to how it was before. Then all of it is done once more.
    private async Task AskAgain(ErasureSubject subject, CancellationToken cancel)
    {
        var stream = ErasureDecider.StreamOf(subject);
        if ((await streams.Load(stream, ErasureDecider.Decider, cancel)).Stage != ErasureStage.Cancelled
            || await OwnerNow(subject, cancel) is not { } owner)
            return;
        (subject, stream) = (subject with { Owner = owner }, ErasureDecider.StreamOf(subject with { Owner = owner }));
        var again = NewId.Of<ErasureId>(clock);
        await streams.Transact<Done>(async transaction =>
            await transaction.Decide(stream, ErasureDecider.Decider, new Request(
                again, subject.Owner, ErasureEntry.Journal, ErasureGround.LegalObligation, transaction.Now, transaction.Now + options.DoneWithin, "")
            {
                File = subject.File,
            }) is { } no
                ? no
                : new Done(), cancel);
    }

    // Of a file that had another owner then, that one's. Null when there is no such person or file.
    private async Task<AccountId?> OwnerNow(ErasureSubject subject, CancellationToken cancel) => subject.File is { } one
        ? (await deletion.Remains(one, cancel))?.Owner
        : (await accounts.Find(subject.Owner, cancel))?.Id;

    private static async Task<bool> Began(ITransaction transaction, StreamId stream) =>
        (await transaction.Load(stream, ErasureDecider.Decider)).Stage == ErasureStage.Deleting;

    // What the next step found or did; null when it is not its time.
    private async Task<ErasureCommand?> Next(ErasureState state, ContinueErasure work, CancellationToken cancel) => state.Stage switch
    {
        ErasureStage.Requested when state.BeginsAt <= clock.GetUtcNow() => work.File is { } one
            ? new BeginFile(work.Erasure, one, await file.Inventory(one, cancel), await file.Recipients(one, cancel))
            : new Begin(work.Erasure, await content.Inventory(work.Owner, cancel), await content.Recipients(work.Owner, cancel)),
        ErasureStage.Held or ErasureStage.Erased or ErasureStage.Done when state.ToIssue is { } stage =>
            new Issue(work.Erasure, stage, await Receipt(state, work, cancel)),
        ErasureStage.Deleting or ErasureStage.Held => await Delete(state, work, cancel),
        ErasureStage.Forgetting when IsTelling(state) => null,
        ErasureStage.Forgetting => await Forget(work, cancel),
        ErasureStage.Verifying => await Verify(work, cancel),
        ErasureStage.Erased when state.Era is { } era && await traces.EraDestroyedAt(era, cancel) is { } at =>
            new CloseCopies(work.Erasure, at),
        _ => null,
    };

    // With the private rows go the addresses of those who were invited: letters to them are on their way before.
    private bool IsTelling(ErasureState state) =>
        mail.IsOn && !state.Untold.IsEmpty && clock.GetUtcNow() < state.BeginsAt + options.TellWithin;

    private async Task<string> Receipt(ErasureState state, ContinueErasure work, CancellationToken cancel)
    {
        var told = await streams.Read(ErasureDecider.StreamOf(work.What).Name, 0, cancel).ToListAsync(cancel);
        var ends = state.Era is { } era ? await traces.EraEndsAt(era, cancel) : null;
        return ErasureReceipt.Of(work.Erasure, told, ends)!.ToText();
    }

    private async Task<ErasureCommand?> Delete(ErasureState state, ContinueErasure work, CancellationToken cancel)
    {
        if (work.File is { } one)
            return await file.Delete(work.Erasure, work.Owner, one, cancel) is var step && step is RecordHold && state.Stage == ErasureStage.Held
                ? null
                : step;
        var left = await content.Delete(work.Owner, cancel);
        return left.Going > 0 ? null
            : !left.IsHeld ? new RecordContent(work.Erasure)
            : state.Stage == ErasureStage.Held && state.HeldFiles == left.Held ? null
            : new RecordHold(work.Erasure, left.Held);
    }

    private async Task<ErasureCommand> Forget(ContinueErasure work, CancellationToken cancel)
    {
        var tries = await traces.Sample(work.What, cancel);
        var removed = await traces.Remove(work.What, cancel);
        // One that was asked for meanwhile has read what stood there before.
        if (work.File is not null)
            await file.EndExport(work.Owner, cancel);
        var key = await traces.DestroyKey(work.What, cancel);
        return new RecordRemoval(work.Erasure, await tries(cancel) is { } tried ? [.. removed, tried] : [.. removed], key);
    }

    private async Task Again(ContinueErasure work, CancellationToken cancel)
    {
        await traces.DestroyKey(work.What, cancel);
        await traces.Remove(work.What, cancel);
    }

    // Nodes may have had the key in memory for a while, and written something under it. And views that were made before
    // show what was: all are made anew, from a log in which it stands no more. Whether they were is told by one clock, the
    // database's: a node's may go before it or behind it.
    private async Task<ErasureCommand?> Verify(ContinueErasure work, CancellationToken cancel)
    {
        if (await views.Find(work.Erasure.ToString(), cancel) is not { Stage: ErasureStage.Verifying } entry
            || clock.GetUtcNow() < entry.ChangedAt + options.SettleAfter
            || await traces.KeyDestroyedAt(work.What, cancel) is not { } destroyedAt)
            return null;
        var all = await projections.List(cancel);
        var old = all.Where(one => !(one.BegunAt >= destroyedAt + options.SettleAfter && one.EndedAt >= one.BegunAt)).ToList();
        if (old.Count > 0)
        {
            // Nor is an operator waited for who has a shadow compared: it is made once more, and then shown.
            var idle = old.Where(one => one is { State: "live", Rebuild: null } or { State: "compared", Rebuild: "diff" }).Select(one => one.Name).ToList();
            if (idle.Count > 0 && !MustWait(work, all))
            {
                await Again(work, cancel);
                await projections.Ask(idle, ProjectionWish.Rebuild, cancel);
            }

            return null;
        }

        await Again(work, cancel);
        var looked = await traces.Look(work.What, work.File is { } one ? await file.Shared(one, cancel) : [], cancel);
        if (looked.All(one => one.Count == 0))
            return new Verify(work.Erasure, [.. looked, new PersonalTrace("views", 0, all.Count)]);
        // What was under way may have become a file after all was deleted: it goes the same way.
        if (work.File is { } still)
            await file.AskToGo(work.Owner, still, cancel);
        else
            await content.DeleteAgain(work.Owner, cancel);
        return null;
    }

    // Anybody erases as many files as they have, and one run of all views serves all that wait for it.
    private bool MustWait(ContinueErasure work, IReadOnlyList<ProjectionStatus> all) =>
        work.File is not null && all.Max(one => one.BegunAt) > clock.GetUtcNow() - options.RebuildEvery;

    [LoggerMessage(Level = LogLevel.Critical, Message = "The erasure {Erasure} was to be done by {Deadline} and stands at {Stage}")]
    private partial void LogOverdue(ErasureId erasure, DateTimeOffset deadline, ErasureStage stage);
}
