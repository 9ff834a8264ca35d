using MediatR;

namespace EventFiles.Features.Export;

/// <summary>
/// Makes exports, and clears up after them. Whoever is at it is looked for again and again: an export that is over, or
/// another worker's, is not gone on with. Done again after a crash it begins anew.
/// </summary>
internal sealed class ExportMakingHandler(
    IStreams streams, ExportContents contents, ExportLines lines, ExportProfile profile, ExportDocuments documents,
    IAuditLog log, IAccounts accounts, IAvatars avatars, IArchives archives, ExportOptions options, TimeProvider clock) :
    IRequestHandler<MakeExport, Answer<Done>>,
    IRequestHandler<LapseExport, Answer<Done>>,
    IRequestHandler<ClearExport, Answer<Done>>
{
    // Once its files are listed, an export counts as half made.
    private const int ListedPercent = 50;

    private static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(2);

    public async Task<Answer<Done>> Handle(MakeExport work, CancellationToken cancellationToken)
    {
        if (await IsMaking(work, cancellationToken))
        {
            var command = await accounts.Find(work.Owner, cancellationToken) is null
                ? new ExportCommand.End(work.Export, ExportEnd.Erased)
                : await Make(work, cancellationToken);
            if (command is not null && (await Decide(work.Owner, command, cancellationToken)).Refusal is { } no)
                return no;
        }

        await Clear(work.Export, work.Owner, cancellationToken);
        return new Done();
    }

    public Task<Answer<Done>> Handle(LapseExport work, CancellationToken cancellationToken) =>
        Decide(work.Owner, new ExportCommand.Lapse(work.Export), cancellationToken);

    public async Task<Answer<Done>> Handle(ClearExport work, CancellationToken cancellationToken)
    {
        await Clear(work.Export, work.Owner, cancellationToken);
        return new Done();
    }

    // Files are listed first: whatever is among them the events up to the end that is looked up then tell of.
    private async Task<ExportCommand?> Make(MakeExport work, CancellationToken cancel)
    {
        var attempt = Guid.CreateVersion7(clock.GetUtcNow());
        if (await contents.List(work.Owner, cancel) is not { } listed)
            return new ExportCommand.End(work.Export, ExportEnd.TooLarge);
        await Note(work, ListedPercent, cancel);
        var known = await Put(work, attempt, "profile.json", await profile.Of(work.Owner, cancel), cancel);
        var position = await log.End(cancel);
        SealedObject told;
        try
        {
            await using var events = new LineStream(lines.Of(work.Owner, position, Noting(work, position, cancel), cancel));
            told = await documents.Put(work, attempt, "events.ndjson", events, cancel);
        }
        catch (ExportOverException)
        {
            return null;
        }

        var picture = await PutAvatar(work, attempt, cancel);
        var now = clock.GetUtcNow();
        var manifest = ExportManifest.Of(
            work.Export, work.Owner, now, position,
            [
                new ExportEntry("profile.json", known.SizeBytes, known.Sha256, now, null, null),
                new ExportEntry("events.ndjson", told.SizeBytes, told.Sha256, now, null, null),
                .. picture is null ? [] : (ExportEntry[])[new ExportEntry(ExportManifest.Avatar, picture.SizeBytes, picture.Sha256, now, null, null)],
                .. listed.Entries,
            ],
            listed.Folders, listed.Withheld);
        var written = await Put(work, attempt, "manifest.json", manifest.ToBytes(), cancel);
        return new ExportCommand.Complete(
            work.Export,
            new ExportFigures(
                attempt, position, listed.Files, listed.FormerVersions, listed.Withheld.Length,
                archives.Measure(manifest.ToArchive(written.SizeBytes)).SizeBytes, written.Sha256),
            clock.GetUtcNow() + options.Life);
    }

    private async Task<SealedObject?> PutAvatar(MakeExport work, Guid attempt, CancellationToken cancel)
    {
        await using var picture = await avatars.Open(work.Owner, cancel);
        return picture is null ? null : await documents.Put(work, attempt, ExportManifest.Avatar, picture, cancel);
    }

    private async Task<SealedObject> Put(MakeExport work, Guid attempt, string document, byte[] bytes, CancellationToken cancel)
    {
        using var content = new MemoryStream(bytes);
        return await documents.Put(work, attempt, document, content, cancel);
    }

    // Now and then, so that the log does not fill with it.
    private Func<long, Task> Noting(MakeExport work, long end, CancellationToken cancel)
    {
        var noted = clock.GetTimestamp();
        return async position =>
        {
            if (clock.GetElapsedTime(noted) < NoteEvery)
                return;
            noted = clock.GetTimestamp();
            if (!await IsMaking(work, cancel))
                throw new ExportOverException();
            await Note(work, ListedPercent + (int)Math.Min(99 - ListedPercent, position * (99 - ListedPercent) / Math.Max(1, end)), cancel);
        };
    }

    private Task<Answer<Done>> Note(MakeExport work, int percent, CancellationToken cancel) => Decide(
        work.Owner, new ExportCommand.Note(work.Export, percent, clock.GetUtcNow() + ExportOptions.Patience), cancel);

    private async Task<bool> IsMaking(MakeExport work, CancellationToken cancel) =>
        await State(work.Owner, cancel) is { Stage: ExportStage.Making, Id: var id } && id == work.Export;

    private async Task Clear(ExportId export, AccountId owner, CancellationToken cancel)
    {
        var state = await State(owner, cancel);
        if (state.Id != export || state.Stage != ExportStage.Making)
            await documents.Clear(export, state.Id == export ? state.Attempt : null, cancel);
    }

    private Task<ExportState> State(AccountId owner, CancellationToken cancel) =>
        streams.Load(ExportDecider.StreamOf(owner), ExportDecider.Decider, cancel);

    private Task<Answer<Done>> Decide(AccountId owner, ExportCommand command, CancellationToken cancel) => streams.Transact<Done>(
        async transaction => await transaction.Decide(ExportDecider.StreamOf(owner), ExportDecider.Decider, command) is { } no
            ? no
            : new Done(), cancel);

    /// <summary>It is over meanwhile: what is written of it is of no use.</summary>
    private sealed class ExportOverException : Exception;
}

/// <summary>A person's exports, as the slice asks for them that erases people.</summary>
internal sealed class ExportsOfOwner(IStreams streams, ExportDocuments documents) : IExportsOfOwner
{
    public async Task EndLast(AccountId owner, CancellationToken cancel)
    {
        var stream = ExportDecider.StreamOf(owner);
        if ((await streams.Load(stream, ExportDecider.Decider, cancel)).Id is not { } last)
            return;
        await streams.Transact<Done>(
            async transaction => await transaction.Decide(
                stream, ExportDecider.Decider, new ExportCommand.End(last, ExportEnd.Erased)) is { } no ? no : new Done(), cancel);
        await documents.Clear(last, null, cancel);
    }

    public async Task ClearAll(AccountId owner, CancellationToken cancel)
    {
        await foreach (var happened in streams.Read(ExportDecider.StreamOf(owner).Name, 0, cancel))
        {
            if (happened.Fact is ExportEvent.Requested requested)
                await documents.Clear(requested.Export, null, cancel);
        }
    }
}
