namespace EventFiles.Features.Accounts;

/// <summary>All that this slice refuses.</summary>
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
        "accounts.administrators-only", RejectionKind.Forbidden, "Only an administrator manages accounts.");

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

    /// <summary>Only whoever knows the password learns it.</summary>
    public static readonly Rejection Disabled = new(
        "accounts.disabled", RejectionKind.Forbidden, "This account was disabled by an administrator.");

    /// <summary>Only whoever knows the password learns it.</summary>
    public static readonly Rejection AddressUnconfirmed = new(
        "accounts.email-unconfirmed", RejectionKind.Forbidden, "Open the page first that the mail to your address leads to.");

    public static readonly Rejection CodeNeeded = new(
        "accounts.code-needed", RejectionKind.Unauthenticated,
        "The password is right. Send it once more, with the code that your authenticator shows or a recovery code.");

    /// <summary>The same whether it is another, too old or used before.</summary>
    public static readonly Rejection WrongCode = new(
        "accounts.wrong-code", RejectionKind.Unauthenticated, "The code is another one, too old or used before.");

    /// <summary>To somebody who is signed in: their session is not over because of it.</summary>
    public static readonly Rejection CodeIsWrong = new(
        "accounts.code-is-wrong", RejectionKind.Forbidden, "The code is another one, too old or used before.");

    public static readonly Rejection FactorIsOn = new(
        "accounts.second-factor-is-on", RejectionKind.Conflict, "The account has a second factor already; remove it first.");

    public static readonly Rejection NoFactor = new(
        "accounts.no-second-factor", RejectionKind.Conflict, "No second factor was prepared.");

    public static readonly Rejection SignUpClosed = new(
        "accounts.sign-up-closed", RejectionKind.Forbidden, "Nobody opens an account here any more.");

    public static readonly Rejection InvitationNeeded = new(
        "accounts.invitation-needed", RejectionKind.Forbidden, "Accounts are opened by invitation here.");

    public static readonly Rejection NoSuchInvitation = new(
        "accounts.no-such-invitation", RejectionKind.Missing, "There is no such invitation.");

    public static readonly Rejection InvitationAccepted = new(
        "accounts.invitation-accepted", RejectionKind.Conflict, "The account that the invitation was for is open already.");

    public static readonly Rejection InvitedOther = new(
        "accounts.invited-other", RejectionKind.Invalid, "The invitation is for another e-mail address.");

    /// <summary>The same whether it was made up, followed before, is too old or was replaced by a newer one.</summary>
    public static readonly Rejection LinkSpent = new(
        "accounts.link-spent", RejectionKind.Gone, "This link is not good, or not any more. Ask for another.");

    public static readonly Rejection TooManyLetters = new(
        "accounts.too-many-letters", RejectionKind.Busy, "Too many mails were asked for; wait before the next.");

    public static readonly Rejection TooManySignUps = new(
        "accounts.too-many-sign-ups", RejectionKind.Busy, "Too many accounts were opened from your network; wait before the next.");

    public static readonly Rejection MailIsOff = new(
        "accounts.mail-is-off", RejectionKind.Conflict, "This server sends no mail; whoever runs it can help.");

    public static readonly Rejection NoProvider = new(
        "accounts.no-provider", RejectionKind.Missing, "There is no other server to sign in at.");

    /// <summary>The same whatever was wrong with what a browser brought or what the provider said.</summary>
    public static readonly Rejection NotVouchedFor = new(
        "accounts.not-vouched-for", RejectionKind.Unauthenticated, "The other server does not vouch for you, or it took too long; sign in again.");

    public static readonly Rejection ProviderEmailUnverified = new(
        "accounts.provider-email-unverified", RejectionKind.Forbidden, "The other server does not say that your e-mail address was proved there.");

    /// <summary>It may be somebody else who opened it.</summary>
    public static readonly Rejection LinkUnproved = new(
        "accounts.link-unproved", RejectionKind.Conflict,
        "There is an account with your address, and nobody has proved the address here: sign in with its password and do so first.");

    public static readonly Rejection LinkedOther = new(
        "accounts.linked-other", RejectionKind.Conflict, "The account with your address belongs to somebody else at the other server.");

    public static readonly Rejection CodeAtHome = new(
        "accounts.code-at-home", RejectionKind.Forbidden, "Your account has a second factor: sign in with your password and code.");

    /// <summary>The claim's; it means that two came at once.</summary>
    public static readonly Rejection IdentityTaken = new(
        "accounts.identity-taken", RejectionKind.Conflict, "Whom the other server vouches for has an account already.");

    public static readonly Rejection NotYourself = new(
        "accounts.not-yourself", RejectionKind.Conflict, "An administrator cannot take this from their own account.");

    public static readonly Rejection PasskeyUnreadable = new(
        "accounts.passkey-unreadable", RejectionKind.Malformed, "This is not what an authenticator says.");

    /// <summary>To somebody who is signed in. The same whatever is wrong with it.</summary>
    public static readonly Rejection PasskeyUnproved = new(
        "accounts.passkey-unproved", RejectionKind.Forbidden,
        "This does not prove that a passkey was made for you, here and now, by an authenticator that knows its owner; begin again.");

    /// <summary>The same whether nobody knows the passkey, it signs wrongly, or it took too long.</summary>
    public static readonly Rejection PasskeyRefused = new(
        "accounts.passkey-refused", RejectionKind.Unauthenticated, "This passkey opens no account here, or it took too long; try again.");

    /// <summary>Never reaches a client: who has a copy is told what anybody is told.</summary>
    public static readonly Rejection PasskeySuspected = new(
        "accounts.passkey-suspected", RejectionKind.Unauthenticated, "By its count this passkey was used before: there may be a copy.");

    public static readonly Rejection PasskeyTaken = new(
        "accounts.passkey-taken", RejectionKind.Conflict, "This passkey opens an account already.");

    public static readonly Rejection TooManyPasskeys = new(
        "accounts.too-many-passkeys", RejectionKind.Conflict, "The account has twenty passkeys; remove one first.");

    public static readonly Rejection PasskeyNeeded = new(
        "accounts.passkey-needed", RejectionKind.Forbidden,
        "A second factor is asked for here, and this account has passkeys: sign in with one to change that.");

    public static readonly Rejection NoSuchPasskey = new(
        "accounts.no-such-passkey", RejectionKind.Missing, "You have no such passkey.");

    public static readonly Rejection NoSuchToken = new(
        "accounts.no-such-token", RejectionKind.Missing, "You have no such token.");

    public static readonly Rejection TooManyTokens = new(
        "accounts.too-many-tokens", RejectionKind.Conflict, "The account has a hundred tokens; revoke one first.");

    public static readonly Rejection AvatarTooLarge = new(
        "accounts.avatar-too-large", RejectionKind.TooLarge, "A picture of you has at most 5 MiB.");

    public static readonly Rejection AvatarType = new(
        "accounts.avatar-type", RejectionKind.Unsupported, "A picture of you is a PNG, JPEG or WebP.");

    public static readonly Rejection AvatarTooManyPixels = new(
        "accounts.avatar-too-many-pixels", RejectionKind.Invalid, "The picture has more pixels than are decoded here; make it smaller first.");

    public static readonly Rejection AvatarUnreadable = new(
        "accounts.avatar-unreadable", RejectionKind.Invalid, "The picture is damaged or incomplete.");

    public static readonly Rejection TooManyAvatars = new(
        "accounts.too-many-avatars", RejectionKind.Busy, "Your picture was changed too often; wait before the next.");

    /// <summary>The same whether there is no such person, the person has no picture, or has nothing to do with who asks.</summary>
    public static readonly Rejection NoAvatar = new(
        "accounts.no-avatar", RejectionKind.Missing, "There is no such picture.");

    public static readonly Rejection NoService = new(
        "accounts.no-service", RejectionKind.Missing, "There is no such service account.");
}
