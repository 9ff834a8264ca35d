namespace EventFiles.Infrastructure.Security;

/// <summary>What a request gets that does not come as far as a slice.</summary>
public static class SecurityRefusals
{
    public static readonly Rejection SignInFirst = new(
        "accounts.sign-in-first", RejectionKind.Unauthenticated, "This needs a signed-in account.");

    public static readonly Rejection NotAllowed = new(
        "accounts.not-allowed", RejectionKind.Forbidden, "The account may not do this.");

    public static readonly Rejection Csrf = new(
        "accounts.csrf", RejectionKind.Forbidden,
        "Under a web session this needs the header EventFiles-Csrf: 1, sent by one of this site's own pages.");
}
