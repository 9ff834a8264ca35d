namespace EventFiles.Features.Accounts;

public abstract record PasskeyCommand
{
    private PasskeyCommand() { }

    public sealed record Add(PasskeyId Passkey, AccountId Account, string Name, NewPasskey Made, Challenge Answered) : PasskeyCommand;

    /// <summary>Somebody has it, which was proved.</summary>
    /// <param name="Uses">As the authenticator counts.</param>
    public sealed record Use(PasskeyId Passkey, long Uses, Challenge Answered) : PasskeyCommand;

    /// <summary>A use of it was refused because of its count.</summary>
    /// <param name="Uses">As that authenticator counts.</param>
    public sealed record Suspect(PasskeyId Passkey, long Uses) : PasskeyCommand;

    public sealed record Rename(PasskeyId Passkey, string Name) : PasskeyCommand;

    public sealed record Remove(PasskeyId Passkey) : PasskeyCommand;

    /// <summary>None opens anything any more.</summary>
    public sealed record RemoveAll : PasskeyCommand;
}
