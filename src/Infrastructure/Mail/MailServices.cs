using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Mail;

/// <summary>Puts <see cref="IMail"/> into the container.</summary>
public static class MailServices
{
    /// <summary>Mail by SMTP, or none.</summary>
    /// <param name="settings">Null: no mail is sent.</param>
    public static IServiceCollection AddMail(this IServiceCollection services, MailSettings? settings) =>
        settings is null
            ? services.AddSingleton<IMail, NoMail>()
            : services.AddSingleton(settings).AddSingleton<IMail, SmtpMail>();

    private sealed class NoMail : IMail
    {
        public bool IsOn => false;

        public Task<bool> Send(Features.Vocabulary.Mail mail, CancellationToken cancel) =>
            throw new InvalidOperationException("There is no mail server to send by.");
    }
}
