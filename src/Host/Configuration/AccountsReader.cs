using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Mail;
using EventFiles.Infrastructure.Security;
using MimeKit;
using static EventFiles.Host.Configuration.SettingNames;

namespace EventFiles.Host.Configuration;

/// <summary>Reads what is decided of accounts, and where their letters are sent by.</summary>
internal sealed class AccountsReader(SettingSources sources, List<string> mistakes)
{
    private const int TlsPort = 465;
    private const int SubmissionPort = 587;

    public AccountsOptions Options() => new()
    {
        SignUp = Word(Registration, SignUpRule.Open),
        SecondFactor = Word(SecondFactor, FactorRule.Optional),
        SendsMail = sources[Smtp.Name] is not null,
        Site = Site(),
    };

    public MailSettings? Mail()
    {
        if (sources[Smtp.Name] is not { Value: var text })
        {
            if (sources[MailFrom.Name] is not null)
                Add(MailFrom, "it says nothing without SMTP_URL.");
            return null;
        }

        foreach (var missing in new[] { MailFrom, PublicUrl }.Where(one => sources[one.Name] is null))
            Add(missing, "it is missing, and SMTP_URL is there: they belong together.");
        var from = sources[MailFrom.Name]?.Value ?? "";
        if (from.Length > 0 && (!MailboxAddress.TryParse(from, out var mailbox) || mailbox.Domain.Length == 0))
            Add(MailFrom, "it is no e-mail address.");
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("smtp" or "smtps") || url.Host.Length == 0
            || url.AbsolutePath is not ("" or "/") || url.Query is not ("" or "?tls=off"))
        {
            Add(Smtp, "it is no address that begins with smtp:// or smtps://, with ?tls=off behind it or nothing.");
            return null;
        }

        var isTls = url.Scheme == "smtps";
        if (isTls && url.Query.Length > 0)
            Add(Smtp, "smtps and tls=off contradict each other.");
        var login = url.UserInfo.Split(':', 2);
        var (user, password) = (Uri.UnescapeDataString(login[0]), login.Length > 1 ? Uri.UnescapeDataString(login[1]) : "");
        if (user.Length > 0 && Credentials.Wrong(user, password) is { } wrong)
            Add(Smtp, wrong + ".");
        return new MailSettings
        {
            Host = url.DnsSafeHost,
            Port = url.Port > 0 && !url.IsDefaultPort ? url.Port : isTls ? TlsPort : SubmissionPort,
            Protection = isTls ? MailProtection.Tls : url.Query.Length > 0 ? MailProtection.None : MailProtection.StartTls,
            User = user,
            Password = password,
            From = from,
        };
    }

    public OidcSettings? Provider()
    {
        if (sources[OidcIssuer.Name] is not { Value: var text })
        {
            foreach (var lonely in new[] { OidcName, OidcClient, OidcSecret }.Where(one => sources[one.Name] is not null))
                Add(lonely, "it says nothing without OIDC_ISSUER.");
            return null;
        }

        var before = mistakes.Count;
        // Nobody who comes from there has a password to set one up with.
        if (Word(SecondFactor, FactorRule.Optional) == FactorRule.Required)
            Add(SecondFactor, "required does not go together with OIDC_ISSUER: let the provider ask for it.");
        foreach (var missing in new[] { OidcClient, OidcSecret, PublicUrl }.Where(one => sources[one.Name] is null))
            Add(missing, "it is missing, and OIDC_ISSUER is there: they belong together.");
        // What it says of people goes through this connection alone.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var issuer) || issuer.Query.Length > 0 || issuer.UserInfo.Length > 0
            || !(issuer.Scheme == "https" || (issuer.Scheme == "http" && issuer.IsLoopback)))
        {
            Add(OidcIssuer, "it is no https address.");
            return null;
        }

        return mistakes.Count > before || Site() is not { } site ? null : new OidcSettings
        {
            Name = sources[OidcName.Name]?.Value ?? issuer.Host,
            Issuer = issuer,
            Client = sources[OidcClient.Name]!.Value,
            Secret = sources[OidcSecret.Name]!.Value,
            Callback = new Uri(site, "/api/auth/provider/callback"),
        };
    }

    private Uri? Site()
    {
        if (sources[PublicUrl.Name] is not { Value: var text })
            return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/" && url.UserInfo.Length == 0)
            return url;
        Add(PublicUrl, "it is no http or https address of a server.");
        return null;
    }

    private T Word<T>(SettingName name, T usual) where T : struct, Enum
    {
        if (sources[name.Name] is not { Value: var text })
            return usual;
        if (!char.IsAsciiDigit(text[0]) && !text.Contains(',', StringComparison.Ordinal) && Enum.TryParse<T>(text, ignoreCase: true, out var word))
            return word;
        Add(name, $"{text} is none of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
        return usual;
    }

    private void Add(SettingName name, string wrong) => mistakes.Add(SettingsReader.Mistake(name, sources[name.Name], wrong));
}
