using System.Runtime.CompilerServices;

namespace EventFiles.Features.Accounts;

/// <summary>The account, for whose it is.</summary>
internal sealed class AccountsRecords(IReadModel<AccountView> accounts) : IPersonalRecords
{
    public string Name => "account";

    public async IAsyncEnumerable<object> Of(AccountId person, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (await accounts.Find(person.ToString(), cancel) is { } view)
        {
            yield return new
            {
                view.Id,
                view.Email,
                view.DisplayName,
                view.CreatedAt,
                view.IsConfirmed,
                view.HasFactor,
                view.IsLinked,
                view.IsService,
                view.IsAdministrator,
                view.IsAuditor,
                view.Avatar,
            };
        }
    }
}

/// <summary>Sign-ins that have not ended, for whose they are.</summary>
internal sealed class SessionRecords(IReadModel<SessionView> sessions) : IPersonalRecords
{
    public string Name => "sessions";

    public IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel) =>
        sessions.All(SessionProjection.Of(person), cancel)
            .Select(view => (object)new { view.Id, view.Kind, view.Device, view.OpenedAt, view.RefreshedAt, view.Until });
}

/// <summary>Tokens that were not revoked, for whose they are.</summary>
internal sealed class TokenRecords(IReadModel<TokenView> tokens) : IPersonalRecords
{
    public string Name => "tokens";

    public IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel) =>
        tokens.All(TokenProjection.Of(person), cancel).Select(view => (object)view.ToSummary());
}

/// <summary>Passkeys that were not removed, for whose they are.</summary>
internal sealed class PasskeyRecords(IReadModel<PasskeyView> passkeys) : IPersonalRecords
{
    public string Name => "passkeys";

    public IAsyncEnumerable<object> Of(AccountId person, CancellationToken cancel) =>
        passkeys.All(PasskeyProjection.Of(person), cancel)
            .Select(view => (object)new { view.Id, view.Name, view.Credential, view.IsSynced, view.AddedAt, view.UsedAt, view.SuspectedAt });
}
