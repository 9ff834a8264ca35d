using System.Text.Json.Serialization;
using static EventFiles.Features.Accounts.SessionEvent;

namespace EventFiles.Features.Accounts;

/// <summary>A session that has not ended. There are many, so what goes without saying is not stored.</summary>
/// <param name="TokenDigest">Of the cookie's secret, as <see cref="SessionSecret.Shorten"/> gives it; null for others than web sessions.</param>
/// <param name="Generation">The account's generation of sign-ins that it belongs to.</param>
/// <param name="RefreshedAt">When it was refreshed last; null while it never was.</param>
/// <param name="Until">From then on it is over, whether or not an event says so yet.</param>
public sealed record SessionView(
    SessionId Id, AccountId Account, SessionKind Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TokenDigest, int Generation, string Device,
    DateTimeOffset OpenedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? RefreshedAt,
    DateTimeOffset Until)
{
    /// <summary>Whether it was opened with a passkey, which is two factors in one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsByPasskey { get; init; }

    /// <summary>When its holder last proved who they are.</summary>
    [JsonIgnore]
    public DateTimeOffset ProvedAt => RefreshedAt ?? OpenedAt;

    public SessionSummary ToSummary(SessionId current) => new(
        Id, Kind == SessionKind.Web ? "web" : "api", Device, OpenedAt, ProvedAt, Until, Id == current);
}

internal static class SessionProjection
{
    /// <summary>The sessions that have not ended, by their deadline.</summary>
    public const string ByDeadline = "sessions-due";

    /// <summary>An account's sessions, by the time they were opened.</summary>
    public static string Of(AccountId account) => $"sessions:{account}";

    /// <summary>By session id.</summary>
    public static Projection<SessionView> Define() => new Projection<SessionView>("sessions", version: 3)
        .On<Opened>(fact => fact.Session.ToString(), (_, fact, happened) => new SessionView(
            fact.Session, fact.Account, fact.Kind,
            fact.Kind is SessionKind.Web ? SessionSecret.Shorten(fact.TokenDigest) : null, fact.Generation, fact.Device, happened.At,
            RefreshedAt: null, fact.Until)
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
