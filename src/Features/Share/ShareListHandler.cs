using MediatR;

namespace EventFiles.Features.Share;

/// <summary>Everything that tells of grants.</summary>
internal sealed class ShareListHandler(
    IReadModel<ShareEntry> shares, IAccess access, IFolderAccess folderAccess, IGroups groups, SharePages pages, IPast past) :
    IRequestHandler<ListShares, Answer<Page<ShareView>>>,
    IRequestHandler<ListSharedWithMe, Answer<Page<SharedEntry>>>,
    IRequestHandler<ListSharedByMe, Answer<Page<SharedEntry>>>
{
    // Before a cursor: the group whose shares are being listed.
    private const char OfGroup = 'g';
    private const int IdDigits = 32;

    public async Task<Answer<Page<ShareView>>> Handle(ListShares ask, CancellationToken cancellationToken)
    {
        var refused = ask.On.AsFolder() is { } folder
            ? (await folderAccess.Ask(ask.By, folder, FolderAction.Share, cancellationToken)).Refusal
            : (await access.Ask(ask.By, ask.On.AsFile()!.Value, FileAction.Share, cancellationToken)).Refusal;
        if (refused is not null)
            return refused;
        var found = ask.AsOf is { } asOf
            ? await Former(ask, asOf, cancellationToken)
            : await shares.List(ShareProjection.Of(ask.On), ask.Cursor, ask.Limit, descending: false, cancellationToken);
        if (found is not Answer<Page<ShareEntry>>.Yes(var page, var position))
            return found.Refusal!;
        return new Answer<Page<ShareView>>.Yes(
            new(await Task.WhenAll(page.Items.Select(share => pages.Show(share, cancellationToken))), page.NextCursor), position);
    }

    public async Task<Answer<Page<SharedEntry>>> Handle(ListSharedByMe ask, CancellationToken cancellationToken) =>
        await pages.Read(ask.By, ShareProjection.By(ask.By.Account), ask.Cursor, ask.Limit, cancellationToken);

    public async Task<Answer<Page<SharedEntry>>> Handle(ListSharedWithMe ask, CancellationToken cancellationToken)
    {
        var mine = await groups.Of(ask.By.Account, cancellationToken);
        var (group, cursor) = Place(ask.Cursor);
        var found = new List<SharedEntry>();
        while (true)
        {
            var page = await pages.Read(
                ask.By, ShareProjection.With(group is { } one ? one : ask.By.Account), cursor, ask.Limit - found.Count,
                cancellationToken);
            found.AddRange(page.Items);
            if (page.NextCursor is { } more)
                return new Page<SharedEntry>(found, group is { } still ? $"{OfGroup}{still.Value:n}{more}" : more);
            var following = mine.Where(one => group is not { } last || one.Value.CompareTo(last.Value) > 0).ToList();
            if (following is not [var next, ..])
                return new Page<SharedEntry>(found, null);
            (group, cursor) = (next, null);
            if (found.Count == ask.Limit)
                return new Page<SharedEntry>(found, $"{OfGroup}{next.Value:n}");
        }
    }

    // The cursor may be none of ours.
    private static (GroupId? Group, string? Cursor) Place(string? cursor)
    {
        if (cursor is not [OfGroup, ..] || cursor.Length < 1 + IdDigits)
            return (null, cursor);
        if (!Guid.TryParseExact(cursor.AsSpan(1, IdDigits), "N", out var id))
            throw new BadCursorException();
        return (new GroupId(id), cursor.Length == 1 + IdDigits ? null : cursor[(1 + IdDigits)..]);
    }

    // What was not there yet was shared with nobody, and is told like what never was.
    private async Task<Answer<Page<ShareEntry>>> Former(ListShares ask, string asOf, CancellationToken cancel)
    {
        var located = await past.Locate(asOf, cancel);
        if (located is not Answer<Moment>.Yes(var at, _))
            return located.Refusal!;
        var wasThere = ask.On.IsFolder
            ? await past.Find<FolderAccessView>(ask.On.ToString(), at, cancel) is not null
            : await past.Find<AccessView>(ask.On.ToString(), at, cancel) is { Owner: not null };
        return wasThere
            ? await past.List<ShareEntry>(ShareProjection.Of(ask.On), at, ask.Cursor, ask.Limit, descending: false, cancel)
            : ask.On.IsFolder ? FolderRejection.NoSuchFolder : AccessRejection.NoSuchFile;
    }
}
