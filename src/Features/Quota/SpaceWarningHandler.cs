using System.Globalization;
using System.Security.Cryptography;
using MediatR;

namespace EventFiles.Features.Quota;

/// <summary>Tells an owner by mail, or whoever manages a group of its space, once for each event, that the space is nearly used up; without a mail server the page alone does.</summary>
internal sealed class SpaceWarningHandler(IMail mail, IAccounts accounts, IGroups groups) : IRequestHandler<TellOfSpace, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(TellOfSpace work, CancellationToken cancellationToken)
    {
        if (!mail.IsOn)
            return default(Done);
        var space = await groups.OfSpace(work.Owner, cancellationToken);
        foreach (var reader in space?.Keepers ?? [work.Owner])
        {
            // An address that nobody has proved may be somebody else's.
            if (await accounts.Find(reader, cancellationToken) is { IsProved: true } card)
                await mail.Send(space is null ? Letter(work, card.Email) : OfSpace(work, card), cancellationToken);
        }

        return default(Done);
    }

    // A subject has no word that somebody chose, and each reader has a letter of their own.
    private static Mail OfSpace(TellOfSpace work, AccountCard to) => work.GraceUntil is { } until
        ? new Mail(
            IdOf(work, to), to.Email, "A space of a group is above its soft limit",
            $"""
            The files in the space of a group that you manage take up more space than its soft limit allows for long.

            From {until.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} on nothing can be added until there is less.
            What lies in its trash counts as well.
            """)
        : new Mail(
            IdOf(work, to), to.Email,
            string.Create(CultureInfo.InvariantCulture, $"{work.Percent} % of the space of a group is used"),
            string.Create(CultureInfo.InvariantCulture, $"""
            The files in the space of a group that you manage take up {work.Percent} % of what it may hold. When it is full,
            nothing can be added.

            What lies in its trash counts as well.
            """));

    // The same each time, for the same letter and reader.
    private static Guid IdOf(TellOfSpace work, AccountCard to) =>
        new(SHA256.HashData([.. work.Letter.ToByteArray(), .. to.Id.Value.ToByteArray()]).AsSpan(0, 16));

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
