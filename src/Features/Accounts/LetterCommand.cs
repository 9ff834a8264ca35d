namespace EventFiles.Features.Accounts;

public abstract record LetterCommand
{
    private LetterCommand() { }

    /// <summary>A mail with a link goes to that address.</summary>
    /// <param name="Generation">The account's generation of sign-ins when it was asked for.</param>
    public sealed record Ask(LetterId Letter, AccountId Account, LetterKind Kind, string To, int Generation) : LetterCommand;

    /// <summary>Its link is followed.</summary>
    public sealed record Redeem(LetterId Letter) : LetterCommand;
}
