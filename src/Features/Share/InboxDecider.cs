using System.Diagnostics;
using static EventFiles.Features.Share.InboxCommand;
using static EventFiles.Features.Share.InboxEvent;
using No = EventFiles.Features.Vocabulary.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>A link by which files are brought, and how many were.</summary>
/// <param name="Link">Null as long as it was not made.</param>
public sealed record InboxState(
    FolderId Folder, LinkId? Link, DateTimeOffset? Until, int? MaxUploads, int Uploads, bool IsClosed)
{
    /// <summary>Whether it takes files at all.</summary>
    public bool IsOpen() => Link is not null && !IsClosed;
}

public static class InboxDecider
{
    public static readonly Decider<InboxCommand, InboxState, InboxEvent> Decider = new(
        new InboxState(default, null, null, null, 0, IsClosed: false), Evolve, Decide)
    {
        Snapshots = new("inbox", 1),
    };

    /// <summary>Each is a stream of its own: what comes by one does not wait for what comes by another.</summary>
    public static StreamId StreamOf(AccountId owner, FolderId folder, LinkId link) => new($"{StreamsOf(folder)}-{link}", owner);

    /// <summary>What the names of the streams of a folder's inboxes begin with.</summary>
    public static string StreamsOf(FolderId folder) => $"inbox-{folder}";

    // Read from the top: the first row that matches is the rule. Passwords are asked for before.
    private static Decision<InboxEvent> Decide(InboxState inbox, InboxCommand ask, DateTimeOffset now) => ask switch
    {
        Open when inbox.Link is not null => Decision<InboxEvent>.AlreadySo,
        Open open when open.Until <= now => ShareRejection.AlreadyExpired,
        Open open => new Opened(
            open.Folder, open.Link, open.TokenDigest, open.Title, open.HasPassword, open.Until, open.MaxUploads, open.MaxFileBytes),

        Close when !inbox.IsOpen() => Decision<InboxEvent>.AlreadySo,
        Close => new Closed(inbox.Folder, inbox.Link!.Value),

        Receive when !inbox.IsOpen() => No.NoSuchLink,
        Receive receive when inbox.Until <= receive.EnteredAt => No.Ended,
        Receive when inbox.Uploads >= inbox.MaxUploads => No.Ended,
        Receive receive => new Received(inbox.Folder, inbox.Link!.Value, receive.File, inbox.Uploads + 1),

        _ => throw new UnreachableException(),
    };

    private static InboxState Evolve(InboxState inbox, InboxEvent happened) => happened switch
    {
        Opened opened => inbox with
        {
            Folder = opened.Folder,
            Link = opened.Link,
            Until = opened.Until,
            MaxUploads = opened.MaxUploads,
        },
        Received received => inbox with { Uploads = received.Uploads },
        Closed => inbox with { IsClosed = true },
        _ => throw new UnreachableException(),
    };
}
