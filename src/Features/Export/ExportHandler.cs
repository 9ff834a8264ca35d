using System.Globalization;
using MediatR;
using No = EventFiles.Features.Export.ExportRejection;

namespace EventFiles.Features.Export;

/// <summary>Takes wishes to be given all that is one's own, and gives it. Nobody has anybody else's, administrators included.</summary>
internal sealed class ExportHandler(
    IStreams streams, IReadModel<ExportView> views, ExportDocuments documents, IFiles files, IScans scans, IObjects objects,
    IArchives archives, ExportOptions options, TimeProvider clock) :
    IRequestHandler<RequestExport, Answer<ExportReply>>,
    IRequestHandler<ReadLastExport, Answer<ExportReply>>,
    IRequestHandler<ReadExport, Answer<ExportReply>>,
    IRequestHandler<OpenExport, Answer<OpenedExport>>,
    IRequestHandler<DeleteExport, Answer<Done>>
{
    public Task<Answer<ExportReply>> Handle(RequestExport ask, CancellationToken cancellationToken)
    {
        var (stream, export) = (ExportDecider.StreamOf(ask.By.Account), NewId.Of<ExportId>(clock));
        return streams.Transact<ExportReply>(async transaction =>
        {
            var now = transaction.Now;
            if (await transaction.Decide(
                    stream, ExportDecider.Decider,
                    new ExportCommand.Request(export, now + ExportOptions.Patience, now + options.Every)) is { } no)
                return no;
            var state = await transaction.Load(stream, ExportDecider.Decider);
            return state.Id is { } other && other != export && await views.Find(other.ToString(), cancellationToken) is { } view
                ? view.ToReply()
                : new ExportView(state.Id!.Value, ask.By.Account, now, state.Percent, state.Until, null).ToReply();
        }, cancellationToken);
    }

    public async Task<Answer<ExportReply>> Handle(ReadLastExport ask, CancellationToken cancellationToken) =>
        (await views.List(ExportProjection.Of(ask.By.Account), null, 1, descending: true, cancellationToken)).Items is [var last]
            ? last.ToReply()
            : No.Missing;

    public async Task<Answer<ExportReply>> Handle(ReadExport ask, CancellationToken cancellationToken) =>
        await Own(ask.By, ask.Export, cancellationToken) is { } view ? view.ToReply() : No.Missing;

    public async Task<Answer<OpenedExport>> Handle(OpenExport ask, CancellationToken cancellationToken)
    {
        if (await Own(ask.By, ask.Export, cancellationToken) is null)
            return No.Missing;
        var state = await State(ask.By.Account, cancellationToken);
        if (state.Id != ask.Export || state.Stage == ExportStage.Ended || (state.Stage == ExportStage.Ready && state.Until <= clock.GetUtcNow()))
            return No.Gone;
        if (state.Attempt is not { } attempt)
            return No.NotYet;
        // A backup does not hold what can be asked for again.
        if (await documents.Manifest(ask.Export, attempt, cancellationToken) is not var (manifest, sizeBytes))
            return No.Gone;
        var entries = manifest.ToArchive(sizeBytes);
        return new OpenedExport(
            new WatchedStream(
                archives.Open(entries, (entry, cancel) => Content(ask, attempt, entry, cancel)),
                async cancel => await State(ask.By.Account, cancel) is { Stage: ExportStage.Ready, Id: var id } && id == ask.Export, clock),
            archives.Measure(entries).ETag,
            string.Create(CultureInfo.InvariantCulture, $"eventfiles-export-{manifest.MadeAt:yyyy-MM-dd}.zip"), manifest.MadeAt);
    }

    public async Task<Answer<Done>> Handle(DeleteExport ask, CancellationToken cancellationToken) =>
        await Own(ask.By, ask.Export, cancellationToken) is null
            ? No.Missing
            : await End(ask, ExportEnd.Deleted, cancellationToken);

    // Asked for each when its turn comes: what is gone meanwhile ends the download, and the export with it.
    private async ValueTask<Stream> Content(OpenExport ask, Guid attempt, ArchiveEntry entry, CancellationToken cancel)
    {
        if (entry.Source == ask.Export.Value)
            return await documents.Open(ask.Export, attempt, entry.Version, cancel) ?? throw new IOException($"{ask.Export} is over.");
        var file = new FileId(entry.Source!.Value);
        if (await files.StoredAs(file, entry.Version, cancel) is { } key
            && (await scans.Of(file, entry.Version, cancel)).ToReader(isOwner: true) is null
            && await objects.Open(key, cancel) is { } content)
            return content;
        await End(new DeleteExport(ask.By, ask.Export), ExportEnd.Outdated, CancellationToken.None);
        throw new IOException($"{file} is gone: the export ends here.");
    }

    private Task<Answer<Done>> End(DeleteExport ask, ExportEnd reason, CancellationToken cancel) => streams.Transact<Done>(
        async transaction => await transaction.Decide(
            ExportDecider.StreamOf(ask.By.Account), ExportDecider.Decider, new ExportCommand.End(ask.Export, reason)) is { } no
            ? no
            : new Done(), cancel);

    private Task<ExportState> State(AccountId person, CancellationToken cancel) =>
        streams.Load(ExportDecider.StreamOf(person), ExportDecider.Decider, cancel);

    private async Task<ExportView?> Own(Caller by, ExportId export, CancellationToken cancel) =>
        await views.Find(export.ToString(), cancel) is { } view && view.Owner == by.Account ? view : null;
}
