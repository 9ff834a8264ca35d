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
}
