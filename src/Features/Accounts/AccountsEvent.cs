namespace EventFiles.Features.Accounts;

/// <summary>What happened to an account. Stored for ever: add cases, never change one.</summary>
public abstract record AccountsEvent
{
    private AccountsEvent() { }

    /// <summary>Somebody may sign in with this address from now on.</summary>
    /// <param name="Email">As it was typed, without surrounding spaces.</param>
    public sealed record Registered(AccountId Account, [Personal] string Email, [Personal] string DisplayName) : AccountsEvent;

    /// <summary>The account may run the operator's requests.</summary>
    /// <param name="AsFirst">Because it was the first of all: only one account ever is.</param>
    public sealed record Appointed(AccountId Account, bool AsFirst) : AccountsEvent;

    /// <summary>The account may place and lift legal holds.</summary>
    /// <param name="By">The administrator who said so.</param>
    public sealed record AuditorNamed(AccountId Account, AccountId By) : AccountsEvent;

    /// <summary>The account may not do that any more; the holds that it placed stand.</summary>
    /// <param name="By">The administrator who said so.</param>
    public sealed record AuditorDismissed(AccountId Account, AccountId By) : AccountsEvent;

    public sealed record Renamed(AccountId Account, [Personal] string DisplayName) : AccountsEvent;

    /// <summary>It is over: all sign-ins are void, nobody signs in again, and its address is free.</summary>
    public sealed record Closed(AccountId Account) : AccountsEvent;

    /// <summary>All sign-ins up to here are void, except the one that asked for it.</summary>
    /// <param name="Generation">What sign-ins from here on belong to.</param>
    public sealed record OthersSignedOut(AccountId Account, int Generation, SessionId Kept) : AccountsEvent;

    /// <summary>It has another password; all sign-ins up to here are void, except the one that changed it.</summary>
    /// <param name="Generation">What sign-ins from here on belong to.</param>
    public sealed record PasswordChanged(AccountId Account, int Generation, SessionId Kept) : AccountsEvent;

    /// <summary>Mail to the account's address was read by whoever has the account.</summary>
    /// <param name="Letter">Which; null for the invitation.</param>
    public sealed record AddressConfirmed(AccountId Account, LetterId? Letter) : AccountsEvent;

    /// <summary>It signs in with another address from now on, mail to which was read.</summary>
    /// <param name="Former">Is told of it.</param>
    public sealed record AddressChanged(
        AccountId Account, LetterId Letter, [Personal] string Email, [Personal] string Former) : AccountsEvent;

    /// <summary>It has another password, set by whoever read its mail; all sign-ins up to here are void.</summary>
    /// <param name="Generation">What sign-ins from here on belong to.</param>
    public sealed record PasswordReset(AccountId Account, LetterId Letter, int Generation) : AccountsEvent;

    /// <summary>Signing in with a password needs a code from now on, or no longer.</summary>
    /// <param name="By">The account itself, or the administrator who took it away.</param>
    public sealed record FactorSwitched(AccountId Account, bool IsOn, AccountId By) : AccountsEvent;

    /// <summary>Whoever a provider vouches for under that name signs in to it.</summary>
    /// <param name="Issuer">The provider.</param>
    /// <param name="Subject">The person, by the provider's name for them.</param>
    public sealed record IdentityLinked(AccountId Account, string Issuer, [Personal] string Subject) : AccountsEvent;

    /// <summary>It opens nothing until it is enabled again; all sign-ins up to here are void, its tokens wait.</summary>
    /// <param name="Generation">What sign-ins from here on belong to.</param>
    /// <param name="By">The administrator who said so.</param>
    public sealed record Disabled(AccountId Account, int Generation, AccountId By) : AccountsEvent;

    /// <summary>It may sign in again.</summary>
    /// <param name="By">The administrator who said so.</param>
    public sealed record Enabled(AccountId Account, AccountId By) : AccountsEvent;

    /// <summary>The account may not run the operator's requests any more.</summary>
    /// <param name="By">The administrator who said so.</param>
    public sealed record AdministratorDismissed(AccountId Account, AccountId By) : AccountsEvent;

    /// <summary>It is a program's: it has no password and no mailbox, and signs in by tokens.</summary>
    /// <param name="By">The administrator who said so.</param>
    public sealed record MadeService(AccountId Account, AccountId By) : AccountsEvent;

    /// <summary>Others are shown this picture of it, which was stored before.</summary>
    /// <param name="SizeBytes">How long it is, in plain bytes.</param>
    /// <param name="Sha256">Lower-case hex over them.</param>
    /// <param name="Former">The one before, which is of no use any more; null when there was none.</param>
    public sealed record AvatarChanged(
        AccountId Account, AvatarId Avatar, long SizeBytes, [Personal] string Sha256, AvatarId? Former) : AccountsEvent;

    /// <summary>There is no picture of it any more.</summary>
    /// <param name="Avatar">The one that was there.</param>
    public sealed record AvatarRemoved(AccountId Account, AvatarId Avatar) : AccountsEvent;
}
