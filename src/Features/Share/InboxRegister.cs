using No = EventFiles.Features.Vocabulary.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>Links by which files are brought, as the slice asks for them that takes files.</summary>
internal sealed class InboxRegister(LinkDoor door, IStreams streams, TimeProvider clock) : IInboxes
{
    public async Task<Answer<OpenInbox>> Enter(LinkVisit visit, CancellationToken cancel)
    {
        var enteredAt = clock.GetUtcNow();
        var entered = await door.Enter(visit, cancel);
        if (entered is not Answer<LinkEntry>.Yes(var link, _))
            return entered.Refusal!;
        return link is { Inbox: { } inbox } && link.On.AsFolder() is { } folder
            ? new OpenInbox(link.Id, folder, link.Owner, inbox.MaxFileBytes, enteredAt)
            : No.NotForUploads;
    }

    public async Task<Rejection?> Ask(OpenInbox inbox, CancellationToken cancel)
    {
        var state = await streams.Load(InboxDecider.StreamOf(inbox.Owner, inbox.Folder, inbox.Link), InboxDecider.Decider, cancel);
        return !state.IsOpen() ? No.NoSuchLink : state.Uploads >= state.MaxUploads ? No.Ended : null;
    }

    public Task<Rejection?> Receive(ITransaction transaction, OpenInbox inbox, FileId file) => transaction.Decide(
        InboxDecider.StreamOf(inbox.Owner, inbox.Folder, inbox.Link), InboxDecider.Decider,
        new InboxCommand.Receive(file, inbox.EnteredAt));
}
