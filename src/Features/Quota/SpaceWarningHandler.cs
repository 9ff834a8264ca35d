using System.Globalization;
using MediatR;

namespace EventFiles.Features.Quota;

/// <summary>Tells an owner by mail, once for each event, that their space is nearly used up; without a mail server the page alone does.</summary>
internal sealed class SpaceWarningHandler(IMail mail, IAccounts accounts) : IRequestHandler<TellOfSpace, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(TellOfSpace work, CancellationToken cancellationToken)
    {
        // An address that nobody has proved may be somebody else's.
        if (mail.IsOn && await accounts.Find(work.Owner, cancellationToken) is { IsProved: true } owner)
            await mail.Send(Letter(work, owner.Email), cancellationToken);
        return default(Done);
    }

    private static Mail Letter(TellOfSpace work, string to) => work.GraceUntil is { } until
        ? new Mail(
            work.Letter, to, "You are above your soft limit",
            $"""
            Your files take up more space than your soft limit allows for long.

            From {until.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} on nothing can be added until there is less.
            What lies in the trash counts as well.
            """)
        : new Mail(
            work.Letter, to, string.Create(CultureInfo.InvariantCulture, $"{work.Percent} % of your space is used"),
            string.Create(CultureInfo.InvariantCulture, $"""
            Your files take up {work.Percent} % of the space that you have. When it is full, nothing can be added.

            What lies in the trash counts as well.
            """));
}
