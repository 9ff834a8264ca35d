namespace EventFiles.Features.Share;

/// <summary>Whom a file may concern, from its own grants and those of the folders above it.</summary>
internal sealed class ShareAudiences(IReadModel<AccessView> files, IReadModel<FolderAccessView> folders) : IAudiences
{
    public async Task<Audience> Of(FileId file, CancellationToken cancel)
    {
        var (owner, grants) = await Over(file, cancel);
        var accounts = grants.Where(grant => !grant.Grantee.IsGroup).Select(grant => new AccountId(grant.Grantee.Id)).ToHashSet();
        if (owner is { } own)
            accounts.Add(own);
        return new Audience(accounts, grants.Any(grant => grant.Grantee.IsGroup));
    }

    /// <summary>Whose the file is, null when there is none; and all that was granted of it and of the folders above it.</summary>
    public async Task<(AccountId? Owner, IReadOnlyList<AccessGrant> Grants)> Over(FileId file, CancellationToken cancel)
    {
        if (await files.Find(file.ToString(), cancel) is not { Owner: { } owner } view)
            return (null, []);
        var grants = new List<AccessGrant>(view.Grants);
        var at = view.Folder;
        for (var steps = 0; at is { } folder && steps < StandingWalk.MaxSteps; steps++)
        {
            if (await folders.Find(folder.ToString(), cancel) is not { } above)
                break;
            grants.AddRange(above.Grants);
            at = above.Parent;
        }

        return (owner, grants);
    }
}
