namespace EventFiles.Features.Share;

/// <summary>Whom a file may concern, from its own grants and those of the folders above it.</summary>
internal sealed class ShareAudiences(IReadModel<AccessView> files, IReadModel<FolderAccessView> folders) : IAudiences
{
    public async Task<Audience> Of(FileId file, CancellationToken cancel)
    {
        var accounts = new HashSet<AccountId>();
        var hasGroups = false;
        void Hear(IEnumerable<AccessGrant> grants)
        {
            foreach (var grant in grants)
            {
                hasGroups |= grant.Grantee.IsGroup;
                if (!grant.Grantee.IsGroup)
                    accounts.Add(new AccountId(grant.Grantee.Id));
            }
        }

        if (await files.Find(file.ToString(), cancel) is not { Owner: { } owner } view)
            return new Audience(accounts, HasGroups: false);
        accounts.Add(owner);
        Hear(view.Grants);
        var at = view.Folder;
        for (var steps = 0; at is { } folder && steps < StandingWalk.MaxSteps; steps++)
        {
            if (await folders.Find(folder.ToString(), cancel) is not { } above)
                break;
            Hear(above.Grants);
            at = above.Parent;
        }

        return new Audience(accounts, hasGroups);
    }
}
