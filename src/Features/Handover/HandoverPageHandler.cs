using MediatR;

namespace EventFiles.Features.Handover;

/// <summary>
/// Hands over what is due of a transfer: first what was offered itself, then what is in its folders, page by page.
/// </summary>
/// <remarks>
/// Why nothing is left behind. A folder goes over before what is in it, and who puts something into it for its former owner
/// from then on is refused; work begins where views show the fact that it follows from, so that a list of its contents has
/// all that was put there before. What cannot go over is put into its owner's root folder.
/// </remarks>
internal sealed class HandoverPageHandler(IStreams streams, IFolders folders, IAllowance allowance, HandedItems items, TimeProvider clock) :
    IRequestHandler<ContinueHandover, Answer<Done>>,
    IRequestHandler<ExpireHandover, Answer<Done>>
{
    private const int PageSize = 100;

    public async Task<Answer<Done>> Handle(ContinueHandover work, CancellationToken cancellationToken)
    {
        var state = await streams.Load(HandoverDecider.StreamOf(work.Entry, work.Owner), HandoverDecider.Decider, cancellationToken);
        if (state.Id != work.Handover || state.Due is not { } due)
            return new Done();
        var page = new Moved();
        string? next = null;
        if (due.Of is not { } folder)
        {
            await Move(state, new HandedEntry(state.Entry, state.IsFolder), state.Into, page, cancellationToken);
        }
        else
        {
            var children = await ReadPage(folder, due.Cursor, cancellationToken);
            foreach (var child in children.Items)
                await Move(state, new HandedEntry(child.Id, child.IsFolder), null, page, cancellationToken);
            next = children.NextCursor;
        }

        KillPoint.Reach("handover.page-moved");
        return await Decide(work.Entry, state, new HandoverCommand.NotePage(
            work.Handover, due.Of, due.Page, page.Files, page.Bytes, [.. page.Failures], [.. page.Folders], next ?? "",
            clock.GetUtcNow() + AcceptanceHandler.Glance), cancellationToken);
    }

    public async Task<Answer<Done>> Handle(ExpireHandover work, CancellationToken cancellationToken)
    {
        var state = await streams.Load(HandoverDecider.StreamOf(work.Entry, work.Owner), HandoverDecider.Decider, cancellationToken);
        return state.Id != work.Handover ? new Done()
            : await Decide(work.Entry, state, new HandoverCommand.Expire(work.Handover), cancellationToken);
    }

    private async Task Move(HandoverState state, HandedEntry entry, FolderId? place, Moved page, CancellationToken cancel)
    {
        var from = new Allotment(
            AcceptanceHandler.ReservationOf(state.Id!.Value), Math.Max(0, state.LeftBytes - page.Bytes),
            clock.GetUtcNow() + AcceptanceHandler.Reserved);
        var failure = entry.AsFile() is { } file
            ? await items.File(state, file, place, from, cancel)
            : await items.Folder(state, entry.AsFolder()!.Value, place, cancel);
        if (failure is not null)
        {
            // What was thrown away meanwhile is in its owner's trash, and no concern of this.
            if (place is null && (failure == AccessRejection.NoSuchFile || failure == FolderRejection.NoSuchFolder))
                return;
            if (place is null)
                await items.Leave(state, entry, cancel);
            page.Failures.Add(new HandoverFailure(entry.Id, failure.Code));
        }
        else if (entry.AsFile() is { } moved)
        {
            page.Files++;
            page.Bytes += await items.BytesOf(moved, cancel);
        }
        else
        {
            page.Folders.Add(entry.AsFolder()!.Value);
        }
    }

    // Decides something that may be the end, and then gives back what was set aside.
    private Task<Answer<Done>> Decide(Guid entry, HandoverState before, HandoverCommand command, CancellationToken cancel) =>
        streams.Transact<Done>(async transaction =>
        {
            var stream = HandoverDecider.StreamOf(entry, before.From);
            if (await transaction.Decide(stream, HandoverDecider.Decider, command) is { } no)
                return no;
            return (await transaction.Load(stream, HandoverDecider.Decider)).Outcome is not null
                && await allowance.Release(transaction, before.To, AcceptanceHandler.ReservationOf(before.Id!.Value)) is { } why ? why : new Done();
        }, cancel);

    // A list may have been made anew in another order meanwhile: what has gone over is found to have.
    private async Task<Page<FolderChild>> ReadPage(FolderId folder, string? cursor, CancellationToken cancel)
    {
        try
        {
            return await folders.Children(folder, cursor, PageSize, cancel);
        }
        catch (BadCursorException)
        {
            return await folders.Children(folder, null, PageSize, cancel);
        }
    }

    private sealed class Moved
    {
        public int Files { get; set; }

        public long Bytes { get; set; }

        public List<HandoverFailure> Failures { get; } = [];

        public List<FolderId> Folders { get; } = [];
    }
}
