using System.Security.Cryptography;
using MediatR;

namespace EventFiles.Features.Erasure;

/// <summary>
/// Tells those with whom something was shared that it was erased (GDPR, Article 19), and neither whose nor what it was. Without a
/// mail server nobody is told, and the receipt says so.
/// </summary>
internal sealed class RecipientsHandler(IStreams streams, IMail mail, IAccounts accounts, ISharing sharing, IWorkQueue queue) :
    IRequestHandler<TellRecipients, Answer<Done>>,
    IRequestHandler<TellRecipient, Answer<Done>>
{
    public async Task<Answer<Done>> Handle(TellRecipients work, CancellationToken cancellationToken)
    {
        if (!mail.IsOn)
            return default(Done);
        // Each has a letter of their own: a mailbox that takes none keeps none from the others.
        foreach (var recipient in (await State(work.Owner, work.File, cancellationToken)).Untold)
        {
            await queue.Enqueue(
                new WorkItem(
                    ErasureSlice.Letters, new TellRecipient(work.Erasure, work.Owner, work.File, recipient),
                    Origin.Current.CorrelationId, Origin.Current.CausationId),
                cancellationToken);
        }

        return default(Done);
    }

    public async Task<Answer<Done>> Handle(TellRecipient work, CancellationToken cancellationToken)
    {
        var state = await State(work.Owner, work.File, cancellationToken);
        if (!mail.IsOn || state.Id != work.Erasure || !state.Untold.Contains(work.Recipient))
            return default(Done);
        var isReached = await Address(work, cancellationToken) is { } to
            && await mail.Send(Letter(work, to), cancellationToken);
        return await streams.Transact<Done>(async transaction =>
            await transaction.Decide(
                ErasureDecider.StreamOf(new(work.Owner, work.File)), ErasureDecider.Decider,
                new ErasureCommand.RecordTold(work.Erasure, work.Recipient, isReached)) is { } no
                ? no
                : new Done(), cancellationToken);
    }

    private Task<ErasureState> State(AccountId owner, FileId? file, CancellationToken cancel) =>
        streams.Load(ErasureDecider.StreamOf(new(owner, file)), ErasureDecider.Decider, cancel);

    // An address that nobody has proved may be somebody else's; to one that was invited we have written before.
    private async Task<string?> Address(TellRecipient work, CancellationToken cancel)
    {
        await foreach (var happened in streams.Read(ErasureDecider.StreamOf(new(work.Owner, work.File)).Name, 0, cancel))
        {
            if (happened.Fact is ErasureEvent.RecipientsFound found && found.Erasure == work.Erasure
                && found.Invited.FirstOrDefault(one => one.Share == work.Recipient) is { } offer)
                return await sharing.AddressOf(offer, cancel);
        }

        return await accounts.Find(new AccountId(work.Recipient), cancel) is { IsProved: true } account ? account.Email : null;
    }

    private static Mail Letter(TellRecipient work, string to) => new(
        // The same each time.
        new Guid(SHA256.HashData([.. work.Erasure.Value.ToByteArray(), .. work.Recipient.ToByteArray()]).AsSpan(0, 16)),
        to, "Something that was shared with you was erased",
        $"""
        Files or folders that somebody had shared with you in EventFiles, or had invited you to, were erased for good. Your access to
        them has ended.

        A law may oblige you to delete the copies that you have made of them, too (GDPR, Articles 17 and 19).

        Whose they were and what was in them is not told any more. Whoever runs the server finds this erasure by its number:
        {work.Erasure}
        """);
}
