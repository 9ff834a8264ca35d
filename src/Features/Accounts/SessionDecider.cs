using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Accounts.SessionCommand;
using static EventFiles.Features.Accounts.SessionEvent;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>One sign-in.</summary>
/// <param name="Id">Null while it was not opened.</param>
/// <param name="Current">Digests of the refresh tokens that stand. More than one only after a repeated exchange.</param>
/// <param name="Former">Digests of those they were exchanged for.</param>
/// <param name="FormerUntil">Until then one of the former ones may be handed in once more.</param>
public sealed record SessionState(
    SessionId? Id,
    SessionKind Kind,
    string? FamilyDigest,
    ImmutableHashSet<string> Current,
    ImmutableHashSet<string> Former,
    DateTimeOffset FormerUntil,
    int Generation,
    DateTimeOffset Until,
    bool HasEnded);

public static class SessionDecider
{
    /// <summary>How long a session lives without a refresh, and a web session at all.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(30);

    /// <summary>How long a client may hand in a spent refresh token again because it never saw the reply.</summary>
    public static readonly TimeSpan LostReply = TimeSpan.FromSeconds(30);

    /// <summary>At most so many tokens stand at once; whoever repeats an exchange more often has not lost a reply.</summary>
    public const int MaxCurrent = 8;

    public static readonly Decider<SessionCommand, SessionState, SessionEvent> Decider = new(
        new SessionState(null, SessionKind.Api, null, [], [], default, 0, default, false), Evolve, Decide)
    {
        Snapshots = new("session", 1),
    };

    public static StreamId StreamOf(SessionId session, AccountId account) => new(NameOf(session), account);

    public static string NameOf(SessionId session) => $"session-{session}";

    // Read from the top: the first row that matches is the rule. Somebody without the family's secret learns nothing and
    // ends nothing; somebody with it and a spent token has a copy of what another used.
    private static Decision<SessionEvent> Decide(SessionState session, SessionCommand ask, DateTimeOffset now) => ask switch
    {
        Open when session.Id is not null => Decision<SessionEvent>.AlreadySo,
        Open open => new Opened(
            open.Session, open.Account, open.Kind, open.FamilyDigest, open.TokenDigest, open.Generation, open.Device,
            now + Life, open.Address, open.Passkey),

        _ when session.Id is null => No.SessionOver,

        Refresh when session.HasEnded || now >= session.Until => No.SessionOver,
        Refresh refresh when session.Kind != SessionKind.Api || refresh.FamilyDigest != session.FamilyDigest => No.SessionOver,
        Refresh refresh when session.Current.Contains(refresh.PresentedDigest) => Exchange(session, refresh, now + LostReply, now),
        Refresh refresh when session.Former.Contains(refresh.PresentedDigest)
            && now < session.FormerUntil && session.Current.Count < MaxCurrent => Exchange(session, refresh, session.FormerUntil, now),
        Refresh => No.TokenReused,

        End when session.HasEnded => Decision<SessionEvent>.AlreadySo,
        End { Reason: SessionEnd.Expired } when now < session.Until => Decision<SessionEvent>.AlreadySo,
        End end => new Ended(session.Id.Value, end.Reason),

        _ => throw new UnreachableException(),
    };

    private static Refreshed Exchange(SessionState session, Refresh refresh, DateTimeOffset presentedUntil, DateTimeOffset now) =>
        new(session.Id!.Value, refresh.PresentedDigest, presentedUntil, refresh.NextDigest, now + Life);

    private static SessionState Evolve(SessionState session, SessionEvent happened) => happened switch
    {
        Opened opened => session with
        {
            Id = opened.Session,
            Kind = opened.Kind,
            FamilyDigest = opened.FamilyDigest,
            Current = [opened.TokenDigest],
            Generation = opened.Generation,
            Until = opened.Until,
        },
        Refreshed refreshed when session.Former.Contains(refreshed.PresentedDigest) => session with
        {
            Current = session.Current.Add(refreshed.TokenDigest),
            Until = refreshed.Until,
        },
        Refreshed refreshed => session with
        {
            Current = [refreshed.TokenDigest],
            Former = session.Current,
            FormerUntil = refreshed.PresentedUntil,
            Until = refreshed.Until,
        },
        Ended => session with { HasEnded = true },
        _ => throw new UnreachableException(),
    };
}
