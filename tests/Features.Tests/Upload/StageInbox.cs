using EventFiles.Features.Share;

namespace EventFiles.Features.Tests.Upload;

/// <summary>A link into somebody's root, as the Share slice decides about it; its door lets in whoever has the token.</summary>
internal sealed class StageInbox(AccountId owner) : IInboxes
{
    public const string Token = "token";

    private readonly OpenInbox inbox = new(new LinkId(Guid.NewGuid()), FolderId.RootOf(owner), owner, MaxFileBytes: 5000, default);

    /// <summary>Makes the link.</summary>
    public Task Open(IStreams streams, int? maxUploads = null) => Do(streams, new InboxCommand.Open(
        inbox.Folder, inbox.Link, "digest", "Papers", HasPassword: false, null, maxUploads, inbox.MaxFileBytes));

    /// <summary>Takes it back.</summary>
    public Task Close(IStreams streams) => Do(streams, new InboxCommand.Close());

    public Task<Answer<OpenInbox>> Enter(LinkVisit visit, CancellationToken cancel) =>
        Task.FromResult<Answer<OpenInbox>>(visit.Token == Token ? inbox : LinkRejection.NoSuchLink);

    public Task<Rejection?> Receive(ITransaction transaction, OpenInbox inbox, FileId file) =>
        transaction.Decide(Stream, InboxDecider.Decider, new InboxCommand.Receive(file, inbox.EnteredAt));

    private StreamId Stream => InboxDecider.StreamOf(owner, inbox.Folder, inbox.Link);

    private Task<Answer<Done>> Do(IStreams streams, InboxCommand command) => streams.Transact<Done>(
        async transaction => await transaction.Decide(Stream, InboxDecider.Decider, command) is { } no ? no : default(Done), default);
}
