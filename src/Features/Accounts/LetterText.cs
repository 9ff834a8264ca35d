using System.Globalization;

namespace EventFiles.Features.Accounts;

/// <summary>
/// What letters say. Nothing in them is chosen by whoever asked for them: nobody can have us write to strangers in words
/// of their own.
/// </summary>
internal static class LetterText
{
    public static Mail Of(OpenLetter letter, Uri site, string token) => letter.Kind switch
    {
        LetterKind.ConfirmAddress => new Mail(
            letter.Id.Value, letter.To, "Confirm your e-mail address",
            $"""
            Somebody, hopefully you, gave this e-mail address to EventFiles at {site.Authority}.

            To confirm that it is yours, open this page within two days:

            {Link(site, "confirm", token)}

            If it was not you, do nothing: without the page nothing happens.
            """),
        LetterKind.ChangeAddress => new Mail(
            letter.Id.Value, letter.To, "Confirm your new e-mail address",
            $"""
            Somebody, hopefully you, wants to sign in to EventFiles at {site.Authority} with this e-mail address from now on.

            To do so, open this page within two days:

            {Link(site, "confirm", token)}

            If it was not you, do nothing: without the page nothing happens.
            """),
        _ => new Mail(
            letter.Id.Value, letter.To, "Choose a new password",
            $"""
            Somebody, hopefully you, has forgotten the password of your account with EventFiles at {site.Authority}.

            To choose another, open this page within half an hour. It can be used once, and ends every sign-in:

            {Link(site, "reset", token)}

            If it was not you, do nothing: your password stays as it is.
            """),
    };

    public static Mail Told(LetterId letter, string former, Uri site) => new(
        // Another mail than the one to the new address.
        new Guid([.. letter.Value.ToByteArray().Reverse()]), former, "Your e-mail address was changed",
        $"""
        Your account with EventFiles at {site.Authority} has another e-mail address now, and this one opens it no more.

        If that was not you, somebody else knows your password: tell whoever runs the server, at once.
        """);

    public static Mail OfPasskey(Guid suspicion, string to, Uri site) => new(
        suspicion, to, "One of your passkeys may have been copied",
        $"""
        Somebody tried to sign in to your account with EventFiles at {site.Authority} with one of your passkeys, and was not let in: by its count it was used before.

        Look at your passkeys there, remove the one that is marked, and make another.
        """);

    public static Mail Invitation(InvitationId invitation, string to, DateTimeOffset until, Uri site, string token) => new(
        invitation.Value, to, "You are invited to EventFiles",
        $"""
        You are invited to open an account with EventFiles at {site.Authority}.

        To do so, open this page by {until.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}:

        {Link(site, "invitation", token)}

        If you do not want to, do nothing.
        """);

    /// <summary>What stands behind the number sign never leaves the browser by itself: no log of a server has it.</summary>
    public static Uri Link(Uri site, string what, string token) => new(site, $"/letter.html#{what}={token}");
}
