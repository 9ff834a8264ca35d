using EventFiles.Features.Share;

namespace EventFiles.Features.Tests.Upload;

/// <summary>A link into somebody's root, as the Share slice decides about it; its door lets in whoever has the token.</summary>
internal sealed class StageInbox(AccountId owner) : IInboxes
{
    public const string Token = "token";

    private OpenInbox inbox = new(new LinkId(Guid.NewGuid()), FolderId.RootOf(owner), owner, MaxFileBytes: 5000, default);

    private IStreams? opened;

    /// <summary>Made true when somebody who is let in already was asked for again.</summary>
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes the link.</summary>
    public Task Open(IStreams streams, int? maxUploads = null, long? maxFileBytes = 5000)
    {
        (opened, inbox) = (streams, inbox with { MaxFileBytes = maxFileBytes });
        return Do(streams, new InboxCommand.Open(
            inbox.Folder, inbox.Link, "digest", "Papers", HasPassword: false, null, maxUploads, maxFileBytes));
    }

    /// <summary>Takes it back.</summary>
    public Task Close(IStreams streams) => Do(streams, new InboxCommand.Close());

    public Task<Answer<OpenInbox>> Enter(LinkVisit visit, CancellationToken cancel) =>
        Task.FromResult<Answer<OpenInbox>>(visit.Token == Token ? inbox : LinkRejection.NoSuchLink);

    public async Task<Rejection?> Ask(OpenInbox inbox, CancellationToken cancel)
    {
        Asked.TrySetResult();
        return (await opened!.Load(Stream, InboxDecider.Decider, cancel)).IsOpen() ? null : LinkRejection.NoSuchLink;
    }

    public Task<Rejection?> Receive(ITransaction transaction, OpenInbox inbox, FileId file) =>
        transaction.Decide(Stream, InboxDecider.Decider, new InboxCommand.Receive(file, inbox.EnteredAt));

    private StreamId Stream => InboxDecider.StreamOf(owner, inbox.Folder, inbox.Link);

    private Task<Answer<Done>> Do(IStreams streams, InboxCommand command) => streams.Transact<Done>(
        async transaction => await transaction.Decide(Stream, InboxDecider.Decider, command) is { } no ? no : default(Done), default);
}
