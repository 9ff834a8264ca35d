using MediatR;

namespace EventFiles.Features.Retention;

/// <summary>Deletes what is due by the rules of an account's folders. Holds, and what is to be kept, win.</summary>
internal sealed class SweepHandler(
    IStreams streams, IFiles files, IFolders folders, IDeletion deletion, IHolds holds,
    RetentionOptions options) : IRequestHandler<SweepRetention, Answer<Done>>
{
    // Each file is its own transaction, which asks again what the rules, the folders and the file's versions are. Done again
    // after a crash, it goes on where it stopped: what is deleted already is in no folder any more.
    public async Task<Answer<Done>> Handle(SweepRetention work, CancellationToken cancellationToken)
    {
        var stream = RetentionDecider.StreamOf(work.Owner);
        var begun = await streams.Load(stream, RetentionDecider.Decider, cancellationToken);
        if (begun.Rules.ByFolder.IsEmpty)
            return new Done();

        // What lies below two folders with rules is looked at once: both are asked.
        var (swept, seen) = (new Tally(0, 0, 0), new HashSet<FileId>());
        foreach (var folder in begun.Rules.ByFolder.Keys)
        {
            await foreach (var file in folders.FilesBelow(folder, cancellationToken))
            {
                if (seen.Add(file))
                    swept += await Sweep(work.Owner, file, cancellationToken);
            }
        }

        if (begun.Rules.ByFolder.Values.Any(rule => rule.EmptyTrashAfterDays is not null))
        {
            await foreach (var (file, trashedAt) in deletion.Trashed(work.Owner, cancellationToken))
                swept += await SweepTrashed(work.Owner, file, trashedAt, cancellationToken);
            // Of which the files went now, or with an earlier sweep.
            await foreach (var (folder, trashedAt) in deletion.TrashedWithoutFiles(work.Owner, cancellationToken))
                await SweepTrashed(work.Owner, folder, trashedAt, cancellationToken);
        }

        return await streams.Transact<Done>(async transaction =>
            await transaction.Decide(
                stream, RetentionDecider.Decider,
                new RetentionCommand.RecordSweep(
                    swept.Files, swept.Versions, swept.Kept, transaction.Now + options.Every)) is { } no
                ? no
                : new Done(), cancellationToken);
    }

    private async Task<Tally> Sweep(AccountId owner, FileId file, CancellationToken cancel)
    {
        var answer = await streams.Transact<Tally>(async transaction =>
        {
            var state = await transaction.Load(RetentionDecider.StreamOf(owner), RetentionDecider.Decider);
            if (!state.IsDue(transaction.Now) || await files.IsGoing(transaction, owner, file)
                || await files.AgeOf(transaction, owner, file) is not { } age)
                return new Tally(0, 0, 0);
            var folder = await files.FolderOf(transaction, owner, file);
            var rule = state.Rules.For(await folders.Above(transaction, owner, folder));
            var isDue = rule.DeletesAt(age) <= transaction.Now;
            var versions = isDue ? [] : rule.Superfluous(age, transaction.Now).ToList();
            if (!isDue && versions.Count == 0)
                return new Tally(0, 0, 0);
            if ((await holds.OverFile(transaction, owner, file)).Count > 0)
                return new Tally(0, 0, isDue ? 1 : versions.Count);
            if (isDue)
                return await deletion.Delete(transaction, owner, file) is { } no ? no : new Tally(1, 0, 0);
            foreach (var version in versions)
            {
                if (await files.DeleteVersion(transaction, owner, file, version.Number) is { } cannot)
                    return cannot;
            }

            return new Tally(0, versions.Count, 0);
        }, cancel);
        // One that cannot be deleted holds up no other; it comes again with the next sweep.
        return answer is Answer<Tally>.Yes(var done, _) ? done : new Tally(0, 0, 1);
    }

    private async Task<Tally> SweepTrashed(AccountId owner, FileId file, DateTimeOffset trashedAt, CancellationToken cancel)
    {
        var answer = await streams.Transact<Tally>(async transaction =>
        {
            var state = await transaction.Load(RetentionDecider.StreamOf(owner), RetentionDecider.Decider);
            var folder = await files.FolderOf(transaction, owner, file);
            var rule = state.Rules.For(await folders.Above(transaction, owner, folder));
            if (!LaysLongEnough(state, rule, trashedAt, transaction.Now))
                return new Tally(0, 0, 0);
            if ((await holds.OverFile(transaction, owner, file)).Count > 0
                || (rule.KeepAtLeastDays is not null
                    && (await files.AgeOf(transaction, owner, file) is not { } age || rule.KeepsUntil(age) > transaction.Now)))
                return new Tally(0, 0, 1);
            return await deletion.DeleteTrashed(transaction, owner, file) is { } no ? no : new Tally(1, 0, 0);
        }, cancel);
        return answer is Answer<Tally>.Yes(var done, _) ? done : new Tally(0, 0, 1);
    }

    private Task<Answer<Done>> SweepTrashed(AccountId owner, FolderId folder, DateTimeOffset trashedAt, CancellationToken cancel) =>
        streams.Transact<Done>(
            async transaction =>
            {
                var state = await transaction.Load(RetentionDecider.StreamOf(owner), RetentionDecider.Decider);
                var rule = state.Rules.For(await folders.Above(transaction, owner, folder));
                return LaysLongEnough(state, rule, trashedAt, transaction.Now)
                    && (await holds.OverFolder(transaction, owner, folder)).Count == 0
                    && await deletion.DeleteTrashed(transaction, owner, folder) is { } no
                        ? no
                        : new Done();
            },
            cancel);

    private static bool LaysLongEnough(RetentionState state, RetentionRule rule, DateTimeOffset trashedAt, DateTimeOffset now) =>
        state.IsDue(now) && rule.EmptyTrashAfterDays is { } days && trashedAt.AddDays(days) <= now;

    private sealed record Tally(int Files, int Versions, int Kept)
    {
        public static Tally operator +(Tally one, Tally other) =>
            new(one.Files + other.Files, one.Versions + other.Versions, one.Kept + other.Kept);
    }
}
