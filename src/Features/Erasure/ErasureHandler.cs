using System.Security.Cryptography;
using System.Text;
using MediatR;
using No = EventFiles.Features.Erasure.ErasureRejection;

namespace EventFiles.Features.Erasure;

/// <summary>Takes wishes that somebody or something be erased, and tells of them.</summary>
internal sealed class ErasureHandler(
    IStreams streams, IReadModel<ErasureEntry> views, IAccounts accounts, IAccountEnd ending, IAccess access, IFiles files, IDeletion deletion,
    ErasureOptions options, ITransparencyLog log, TimeProvider clock) :
    IRequestHandler<EraseMe, Answer<RequestedErasure>>,
    IRequestHandler<EraseAccount, Answer<RequestedErasure>>,
    IRequestHandler<EraseFile, Answer<RequestedErasure>>,
    IRequestHandler<CancelErasure, Answer<ErasureView>>,
    IRequestHandler<ReadErasure, Answer<ErasureView>>,
    IRequestHandler<ReadReceipt, Answer<IssuedReceipt>>
{
    private const int TokenBytes = 32;

    public async Task<Answer<RequestedErasure>> Handle(EraseMe ask, CancellationToken cancellationToken) =>
        await ending.Confirm(ask.By.Account, ask.Password, ask.Address, cancellationToken) is { } no ? no
        : await AskFor(ask.By, ask.By.Account, ErasureGround.ConsentWithdrawn, options.CancelWithin, null, cancellationToken);

    public async Task<Answer<RequestedErasure>> Handle(EraseAccount ask, CancellationToken cancellationToken) =>
        !ask.By.IsAdministrator ? No.AdministratorsOnly
        : await AskFor(
            ask.By, ask.Account, ask.Ground, ask.Immediately ? TimeSpan.Zero : options.CancelWithin, ask.Deadline,
            cancellationToken);

    // An administrator need not be able to see the file, and learns nothing of it but that there is one.
    public async Task<Answer<RequestedErasure>> Handle(EraseFile ask, CancellationToken cancellationToken)
    {
        // In a group's space who manages the group deletes, and an administrator erases: the receipt says who asked.
        if (!ask.By.IsAdministrator
            && await access.Ask(ask.By, ask.File, FileAction.Own, cancellationToken) switch
            {
                Answer<Vocabulary.FileAccess>.Yes({ Owner: var owner }, _) when owner != ask.By.Account => AccessRejection.NotAllowed,
                var answer => answer.Refusal,
            } is { } no)
            return no;
        return await deletion.Remains(ask.File, cancellationToken) is { } file
            ? await Ask(
                ask.By, new ErasureSubject(file.Owner, ask.File), ask.Ground,
                ask.Immediately ? TimeSpan.Zero : options.CancelFileWithin, ask.Deadline, cancellationToken)
            : ask.By.IsAdministrator ? AccessRejection.NoSuchFile : No.StillUploading;
    }

    public async Task<Answer<ErasureView>> Handle(CancelErasure ask, CancellationToken cancellationToken)
    {
        if (await views.Find(ask.Erasure.ToString(), cancellationToken) is not { } entry
            || !(ask.By.Account == entry.Subject || ask.By.IsAdministrator))
            return No.NoSuchErasure;
        return await streams.Transact<ErasureView>(async transaction =>
            await transaction.Decide(
                ErasureDecider.StreamOf(entry.What), ErasureDecider.Decider,
                new ErasureCommand.Cancel(ask.Erasure, ask.By.Account)) is { } no
                ? no
                : (entry with { Stage = ErasureStage.Cancelled, ChangedAt = transaction.Now }).ToView(), cancellationToken);
    }

    public async Task<Answer<ErasureView>> Handle(ReadErasure ask, CancellationToken cancellationToken) =>
        await Shown(ask.By, ask.Token, ask.Erasure, cancellationToken) is { } entry ? entry.ToView() : No.NoSuchErasure;

    public async Task<Answer<IssuedReceipt>> Handle(ReadReceipt ask, CancellationToken cancellationToken)
    {
        if (await Shown(ask.By, ask.Token, ask.Erasure, cancellationToken) is not { } entry)
            return No.NoSuchErasure;
        RecordedEvent? asked = null, issued = null;
        await foreach (var told in streams.Read(ErasureDecider.StreamOf(entry.What).Name, 0, cancellationToken))
        {
            asked = told.Fact is ErasureEvent.Requested or ErasureEvent.FileRequested ? told : asked;
            issued = told.Fact is ErasureEvent.ReceiptIssued fact && fact.Erasure == ask.Erasure ? told : issued;
        }

        if (issued is not { Fact: ErasureEvent.ReceiptIssued(_, var stage, var receipt) })
            return No.NotYet;
        var proven = await log.Prove(issued.Id, 0, cancellationToken) as Inclusion.Proven;
        return new IssuedReceipt(
            stage, issued.Id, receipt, proven?.ToText(),
            proven is null ? null : await log.Before(asked!.Id, proven.Checkpoint, cancellationToken));
    }

    private async Task<Answer<RequestedErasure>> AskFor(
        Caller by, AccountId person, ErasureGround ground, TimeSpan within, DateTimeOffset? deadline, CancellationToken cancel) =>
        await accounts.Find(person, cancel) is null ? No.NoSuchAccount
        : await ending.IsAdministrator(person, cancel) ? No.IsAdministrator
        : await Ask(by, new ErasureSubject(person), ground, within, deadline, cancel);

    private async Task<Answer<RequestedErasure>> Ask(
        Caller by, ErasureSubject what, ErasureGround ground, TimeSpan within, DateTimeOffset? deadline, CancellationToken cancel)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        var erasure = NewId.Of<ErasureId>(clock);
        return await streams.Transact<RequestedErasure>(async transaction =>
        {
            // It may be another's since it was looked for: of a transfer and this at once, one is first.
            if (what.File is { } file && !await files.IsOf(transaction, what.Owner, file))
                return AccessRejection.NoSuchFile;
            var now = transaction.Now;
            var request = new ErasureCommand.Request(
                erasure, what.Owner, by.Account, ground, now + within, deadline ?? now + options.DoneWithin, Digest(token))
            {
                File = what.File,
            };
            return await transaction.Decide(ErasureDecider.StreamOf(what), ErasureDecider.Decider, request) is { } no
                ? no
                : new RequestedErasure(
                    new ErasureView(
                        erasure, ErasureStage.Requested, ground, ErasureEntry.Asker(what, by.Account), now,
                        request.BeginsAt, request.Deadline, now, 0)
                    {
                        File = what.File,
                    },
                    token);
        }, cancel);
    }

    private async Task<ErasureEntry?> Shown(Caller? by, string? token, ErasureId erasure, CancellationToken cancel) =>
        await views.Find(erasure.ToString(), cancel) is { } entry
        && (by is { IsAdministrator: true } or { IsAuditor: true } || by?.Account == entry.Subject || IsShownBy(token, entry))
            ? entry
            : null;

    private static bool IsShownBy(string? token, ErasureEntry entry) =>
        token is { Length: 2 * TokenBytes }
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Digest(token)), Encoding.ASCII.GetBytes(entry.TokenDigest));

    private static string Digest(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

/// <summary>Erasures, as the slices ask for them that would give away what is to be erased.</summary>
internal sealed class Erasures : IErasures
{
    public async Task<bool> IsAskedFor(ITransaction transaction, ErasureSubject subject) =>
        (await transaction.Load(ErasureDecider.StreamOf(subject), ErasureDecider.Decider)).Stage != ErasureStage.Cancelled;
}
