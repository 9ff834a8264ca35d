namespace EventFiles.Features.Accounts;

public abstract record FactorCommand
{
    private FactorCommand() { }

    /// <summary>An authenticator is given a secret.</summary>
    /// <param name="Secret">Sealed.</param>
    public sealed record Prepare(AccountId Account, string Secret) : FactorCommand;

    public sealed record Confirm(long Step, IReadOnlyList<string> RecoveryDigests) : FactorCommand;

    public sealed record UseCode(long Step) : FactorCommand;

    public sealed record UseRecoveryCode(string Digest) : FactorCommand;

    public sealed record Remove(AccountId By) : FactorCommand;
}
