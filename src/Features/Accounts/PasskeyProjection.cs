using static EventFiles.Features.Accounts.PasskeyEvent;

namespace EventFiles.Features.Accounts;

/// <summary>A passkey that was not removed. What verifies it is in its stream alone.</summary>
/// <param name="IsSynced">Whether its owner may have it on several devices.</param>
/// <param name="UsedAt">When somebody signed in with it last.</param>
/// <param name="SuspectedAt">When somebody last had it whose count was behind.</param>
public sealed record PasskeyView(
    PasskeyId Id, AccountId Account, string Name, string Credential, bool IsSynced, DateTimeOffset AddedAt, DateTimeOffset? UsedAt,
    DateTimeOffset? SuspectedAt)
{
    public PasskeySummary ToSummary() => new(Id, Name, IsSynced, AddedAt, UsedAt, SuspectedAt);
}

internal static class PasskeyProjection
{
    /// <summary>An account's passkeys, by the time they were added.</summary>
    public static string Of(AccountId account) => $"passkeys:{account}";

    /// <summary>By passkey id. Whose passkey an authenticator speaks of is asked of the claims.</summary>
    public static Projection<PasskeyView> Define() => new Projection<PasskeyView>("passkeys")
        .On<Added>(fact => fact.Passkey.ToString(), (_, fact, happened) => new PasskeyView(
            fact.Passkey, fact.Account, fact.Name, fact.Credential, fact.IsSynced, happened.At, null, null))
        .On<Used>(fact => fact.Passkey.ToString(), (view, _, happened) => view is null ? null : view with { UsedAt = happened.At })
        .On<Suspected>(fact => fact.Passkey.ToString(), (view, _, happened) => view is null ? null : view with { SuspectedAt = happened.At })
        .On<Renamed>(fact => fact.Passkey.ToString(), (view, fact, _) => view is null ? null : view with { Name = fact.Name })
        .On<Removed>(fact => fact.Passkey.ToString(), (_, _, _) => null)
        .Indexed(view => [new IndexEntry(Of(view.Account), IndexEntry.Time(view.AddedAt))]);
}
