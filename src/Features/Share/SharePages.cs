namespace EventFiles.Features.Share;

/// <summary>Shares as their readers see them, with the names of today.</summary>
internal sealed class SharePages(
    IReadModel<ShareEntry> shares, IAccess access, IFolderAccess folderAccess, IFolders folders, IAccounts accounts,
    IGroups groups, IFiles files)
{
    public async Task<ShareView> Show(ShareEntry share, CancellationToken cancel) => new(
        share.Id, share.On.AsFile(), share.On.AsFolder(), await Party(share, cancel), share.Role, share.MayShare,
        share.CreatedAt, share.Until);

    /// <summary>A page of an index of shares, each with what it is of; what does not count now is left out.</summary>
    public async Task<Page<SharedEntry>> Read(
        Caller by, string index, string? cursor, int limit, CancellationToken cancel)
    {
        var page = await shares.List(index, cursor, limit, descending: true, cancel);
        var found = await Task.WhenAll(page.Items.Select(share => Open(by, share, cancel)));
        return new Page<SharedEntry>([.. found.OfType<SharedEntry>()], page.NextCursor);
    }

    // Of an address nobody learns here whether it is somebody's.
    private async Task<ShareParty> Party(ShareEntry share, CancellationToken cancel) =>
        share.Email is { } email ? ShareParty.Of(share.Id, email)
        : share.Grantee.IsGroup
            ? ShareParty.Of(new GroupId(share.Grantee.Id), await groups.Find(new GroupId(share.Grantee.Id), cancel))
            : ShareParty.Of(new AccountId(share.Grantee.Id), await accounts.Find(new AccountId(share.Grantee.Id), cancel));

    // Null for what does not count now: the grant has ended, or what is shared lies in its owner's trash.
    private async Task<SharedEntry?> Open(Caller by, ShareEntry share, CancellationToken cancel)
    {
        var (file, folder) = (default(FileSummary), default(SharedFolder));
        if (share.On.AsFolder() is { } id)
        {
            if ((await folderAccess.Ask(by, id, FolderAction.Know, cancel)).Refusal is not null
                || await folders.NameOf(share.Owner, id, cancel) is not { } name)
                return null;
            folder = new SharedFolder(id, name);
        }
        else if ((await access.Ask(by, share.On.AsFile()!.Value, FileAction.Read, cancel)).Refusal is not null
            || (file = await files.Find(share.On.AsFile()!.Value, cancel)) is null)
        {
            return null;
        }

        var owner = await accounts.Find(share.Owner, cancel) is { } card ? ShareParty.Of(card.Id, card)
            : await groups.OfSpace(share.Owner, cancel) is { } space ? ShareParty.Of(space.Group, await groups.Find(space.Group, cancel))
            : ShareParty.Of(share.Owner, null);
        return new SharedEntry(await Show(share, cancel), owner, file, folder);
    }
}
