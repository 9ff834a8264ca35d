using static EventFiles.Features.Accounts.AccountsEvent;

namespace EventFiles.Features.Accounts;

/// <summary>An account, as its own session sees it.</summary>
/// <param name="Generation">Sessions of another generation are void, except the kept one.</param>
/// <param name="Kept">The session that outlived the last change of generation.</param>
public sealed record AccountView(
    AccountId Id, string Email, string DisplayName, bool IsAdministrator, DateTimeOffset CreatedAt, int Generation,
    SessionId? Kept)
{
    /// <summary>May place and lift legal holds.</summary>
    public bool IsAuditor { get; init; }

    /// <summary>Whether mail to the address was read by whoever has the account.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Opens nothing.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Whether signing in needs a code.</summary>
    public bool HasFactor { get; init; }

    /// <summary>A program's: without a password.</summary>
    public bool IsService { get; init; }

    /// <summary>Whether somebody signs in to it at a provider.</summary>
    public bool IsLinked { get; init; }

    /// <summary>The picture that it is shown by; null for none.</summary>
    public AvatarId? Avatar { get; init; }

    /// <summary>Since when it is that one.</summary>
    public DateTimeOffset AvatarAt { get; init; }

    /// <summary>Programs' tokens from before are void: whoever reads the mail has taken the account over.</summary>
    public DateTimeOffset TokensSince { get; init; }

    /// <summary>Whether the session may go on.</summary>
    public bool Admits(SessionView session) => !IsDisabled && (session.Generation == Generation || session.Id == Kept);

    public Me ToMe() => new(Id, Email, DisplayName, IsAdministrator, IsAuditor, CreatedAt)
    {
        EmailConfirmed = IsConfirmed,
        HasSecondFactor = HasFactor,
        Avatar = Avatar,
    };

    public AccountSummary ToSummary() => new(
        Id, Email, DisplayName, CreatedAt, IsAdministrator, IsAuditor, IsDisabled, IsConfirmed, HasFactor, IsService);
}

internal static class AccountsProjection
{
    /// <summary>All of them, by address.</summary>
    public const string All = "accounts";

    /// <summary>By account id. Who has an address is asked of the claims, which know it at once and hold it once.</summary>
    public static Projection<AccountView> Define() => new Projection<AccountView>("accounts", version: 5)
        .On<Registered>(fact => fact.Account.ToString(), (_, fact, happened) =>
            new AccountView(fact.Account, fact.Email, fact.DisplayName, false, happened.At, 0, null))
        .On<Appointed>(fact => fact.Account.ToString(), (view, _, _) => view! with { IsAdministrator = true })
        .On<AuditorNamed>(fact => fact.Account.ToString(), (view, _, _) => view! with { IsAuditor = true })
        .On<AuditorDismissed>(fact => fact.Account.ToString(), (view, _, _) => view! with { IsAuditor = false })
        .On<Closed>(fact => fact.Account.ToString(), (_, _, _) => null)
        .On<Renamed>(fact => fact.Account.ToString(), (view, fact, _) => view! with { DisplayName = fact.DisplayName })
        .On<OthersSignedOut>(fact => fact.Account.ToString(), (view, fact, _) =>
            view! with { Generation = fact.Generation, Kept = fact.Kept })
        .On<PasswordChanged>(fact => fact.Account.ToString(), (view, fact, _) =>
            view! with { Generation = fact.Generation, Kept = fact.Kept })
        .On<AddressConfirmed>(fact => fact.Account.ToString(), (view, _, _) => view! with { IsConfirmed = true })
        .On<AddressChanged>(fact => fact.Account.ToString(), (view, fact, _) => view! with { Email = fact.Email, IsConfirmed = true })
        .On<PasswordReset>(fact => fact.Account.ToString(), (view, fact, happened) =>
            view! with { Generation = fact.Generation, Kept = null, IsConfirmed = true, TokensSince = happened.At })
        .On<FactorSwitched>(fact => fact.Account.ToString(), (view, fact, _) => view! with { HasFactor = fact.IsOn })
        .On<Disabled>(fact => fact.Account.ToString(), (view, fact, _) =>
            view! with { IsDisabled = true, Generation = fact.Generation, Kept = null })
        .On<Enabled>(fact => fact.Account.ToString(), (view, _, _) => view! with { IsDisabled = false })
        .On<AdministratorDismissed>(fact => fact.Account.ToString(), (view, _, _) => view! with { IsAdministrator = false })
        .On<IdentityLinked>(fact => fact.Account.ToString(), (view, _, _) => view! with { IsLinked = true })
        .On<MadeService>(fact => fact.Account.ToString(), (view, _, _) => view! with { IsService = true })
        .On<AvatarChanged>(fact => fact.Account.ToString(), (view, fact, happened) =>
            view! with { Avatar = fact.Avatar, AvatarAt = happened.At })
        .On<AvatarRemoved>(fact => fact.Account.ToString(), (view, _, _) => view! with { Avatar = null })
        .Indexed(view => [new IndexEntry(All, view.Email.ToLowerInvariant())]);
}
