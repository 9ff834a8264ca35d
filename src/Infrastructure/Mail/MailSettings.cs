namespace EventFiles.Infrastructure.Mail;

/// <summary>Where mail is sent by. Not a record: one that prints itself would print a password.</summary>
public sealed class MailSettings
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required MailProtection Protection { get; init; }

    /// <summary>Empty when the server asks for no login.</summary>
    public string User { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary>Whom mail is from: an address, or a name with the address in angle brackets.</summary>
    public required string From { get; init; }
}

/// <summary>How the connection to a mail server is protected.</summary>
public enum MailProtection
{
    /// <summary>TLS from the first byte on.</summary>
    Tls,

    /// <summary>STARTTLS, and without it nothing is sent.</summary>
    StartTls,

    /// <summary>None: for a server on the same machine or in a closed network.</summary>
    None,
}
