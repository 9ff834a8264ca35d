namespace EventFiles.Features.Accounts;

/// <summary>
/// What became of the mails with links that an account was sent. Stored for ever: add cases, never change one. The link's
/// secret is in the mail alone: it is sealed anew of the letter's id whenever the mail is sent.
/// </summary>
public abstract record LetterEvent
{
    private LetterEvent() { }

    /// <summary>A mail with a link is to go there; a former one of the same kind is void.</summary>
    /// <param name="Until">From then on its link opens nothing.</param>
    /// <param name="Generation">The account's generation of sign-ins when it was asked for.</param>
    public sealed record Asked(
        LetterId Letter, AccountId Account, LetterKind Kind, [Personal] string To, DateTimeOffset Until, int Generation) : LetterEvent;

    /// <summary>Its link did what it was for, and does nothing more.</summary>
    public sealed record Redeemed(LetterId Letter) : LetterEvent;
}

/// <summary>What a letter's link is for.</summary>
public enum LetterKind
{
    /// <summary>Proves that mail to the account's address is read.</summary>
    ConfirmAddress,

    /// <summary>Gives the account another address, the one that it is sent to.</summary>
    ChangeAddress,

    /// <summary>Gives the account another password.</summary>
    ResetPassword,
}
