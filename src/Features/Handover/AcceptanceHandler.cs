using MediatR;
using No = EventFiles.Features.Handover.HandoverRejection;

namespace EventFiles.Features.Handover;

/// <summary>Accepts: looks how much it is, and sets space aside for all of it, or nothing happens.</summary>
internal sealed class AcceptanceHandler(
    IStreams streams, IReadModel<HandoverView> views, IFiles files, IFolders folders, IAllowance allowance,
    Hindrances hindrances, HandoverPages pages) :
    IRequestHandler<AcceptHandover, Answer<HandoverReply>>
{
    // What goes over is counted before the reply.
    private const int MaxEntries = 250_000;

    /// <summary>After so long it is looked whether a transfer goes on.</summary>
    internal static readonly TimeSpan Glance = TimeSpan.FromMinutes(2);

    /// <summary>For how long its space stays set aside when nothing more is heard of it.</summary>
    internal static readonly TimeSpan Reserved = TimeSpan.FromDays(7);

    /// <summary>What a transfer's space is set aside for.</summary>
    internal static UploadId ReservationOf(HandoverId handover) => new(handover.Value);

    public async Task<Answer<HandoverReply>> Handle(AcceptHandover ask, CancellationToken cancellationToken)
    {
        if (await views.Find(ask.Handover.ToString(), cancellationToken) is not { } view || view.To != ask.By.Account)
            return No.Missing;
        if (view.Into is not null)
            return await pages.Show(ask.By, view, cancellationToken);
        if (await folders.Find(ask.By, ask.Into, cancellationToken) is not Answer<FolderId>.Yes(var into, _))
            return FolderRejection.NoSuchFolder;
        if (await Sum(view, cancellationToken) is not { } all)
            return No.TooMany;
        return await streams.Transact<HandoverReply>(async transaction =>
        {
            var accept = new HandoverCommand.Accept(view.Id, into, all.Files, all.Bytes, transaction.Now + Glance);
            return await hindrances.ToGive(transaction, view.From, view.Entry) is { } unready ? unready
                : await hindrances.ToTake(transaction, view.To) is { } unable ? unable
                : !await folders.IsThere(transaction, view.To, into) ? FolderRejection.NoSuchFolder
                : await allowance.Admit(transaction, view.To, all.Largest, all.Files) is { } tooMany ? tooMany
                : all.Bytes > 0 && await allowance.Reserve(
                    transaction, view.To, ReservationOf(view.Id), all.Bytes, transaction.Now + Reserved) is { } full ? full
                : await transaction.Decide(
                    HandoverDecider.StreamOf(view.Entry.Id, view.From), HandoverDecider.Decider, accept) is { } no ? no
                : await pages.Show(
                    ask.By, view with { Into = into, Files = all.Files, Bytes = all.Bytes, Until = accept.Until }, cancellationToken);
        }, cancellationToken);
    }

    // Page by page, one of which is in memory.
    private async Task<(int Files, long Bytes, long Largest)?> Sum(HandoverView view, CancellationToken cancel)
    {
        var (entries, count, bytes, largest) = (0, 0, 0L, 0L);
        if (view.Entry.AsFile() is { } only)
        {
            await Add(only);
            return (count, bytes, largest);
        }

        await foreach (var child in folders.Below(view.Entry.AsFolder()!.Value, cancel))
        {
            if (++entries > MaxEntries)
                return null;
            if (!child.IsFolder)
                await Add(new FileId(child.Id));
        }

        return (count, bytes, largest);

        // Versions with the same bytes take up space once.
        async Task Add(FileId file)
        {
            var versions = (await files.VersionsOf(file, cancel)).DistinctBy(version => (version.Sha256, version.SizeBytes)).ToList();
            count++;
            bytes += versions.Sum(version => version.SizeBytes);
            largest = Math.Max(largest, versions.Select(version => version.SizeBytes).DefaultIfEmpty().Max());
        }
    }
}
