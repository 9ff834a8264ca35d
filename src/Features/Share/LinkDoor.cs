using No = EventFiles.Features.Vocabulary.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>Lets in whoever has a link's token, and its password if it asks for one.</summary>
internal sealed class LinkDoor(
    IReadModel<LinkEntry> links, IReadModel<AccessView> files, IReadModel<FolderAccessView> folders, LinkPasswords passwords,
    TimeProvider clock)
{
    // In this order, so that nothing about what is behind it shows before the password was right.
    public async Task<Answer<LinkEntry>> Enter(LinkVisit visit, CancellationToken cancel)
    {
        var found = await links.List(
            LinkProjection.ByToken(LinkToken.Digest(visit.Token)), cursor: null, limit: 1, descending: false, cancel);
        if (found.Items is not [var link] || !await IsThere(link.On, cancel))
            return No.NoSuchLink;
        if (link.HasEnded(clock.GetUtcNow()))
            return No.Ended;
        if (link.HasPassword && await passwords.Ask(link.Id, visit, cancel) is { } no)
            return no;
        return link;
    }

    // What lies in the trash is behind no link.
    private async Task<bool> IsThere(ShareTarget on, CancellationToken cancel) => on.IsFolder
        ? await folders.Find(on.ToString(), cancel) is { IsTrashed: false }
        : await files.Find(on.ToString(), cancel) is { State: FileState.Present };
}
