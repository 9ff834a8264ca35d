namespace EventFiles.Features.Accounts;

public abstract record LetterCommand
{
    private LetterCommand() { }

    /// <summary>A mail with a link goes to that address.</summary>
    public sealed record Ask(LetterId Letter, AccountId Account, LetterKind Kind, string To) : LetterCommand;

    /// <summary>Its link is followed.</summary>
    public sealed record Redeem(LetterId Letter) : LetterCommand;
}
