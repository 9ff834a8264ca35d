using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;
using MimeKit.Text;

namespace EventFiles.Infrastructure.Mail;

/// <summary>Mail by SMTP, over a connection for each. No address is ever logged.</summary>
internal sealed partial class SmtpMail(MailSettings settings, TimeProvider clock, ILogger<SmtpMail> log) : IMail
{
    // A server may take its time to look at a mail; longer and it counts as away.
    private const int TimeoutMilliseconds = 30_000;

    public bool IsOn => true;

    public async Task<bool> Send(Features.Vocabulary.Mail mail, CancellationToken cancel)
    {
        // What may be an address here is more than mail knows.
        if (!MailboxAddress.TryParse(mail.To, out var to) || to.Address != mail.To)
        {
            NotTaken(log, mail.Id, 0);
            return false;
        }

        using var message = Message(mail);
        using var server = new SmtpClient { Timeout = TimeoutMilliseconds };
        try
        {
            await server.ConnectAsync(settings.Host, settings.Port, Options(settings.Protection), cancel);
            if (settings.User.Length > 0)
                await server.AuthenticateAsync(settings.User, settings.Password, cancel);
            await server.SendAsync(message, cancel);
        }
        catch (SmtpCommandException refused) when (IsFinal(refused))
        {
            NotTaken(log, mail.Id, (int)refused.StatusCode);
            return false;
        }
        catch (Exception away) when (away is SmtpCommandException or SmtpProtocolException or SslHandshakeException or AuthenticationException
            or IOException or SocketException or TimeoutException or NotSupportedException or ServiceNotConnectedException
            or ServiceNotAuthenticatedException
            || (away is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // What a server says to a command quotes the address: it goes no further.
            throw away is SmtpCommandException said
                ? new TransientException($"The mail server does not take mail: {(int)said.StatusCode}.")
                : new TransientException($"The mail server does not take mail: {away.GetType().Name}.", away);
        }

        await Goodbye(server, cancel);
        return true;
    }

    private MimeMessage Message(Features.Vocabulary.Mail mail)
    {
        var from = MailboxAddress.Parse(settings.From);
        var message = new MimeMessage
        {
            Subject = mail.Subject,
            Date = clock.GetUtcNow(),
            MessageId = Named(mail.Id, from.Domain),
            Body = new TextPart(TextFormat.Plain) { Text = mail.Text },
        };
        message.From.Add(from);
        message.To.Add(new MailboxAddress("", mail.To));
        // RFC 3834: no answering machine answers it.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    // The second part is the event that it follows from: from there one walks back to the command. The same each time.
    private static string Named(Guid mail, string domain) =>
        Guid.TryParse(Origin.Current.CausationId, out var cause) ? $"{mail:n}.{cause:n}@{domain}" : $"{mail:n}@{domain}";

    // The mail is with the server: that it was not said goodbye to changes nothing.
    private static async Task Goodbye(SmtpClient server, CancellationToken cancel)
    {
        try
        {
            await server.DisconnectAsync(quit: true, cancel);
        }
        catch (Exception over) when (over is IOException or SmtpProtocolException or SocketException or TimeoutException or OperationCanceledException)
        {
        }
    }

    // RFC 5321, 4.2.1: of a refusal that begins with 5 the same mail gets no other answer. One of the sender is the operator's
    // to mend, and the mail waits for it.
    private static bool IsFinal(SmtpCommandException refused) =>
        (int)refused.StatusCode >= 500 && refused.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted;

    private static SecureSocketOptions Options(MailProtection protection) => protection switch
    {
        MailProtection.Tls => SecureSocketOptions.SslOnConnect,
        MailProtection.StartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail server will not take mail {Mail}: {Status}")]
    private static partial void NotTaken(ILogger log, Guid mail, int status);
}
