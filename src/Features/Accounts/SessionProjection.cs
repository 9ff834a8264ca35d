using static EventFiles.Features.Accounts.SessionEvent;

namespace EventFiles.Features.Accounts;

/// <summary>A session that has not ended.</summary>
/// <param name="TokenDigest">Of the cookie's secret, for web sessions. SHA-256, lower-case hex.</param>
/// <param name="Generation">The account's generation of sign-ins that it belongs to.</param>
/// <param name="Until">From then on it is over, whether or not an event says so yet.</param>
public sealed record SessionView(
    SessionId Id, AccountId Account, SessionKind Kind, string TokenDigest, int Generation, string Device,
    DateTimeOffset OpenedAt, DateTimeOffset RefreshedAt, DateTimeOffset Until)
{
    /// <summary>Whether it was opened with a passkey, which is two factors in one.</summary>
    public bool IsByPasskey { get; init; }

    public SessionSummary ToSummary(SessionId current) => new(
        Id, Kind == SessionKind.Web ? "web" : "api", Device, OpenedAt, RefreshedAt, Until, Id == current);
}

internal static class SessionProjection
{
    /// <summary>The sessions that have not ended, by their deadline.</summary>
    public const string ByDeadline = "sessions-due";

    /// <summary>An account's sessions, by the time they were opened.</summary>
    public static string Of(AccountId account) => $"sessions:{account}";

    /// <summary>By session id.</summary>
    public static Projection<SessionView> Define() => new Projection<SessionView>("sessions", version: 2)
        .On<Opened>(fact => fact.Session.ToString(), (_, fact, happened) => new SessionView(
            fact.Session, fact.Account, fact.Kind, fact.TokenDigest, fact.Generation, fact.Device, happened.At, happened.At,
            fact.Until)
        {
            IsByPasskey = fact.Passkey is not null,
        })
        .On<Refreshed>(fact => fact.Session.ToString(), (view, fact, happened) =>
            view is null ? null : view with { RefreshedAt = happened.At, Until = fact.Until })
        .On<Ended>(fact => fact.Session.ToString(), (_, _, _) => null)
        .Indexed(view =>
        [
            new IndexEntry(Of(view.Account), IndexEntry.Time(view.OpenedAt)),
            new IndexEntry(ByDeadline, IndexEntry.Time(view.Until)),
        ]);
}
