namespace EventFiles.Features.Accounts;

public abstract record AccountsCommand
{
    private AccountsCommand() { }

    public sealed record Register(AccountId Account, string Email, string DisplayName) : AccountsCommand;

    public sealed record Appoint(bool AsFirst) : AccountsCommand;

    public sealed record NameAuditor(AccountId By) : AccountsCommand;

    public sealed record DismissAuditor(AccountId By) : AccountsCommand;

    public sealed record Rename(string DisplayName) : AccountsCommand;

    public sealed record SignOutOthers(SessionId Kept) : AccountsCommand;

    public sealed record ChangePassword(SessionId Kept) : AccountsCommand;

    public sealed record Close : AccountsCommand;

    /// <summary>Mail to the address was read by whoever has the account.</summary>
    /// <param name="Letter">The letter or, when it is null, the invitation that was read there.</param>
    public sealed record ConfirmAddress(LetterId? Letter) : AccountsCommand;

    public sealed record ChangeAddress(LetterId Letter, string Email) : AccountsCommand;

    public sealed record ResetPassword(LetterId Letter) : AccountsCommand;

    public sealed record SwitchFactor(bool IsOn, AccountId By) : AccountsCommand;

    public sealed record LinkIdentity(string Issuer, string Subject) : AccountsCommand;

    public sealed record Disable(AccountId By) : AccountsCommand;

    public sealed record Enable(AccountId By) : AccountsCommand;

    public sealed record DismissAdministrator(AccountId By) : AccountsCommand;

    public sealed record MakeService(AccountId By) : AccountsCommand;

    /// <summary>Whoever may see the person is shown this picture, which is stored.</summary>
    public sealed record ChangeAvatar(AvatarId Avatar, long SizeBytes, string Sha256) : AccountsCommand;

    public sealed record RemoveAvatar : AccountsCommand;
}
