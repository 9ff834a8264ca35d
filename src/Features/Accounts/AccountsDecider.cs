using System.Diagnostics;
using static EventFiles.Features.Accounts.AccountsCommand;
using static EventFiles.Features.Accounts.AccountsEvent;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>An account as its own decisions and those of its sessions need it.</summary>
/// <param name="Id">Null while nobody has registered it.</param>
/// <param name="Generation">Raised by whatever voids sign-ins: a session is good only in the generation it was opened in.</param>
/// <param name="Kept">The session that outlived the last such step.</param>
public sealed record AccountsState(
    AccountId? Id, string DisplayName, bool IsAdministrator, int Generation, SessionId? Kept)
{
    /// <summary>May place and lift legal holds.</summary>
    public bool IsAuditor { get; init; }

    /// <summary>It is nobody's any more.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether a session of that generation may go on.</summary>
    public bool Admits(SessionId session, int generation) =>
        Id is not null && !IsClosed && (generation == Generation || session == Kept);
}

public static class AccountsDecider
{
    public static readonly Decider<AccountsCommand, AccountsState, AccountsEvent> Decider = new(
        new AccountsState(null, "", false, 0, null), Evolve, Decide);

    public static StreamId StreamOf(AccountId account) => new($"account-{account}", account);

    /// <summary>Under which name the account's password is kept, and its address claimed.</summary>
    public static string HolderOf(AccountId account) => $"account-{account}";

    // Read from the top: the first row that matches is the rule.
    private static Decision<AccountsEvent> Decide(AccountsState account, AccountsCommand ask, DateTimeOffset now) =>
        (account.Id, ask) switch
        {
            (null, Register register) => new Registered(register.Account, register.Email, register.DisplayName),
            (null, _) => No.NoSuchAccount,
            (_, Register) => Decision<AccountsEvent>.AlreadySo,

            (_, Close) when account.IsClosed => Decision<AccountsEvent>.AlreadySo,
            (_, _) when account.IsClosed => No.NoSuchAccount,
            ({ } id, Close) => new Closed(id),

            (_, Appoint) when account.IsAdministrator => Decision<AccountsEvent>.AlreadySo,
            ({ } id, Appoint appoint) => new Appointed(id, appoint.AsFirst),

            (_, NameAuditor) when account.IsAuditor => Decision<AccountsEvent>.AlreadySo,
            ({ } id, NameAuditor name) => new AuditorNamed(id, name.By),
            (_, DismissAuditor) when !account.IsAuditor => Decision<AccountsEvent>.AlreadySo,
            ({ } id, DismissAuditor dismiss) => new AuditorDismissed(id, dismiss.By),

            (_, Rename rename) when rename.DisplayName == account.DisplayName => Decision<AccountsEvent>.AlreadySo,
            ({ } id, Rename rename) => new Renamed(id, rename.DisplayName),

            ({ } id, SignOutOthers others) => new OthersSignedOut(id, account.Generation + 1, others.Kept),
            ({ } id, ChangePassword change) => new PasswordChanged(id, account.Generation + 1, change.Kept),

            _ => throw new UnreachableException(),
        };

    private static AccountsState Evolve(AccountsState account, AccountsEvent happened) => happened switch
    {
        Registered registered => account with { Id = registered.Account, DisplayName = registered.DisplayName },
        Appointed => account with { IsAdministrator = true },
        AuditorNamed => account with { IsAuditor = true },
        AuditorDismissed => account with { IsAuditor = false },
        Renamed renamed => account with { DisplayName = renamed.DisplayName },
        Closed => account with { IsClosed = true, DisplayName = "" },
        OthersSignedOut others => account with { Generation = others.Generation, Kept = others.Kept },
        PasswordChanged changed => account with { Generation = changed.Generation, Kept = changed.Kept },
        _ => throw new UnreachableException(),
    };
}

public static class AccountsRejection
{
    public static readonly Rejection EmailTaken = new(
        "accounts.email-taken", RejectionKind.Conflict, "There is an account with this e-mail address.");

    /// <summary>Never reaches a client: who is refused registers as an ordinary account.</summary>
    public static readonly Rejection NotTheFirst = new(
        "accounts.not-the-first", RejectionKind.Conflict, "There is an administrator already.");

    public static readonly Rejection NoSuchAccount = new(
        "accounts.no-such-account", RejectionKind.Missing, "There is no such account.");

    public static readonly Rejection AdministratorsOnly = new(
        "accounts.administrators-only", RejectionKind.Forbidden, "Only an administrator names and dismisses auditors.");

    public static readonly Rejection WeakPassword = new(
        "accounts.weak-password", RejectionKind.Invalid, "This password is among the first that anyone would guess.");

    public static readonly Rejection WrongPassword = new(
        "accounts.wrong-password", RejectionKind.Forbidden, "The current password is another one.");

    /// <summary>The same whether the address is unknown or the password wrong.</summary>
    public static readonly Rejection WrongCredentials = new(
        "accounts.wrong-credentials", RejectionKind.Unauthenticated, "No account has this e-mail address and password.");

    public static readonly Rejection TooManyAttempts = new(
        "accounts.too-many-attempts", RejectionKind.Busy, "Too many failed attempts to sign in; wait before the next.");

    /// <summary>Hashing a password is costly by intent, so only so much of it is done at once.</summary>
    public static readonly Rejection Busy = new(
        "accounts.busy", RejectionKind.Busy, "Too many people are signing in at this moment; try again in a second.")
    {
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    public static readonly Rejection SessionOver = new(
        "accounts.session-over", RejectionKind.Unauthenticated, "This sign-in is unknown or has ended; sign in again.");

    /// <summary>Two hold the same sign-in, and nobody can say which of them is the thief: it ends for both.</summary>
    public static readonly Rejection TokenReused = new(
        "accounts.token-reused", RejectionKind.Unauthenticated,
        "This refresh token was used before: the sign-in has ended; sign in again.");

    public static readonly Rejection NoSuchSession = new(
        "accounts.no-such-session", RejectionKind.Missing, "You have no such session.");
}
