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

    /// <summary>As it was typed.</summary>
    public string Email { get; init; } = "";

    /// <summary>Whether mail to the address was read by whoever has the account.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Opens nothing.</summary>
    public bool IsDisabled { get; init; }

    /// <summary>Whether signing in needs a code.</summary>
    public bool HasFactor { get; init; }

    /// <summary>A program's: without a password.</summary>
    public bool IsService { get; init; }

    /// <summary>The picture that it is shown by; null for none.</summary>
    public AvatarId? Avatar { get; init; }

    /// <summary>Lower-case hex over that picture's bytes.</summary>
    public string? AvatarSha256 { get; init; }

    /// <summary>Whom a provider vouches for; null when none does.</summary>
    public (string Issuer, string Subject)? Identity { get; init; }

    /// <summary>It is nobody's any more.</summary>
    public bool IsClosed { get; init; }

    /// <summary>Whether a session of that generation may go on.</summary>
    public bool Admits(SessionId session, int generation) =>
        Id is not null && !IsDisabled && (generation == Generation || session == Kept);
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

            (_, ConfirmAddress) when account.IsConfirmed => Decision<AccountsEvent>.AlreadySo,
            ({ } id, ConfirmAddress confirm) => new AddressConfirmed(id, confirm.Letter),
            (_, ChangeAddress change) when change.Email == account.Email => Decision<AccountsEvent>.AlreadySo,
            ({ } id, ChangeAddress change) => new AddressChanged(id, change.Letter, change.Email, account.Email),
            ({ } id, ResetPassword reset) => new PasswordReset(id, reset.Letter, account.Generation + 1),

            (_, SwitchFactor to) when to.IsOn == account.HasFactor => Decision<AccountsEvent>.AlreadySo,
            ({ } id, SwitchFactor to) => new FactorSwitched(id, to.IsOn, to.By),

            (_, LinkIdentity link) when account.Identity == (link.Issuer, link.Subject) => Decision<AccountsEvent>.AlreadySo,
            (_, LinkIdentity) when account.Identity is not null => No.LinkedOther,
            ({ } id, LinkIdentity link) => new IdentityLinked(id, link.Issuer, link.Subject),

            ({ } id, Disable disable) when id == disable.By => No.NotYourself,
            (_, Disable) when account.IsDisabled => Decision<AccountsEvent>.AlreadySo,
            ({ } id, Disable disable) => new Disabled(id, account.Generation + 1, disable.By),
            (_, Enable) when !account.IsDisabled => Decision<AccountsEvent>.AlreadySo,
            ({ } id, Enable enable) => new Enabled(id, enable.By),

            ({ } id, DismissAdministrator dismiss) when id == dismiss.By => No.NotYourself,
            (_, DismissAdministrator) when !account.IsAdministrator => Decision<AccountsEvent>.AlreadySo,
            ({ } id, DismissAdministrator dismiss) => new AdministratorDismissed(id, dismiss.By),

            (_, MakeService) when account.IsService => Decision<AccountsEvent>.AlreadySo,
            ({ } id, MakeService make) => new MadeService(id, make.By),

            // The same picture again is the one that is there.
            (_, ChangeAvatar change) when account.Avatar is not null && change.Sha256 == account.AvatarSha256 => Decision<AccountsEvent>.AlreadySo,
            ({ } id, ChangeAvatar change) => new AvatarChanged(id, change.Avatar, change.SizeBytes, change.Sha256, account.Avatar),
            (_, RemoveAvatar) when account.Avatar is null => Decision<AccountsEvent>.AlreadySo,
            ({ } id, RemoveAvatar) => new AvatarRemoved(id, account.Avatar!.Value),

            _ => throw new UnreachableException(),
        };

    private static AccountsState Evolve(AccountsState account, AccountsEvent happened) => happened switch
    {
        Registered registered => account with
        {
            Id = registered.Account,
            DisplayName = registered.DisplayName,
            Email = registered.Email,
        },
        Appointed => account with { IsAdministrator = true },
        AuditorNamed => account with { IsAuditor = true },
        AuditorDismissed => account with { IsAuditor = false },
        Renamed renamed => account with { DisplayName = renamed.DisplayName },
        // It opens nothing by whatever way, and nothing in it tells of anybody.
        Closed => account with
        {
            IsClosed = true,
            IsDisabled = true,
            DisplayName = "",
            Email = "",
            HasFactor = false,
            Identity = null,
            Avatar = null,
            AvatarSha256 = null,
        },
        OthersSignedOut others => account with { Generation = others.Generation, Kept = others.Kept },
        PasswordChanged changed => account with { Generation = changed.Generation, Kept = changed.Kept },
        AddressConfirmed => account with { IsConfirmed = true },
        AddressChanged changed => account with { Email = changed.Email, IsConfirmed = true },
        // Whoever set it has read mail to the address.
        PasswordReset reset => account with { Generation = reset.Generation, Kept = null, IsConfirmed = true },
        FactorSwitched switched => account with { HasFactor = switched.IsOn },
        IdentityLinked linked => account with { Identity = (linked.Issuer, linked.Subject) },
        Disabled disabled => account with { IsDisabled = true, Generation = disabled.Generation, Kept = null },
        Enabled => account with { IsDisabled = false },
        AdministratorDismissed => account with { IsAdministrator = false },
        MadeService => account with { IsService = true },
        AvatarChanged changed => account with { Avatar = changed.Avatar, AvatarSha256 = changed.Sha256 },
        AvatarRemoved => account with { Avatar = null, AvatarSha256 = null },
        _ => throw new UnreachableException(),
    };
}
