using MediatR;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>
/// Tells what a folder was and what was in it. A folder never changes hands: it is its owner's past, also when the folder is
/// gone today; in a group's space that of whoever manages the group today.
/// </summary>
internal sealed class FoldersPastHandler(IPast past, IAccounts accounts, IAccess access) :
    IRequestHandler<ReadFormerFolder, Answer<FolderWithPath>>,
    IRequestHandler<ListFormerChildren, Answer<Page<EntryView>>>
{
    public async Task<Answer<FolderWithPath>> Handle(ReadFormerFolder ask, CancellationToken cancellationToken)
    {
        var located = await past.Locate(ask.AsOf, cancellationToken);
        if (located is not Answer<Moment>.Yes(var at, _))
            return located.Refusal!;
        var found = ask.Folder == FolderId.RootOf(ask.By.Account)
            ? await accounts.Existed(ask.By.Account, at, cancellationToken) ? FolderPath.ToRoot(ask.By.Account) : null
            : await Own(ask.By, ask.Folder, at, cancellationToken) is { } folder
                ? await FolderPath.To(folder, above => past.Find<FolderNode>(above.ToString(), at, cancellationToken))
                : null;
        return found is null ? No.Missing : new Answer<FolderWithPath>.Yes(found, at.Position);
    }

    public async Task<Answer<Page<EntryView>>> Handle(ListFormerChildren ask, CancellationToken cancellationToken)
    {
        var located = await past.Locate(ask.AsOf, cancellationToken);
        if (located is not Answer<Moment>.Yes(var at, _))
            return located.Refusal!;
        var wasThere = ask.Folder == FolderId.RootOf(ask.By.Account)
            ? await accounts.Existed(ask.By.Account, at, cancellationToken)
            : await Own(ask.By, ask.Folder, at, cancellationToken) is not null;
        if (!wasThere)
            return No.Missing;

        // A time may mean a later position by now; a list goes on where it began.
        if (ChildrenPages.PositionOf(ask.Cursor) is { } position)
        {
            if (await past.Locate(position, cancellationToken) is not Answer<Moment>.Yes({ Wanted.Position: not null } begun, _))
                throw new BadCursorException();
            at = at with { Position = begun.Position };
        }

        return await ChildrenPages.Read(ask.Cursor, ask.Limit, async (ofFolders, cursor, limit) =>
        {
            var (index, descending) = ChildrenSort.Of(ask.Folder, ask.Sort, ofFolders);
            var page = await past.List<Entry>(index, at, cursor, limit, descending, cancellationToken);
            at = page.EventPosition > 0 ? at with { Position = page.EventPosition } : at;
            return page;
        });
    }

    private async Task<FolderNode?> Own(Caller by, FolderId folder, Moment at, CancellationToken cancel) =>
        await past.Find<FolderNode>(folder.ToString(), at, cancel) is { IsTrashed: false } node && await access.Owns(by, node.Owner, cancel)
            ? node
            : null;
}
