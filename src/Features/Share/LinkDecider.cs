using System.Diagnostics;
using static EventFiles.Features.Share.LinkCommand;
using static EventFiles.Features.Share.LinkEvent;
using No = EventFiles.Features.Vocabulary.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>A link and how often it was used.</summary>
public sealed record LinkState(Created? Made, int Downloads, bool IsRevoked)
{
    public bool HasEnded(DateTimeOffset now) => Made!.Until <= now || Downloads >= Made.MaxDownloads;
}

public static class LinkDecider
{
    public static readonly Decider<LinkCommand, LinkState, LinkEvent> Decider = new(
        new LinkState(null, 0, IsRevoked: false), Evolve, Decide)
    {
        Snapshots = new("link", 1),
    };

    /// <summary>Each link is a stream of its own: the downloads of one do not wait for those of another.</summary>
    public static StreamId StreamOf(AccountId owner, FileId file, LinkId link) => new($"{StreamsOf(file)}-{link}", owner);

    /// <summary>What the names of the streams of a file's links begin with.</summary>
    public static string StreamsOf(FileId file) => $"link-{file}";

    // Read from the top: the first row that matches is the rule. Passwords are asked for before.
    private static Decision<LinkEvent> Decide(LinkState link, LinkCommand ask, DateTimeOffset now) => ask switch
    {
        Create when link.Made is not null => Decision<LinkEvent>.AlreadySo,
        Create create when create.Until <= now => ShareRejection.AlreadyExpired,
        Create create => new Created(
            create.File, create.Link, create.TokenDigest, create.HasPassword, create.Role, create.Until, create.MaxDownloads),

        PassOn when link.Made is null || link.IsRevoked => Decision<LinkEvent>.AlreadySo,
        PassOn => new PassedOn(link.Made.File, link.Made.Link),

        Revoke when link.Made is null || link.IsRevoked => Decision<LinkEvent>.AlreadySo,
        Revoke => new Revoked(link.Made.File, link.Made.Link),

        _ when link.Made is null || link.IsRevoked => No.NoSuchLink,
        _ when link.HasEnded(now) => No.Ended,

        // Nobody can prove that a part continues a download that was counted: under a limit every part counts, or else all
        // but the first byte would be free.
        Continue when link.Downloads > 0 && link.Made.MaxDownloads is null => Decision<LinkEvent>.AlreadySo,
        Use or Continue => new Used(link.Made.File, link.Made.Link, link.Downloads + 1),

        _ => throw new UnreachableException(),
    };

    private static LinkState Evolve(LinkState link, LinkEvent happened) => happened switch
    {
        Created created => link with { Made = created },
        PassedOn => link,
        Used used => link with { Downloads = used.Downloads },
        Revoked => link with { IsRevoked = true },
        _ => throw new UnreachableException(),
    };
}
