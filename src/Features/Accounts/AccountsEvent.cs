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
}
