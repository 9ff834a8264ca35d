namespace EventFiles.Features.Share;

/// <summary>
/// Passes on whom a file or folder is shared with. Links to a file lead there as before and are the new owner's; links into a
/// folder end, because who has them would take up the space of somebody who has not agreed to that.
/// </summary>
internal sealed class HandedShares(IStreams streams, TimeProvider clock) : IHandsOverFiles, IHandsOverFolders
{
    public async Task<Rejection?> HandOver(ITransaction transaction, FileHandover what)
    {
        if (await Grants(transaction, what.File, what.Former, what.Owner, what.Keeps) is { } no)
            return no;
        await foreach (var link in Links(LinkDecider.StreamsOf(what.File), fact => (fact as LinkEvent.Created)?.Link, transaction.Cancel))
        {
            if (await transaction.Decide(
                    LinkDecider.StreamOf(what.Owner, what.File, link), LinkDecider.Decider, new LinkCommand.PassOn()) is { } why)
                return why;
        }

        return null;
    }

    public async Task<Rejection?> HandOver(ITransaction transaction, FolderHandover what)
    {
        if (await Grants(transaction, what.Folder, what.Former, what.Owner, what.Keeps) is { } no)
            return no;
        await foreach (var link in Links(InboxDecider.StreamsOf(what.Folder), fact => (fact as InboxEvent.Opened)?.Link, transaction.Cancel))
        {
            if (await transaction.Decide(
                    InboxDecider.StreamOf(what.Former, what.Folder, link), InboxDecider.Decider, new InboxCommand.Close()) is { } why)
                return why;
        }

        return null;
    }

    private Task<Rejection?> Grants(ITransaction transaction, ShareTarget on, AccountId from, AccountId to, KeptRole? keeps) =>
        transaction.Decide(
            ShareDecider.StreamOf(to, on), ShareDecider.Decider,
            new ShareCommand.HandOver(on, from, to, NewId.Of<ShareId>(clock), keeps switch
            {
                KeptRole.Editor => ShareRole.Editor,
                KeptRole.Commenter => ShareRole.Commenter,
                KeptRole.Viewer => ShareRole.Viewer,
                _ => null,
            }));

    private IAsyncEnumerable<LinkId> Links(string names, Func<object, LinkId?> made, CancellationToken cancel) =>
        streams.ReadMerged([names], cancel).Select(happened => made(happened.Fact)).Where(link => link is not null)
            .Select(link => link!.Value);
}
