using System.Globalization;
using System.Security.Cryptography;
using MediatR;

namespace EventFiles.Features.Quota;

/// <summary>Tells an owner by mail, once for each event, that their space is nearly used up, and whoever manages a group of its space; without a mail server the page alone does.</summary>
internal sealed class SpaceWarningHandler(IMail mail, IAccounts accounts, IGroups groups, IWorkQueue queue) :
    IRequestHandler<TellOfSpace, Answer<Done>>,
    IRequestHandler<TellKeeperOfSpace, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(TellOfSpace work, CancellationToken cancellationToken)
    {
        if (!mail.IsOn)
            return default(Done);
        if (await groups.OfSpace(work.Owner, cancellationToken) is { } space)
        {
            // Each has a letter of their own: a mailbox that takes none keeps none from the others.
            foreach (var keeper in space.Keepers)
            {
                await queue.Enqueue(
                    new WorkItem(
                        QuotaSlice.Letters, new TellKeeperOfSpace(keeper, IdOf(work.Letter, keeper), work.Percent, work.GraceUntil),
                        Origin.Current.CorrelationId, Origin.Current.CausationId),
                    cancellationToken);
            }
        }
        // An address that nobody has proved may be somebody else's.
        else if (await accounts.Find(work.Owner, cancellationToken) is { IsProved: true } owner)
        {
            await mail.Send(Letter(work, owner.Email), cancellationToken);
        }

        return default(Done);
    }

    public async Task<Answer<Done>> Handle(TellKeeperOfSpace work, CancellationToken cancellationToken)
    {
        if (mail.IsOn && await accounts.Find(work.Owner, cancellationToken) is { IsProved: true } keeper)
            await mail.Send(OfGroup(work, keeper.Email), cancellationToken);
        return default(Done);
    }

    // The same each time.
    private static Guid IdOf(Guid letter, AccountId keeper) =>
        new(SHA256.HashData([.. letter.ToByteArray(), .. keeper.Value.ToByteArray()]).AsSpan(0, 16));

    private static Mail OfGroup(TellKeeperOfSpace work, string to) => work.GraceUntil is { } until
        ? new Mail(
            work.Letter, to, "The space of a group is above its soft limit",
            $"""
            The files in the space of a group that you manage take up more than its soft limit allows for long.

            From {until.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} on nothing can be added until there is less.
            What lies in its trash counts as well.
            """)
        : new Mail(
            work.Letter, to, string.Create(CultureInfo.InvariantCulture, $"{work.Percent} % of the space of a group is used"),
            string.Create(CultureInfo.InvariantCulture, $"""
            The files in the space of a group that you manage take up {work.Percent} % of what it may hold. When it is full,
            nothing can be added.

            What lies in its trash counts as well.
            """));

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
