using System.Collections.Immutable;
using System.Globalization;
using MediatR;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// Uploads whose parts go from their client to the store, as their clients drive them. What a client says of parts is not
/// asked for: the store tells.
/// </summary>
internal sealed class DirectHandler(
    IEnumerable<IDirectWrites> stores, IStreams streams, UploadDestinations destinations, Transfers transfers,
    TransferBytes bytes, UploadOptions options, TimeProvider clock) :
    IRequestHandler<ReadDirectTerms, Answer<DirectTerms>>,
    IRequestHandler<BeginDirectUpload, Answer<BegunDirectUpload>>,
    IRequestHandler<ReadDirectUpload, Answer<DirectUpload>>,
    IRequestHandler<AddressParts, Answer<PartAddresses>>,
    IRequestHandler<CompleteDirectUpload, Answer<DirectUpload>>,
    IRequestHandler<CancelDirectUpload, Answer<Done>>
{
    // Small files are there before; of larger ones a client asks how far they are.
    private static readonly TimeSpan WaitForFile = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private readonly IDirectWrites? store = stores.FirstOrDefault();

    public Task<Answer<DirectTerms>> Handle(ReadDirectTerms ask, CancellationToken cancellationToken) =>
        Task.FromResult<Answer<DirectTerms>>(new DirectTerms(store is not null, options.DirectPartBytes, options.MaxFileBytes));

    public async Task<Answer<BegunDirectUpload>> Handle(BeginDirectUpload ask, CancellationToken cancellationToken)
    {
        if (store is null)
            return No.DirectUnavailable;
        if (ask.SizeBytes > options.MaxFileBytes)
            return No.TooLarge;
        var upload = NewId.Of<UploadId>(clock);
        var found = await destinations.Find(
            ask.By, upload, ask.Name, ask.DeclaredType, ask.Placement, ask.IfMatch, cancellationToken);
        if (found is not Answer<UploadDestination>.Yes(var to, _))
            return found.Refusal!;

        var token = UploadToken.New(to.File);
        var begin = new UploadCommand.Begin(
            upload, to.File, to.Folder, ask.Name, ContentSniffer.Declared(ask.DeclaredType) ?? ContentSniffer.Unknown, ask.SizeBytes,
            UploadToken.Digest(token, ask.By.Account), to.OnConflict(ask.Placement.OnConflict), clock.GetUtcNow() + options.Life);
        var transfer = Transfer.Of(begin, to) with
        {
            PartBytes = PartPlan.Of(ask.SizeBytes, options.DirectPartBytes).PartBytes,
            Sha256 = ask.Sha256,
        };
        var begun = await transfers.Begin(begin, transfer, cancellationToken);
        if (begun.Refusal is not null)
            return begun.Refusal;
        KillPoint.Reach("upload.direct-reserved");
        try
        {
            // Of nothing there are no parts, and nothing for the store to begin.
            if (ask.SizeBytes > 0)
                await store.Begin(ObjectKey.Raw(upload), CancellationToken.None);
        }
        catch
        {
            await transfers.End(transfer, "cancelled"); // nobody knows its URL
            throw;
        }

        KillPoint.Reach("upload.direct-begun");
        return begun.Map(_ => new BegunDirectUpload(token, Progress(transfer, [], 0)));
    }

    public async Task<Answer<DirectUpload>> Handle(ReadDirectUpload ask, CancellationToken cancellationToken)
    {
        var found = await transfers.Find(ask.By, ask.Token, cancellationToken, inParts: true);
        return found is Answer<Transfer>.Yes(var transfer, _) ? await Progress(transfer, cancellationToken) : found.Refusal!;
    }

    public async Task<Answer<PartAddresses>> Handle(AddressParts ask, CancellationToken cancellationToken)
    {
        if (store is null)
            return No.DirectUnavailable;
        var found = await transfers.Find(ask.By, ask.Token, cancellationToken, inParts: true);
        if (found is not Answer<Transfer>.Yes(var transfer, _))
            return found.Refusal!;
        if (transfer.Stage == TransferStage.Complete)
            return No.AlreadyComplete;
        if (transfer.DeliveredBy is not null)
            return No.Delivered;
        var plan = PlanOf(transfer);
        if (ask.From < 1 || ask.From > plan.Count || ask.Count is < 1 or > AddressParts.Most)
            return No.NoSuchPart;
        var until = clock.GetUtcNow() + UploadOptions.AddressLife;
        var addresses = await store.Addresses(
            ObjectKey.Raw(transfer.Upload), transfer.File, transfer.Owner, plan.From(ask.From, ask.Count),
            until < transfer.Until ? until : transfer.Until, cancellationToken);
        return addresses is null
            ? No.Ended
            : new PartAddresses([
                .. addresses.Select(one => new PartAddress(
                    one.Part.Number, one.Part.SizeBytes, "PUT", one.Address.OriginalString, one.ExpiresAt)),
            ]);
    }

    // Said twice, or by many at once, it has one effect and one answer.
    public async Task<Answer<DirectUpload>> Handle(CompleteDirectUpload ask, CancellationToken cancellationToken)
    {
        var found = await transfers.Find(ask.By, ask.Token, cancellationToken, inParts: true);
        if (found is not Answer<Transfer>.Yes(var transfer, _))
            return found.Refusal!;
        if (ask.Sha256 is not null && transfer.Sha256 is not null && ask.Sha256 != transfer.Sha256)
            return No.DigestMismatch;
        if (transfer.Stage == TransferStage.Complete)
            return await Progress(transfer, cancellationToken);
        if (transfer.DeliveredBy is null)
        {
            if (store is null)
                return No.DirectUnavailable;
            var missing = PlanOf(transfer).MissingIn(await store.Stored(ObjectKey.Raw(transfer.Upload), cancellationToken));
            if (missing.Count > 0)
                return Missing(missing);
            var announced = await transfers.Announce(transfer, null, ask.Sha256);
            if (announced is not Answer<Transfer>.Yes(var known, _))
                return announced.Refusal!;
            var delivered = await Deliver(known, ask.By);
            KillPoint.Reach("upload.direct-delivered");
            if (delivered.Refusal is { } late)
                return late;
        }

        return await Await(ask, cancellationToken);
    }

    public async Task<Answer<Done>> Handle(CancelDirectUpload ask, CancellationToken cancellationToken)
    {
        var found = await transfers.Find(ask.By, ask.Token, cancellationToken, inParts: true);
        return found is Answer<Transfer>.Yes(var transfer, _) ? await transfers.End(transfer, "cancelled") : found.Refusal!;
    }

    private static PartPlan PlanOf(Transfer transfer) => new(transfer.SizeBytes!.Value, transfer.PartBytes!.Value);

    private static Rejection Missing(IReadOnlyList<DirectPart> missing) => No.MissingPart with
    {
        Errors = ImmutableDictionary<string, string[]>.Empty.Add(
            "parts", [.. missing.Take(AddressParts.Most).Select(part => part.Number.ToString(CultureInfo.InvariantCulture))]),
    };

    private Task<Answer<Done>> Deliver(Transfer transfer, Caller by) => streams.Transact<Done>(
        async transaction => await transaction.Decide(
            UploadDecider.StreamOf(transfer.File, transfer.Owner), UploadDecider.Decider,
            new UploadCommand.Deliver(transfer.Upload, by.Account)) is { } no ? no : default(Done),
        CancellationToken.None);

    private async Task<Answer<DirectUpload>> Await(CompleteDirectUpload ask, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        while (true)
        {
            var found = await transfers.Find(ask.By, ask.Token, cancel, inParts: true);
            if (found is not Answer<Transfer>.Yes(var transfer, _))
                return found.Refusal!;
            if (transfer.Stage == TransferStage.Complete || clock.GetElapsedTime(begun) > WaitForFile)
                return await Progress(transfer, cancel);
            await Task.Delay(Look, cancel);
        }
    }

    // With the position of what made it a file, so that whoever reads then sees it.
    private async Task<Answer<DirectUpload>> Progress(Transfer transfer, CancellationToken cancel)
    {
        var key = ObjectKey.Raw(transfer.Upload);
        if (transfer.Stage != TransferStage.Complete)
        {
            return transfer.DeliveredBy is not null ? Progress(transfer, [], await bytes.Stored(transfer, cancel))
                : Progress(transfer, store is null ? [] : await store.Stored(key, cancel), 0);
        }

        var position = 0L;
        await foreach (var happened in streams.Read(UploadDecider.StreamOf(transfer.Meant, transfer.Owner).Name, 0, cancel))
        {
            if (happened.Fact is UploadEvent.Completed completed && completed.Upload == transfer.Upload
                || happened.Fact is UploadEvent.Redirected redirected && redirected.Upload == transfer.Upload)
                position = happened.Position;
        }

        return new Answer<DirectUpload>.Yes(Progress(transfer, [], transfer.SizeBytes!.Value), position);
    }

    private static DirectUpload Progress(Transfer transfer, IReadOnlyList<DirectPart> stored, long joinedBytes) => new(
        transfer.Stage == TransferStage.Complete ? DirectState.Complete : transfer.DeliveredBy is not null ? DirectState.Joining : DirectState.Open,
        transfer.Name, transfer.SizeBytes!.Value, transfer.PartBytes!.Value, PlanOf(transfer).Count, stored, joinedBytes,
        transfer.Until, transfer.Stage == TransferStage.Complete ? transfer.File : null);
}
