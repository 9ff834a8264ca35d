using System.Diagnostics;
using System.Globalization;
using MediatR;
using static EventFiles.Features.Quota.QuotaEvent;
using No = EventFiles.Features.Quota.QuotaRejection;

namespace EventFiles.Features.Quota;

/// <summary>Everything that makes an owner's space change or tells of it.</summary>
internal sealed class QuotaHandler(IStreams streams, IReadModel<QuotaView> views, IAccounts accounts, IPast past) :
    IRequestHandler<ReadQuota, Answer<QuotaView>>,
    IRequestHandler<ExplainQuota, Answer<Page<QuotaEntry>>>,
    IRequestHandler<SetQuotaLimit, Answer<QuotaView>>
{
    public async Task<Answer<QuotaView>> Handle(ReadQuota ask, CancellationToken cancellationToken)
    {
        var owner = ask.By.Account;
        if (ask.AsOf is not { } asOf)
            return await views.Find(owner.ToString(), cancellationToken) ?? QuotaView.Untouched;

        var located = await past.Locate(asOf, cancellationToken);
        if (located is not Answer<Moment>.Yes(var at, _))
            return located.Refusal!;
        return await accounts.Existed(owner, at, cancellationToken)
            ? new Answer<QuotaView>.Yes(
                await past.Find<QuotaView>(owner.ToString(), at, cancellationToken) ?? QuotaView.Untouched, at.Position)
            : No.NoSuchAccount;
    }

    public async Task<Answer<Page<QuotaEntry>>> Handle(ExplainQuota ask, CancellationToken cancellationToken)
    {
        var after = ask.Cursor is null ? 0
            : long.TryParse(ask.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
            : throw new BadCursorException();
        var entries = new List<QuotaEntry>();
        await foreach (var happened in streams.Read(QuotaDecider.StreamOf(ask.By.Account).Name, after, cancellationToken))
        {
            if (entries.Count == ask.Limit)
                return new Page<QuotaEntry>(entries, entries[^1].Version.ToString(CultureInfo.InvariantCulture));
            entries.Add(Entry(happened));
        }

        return new Page<QuotaEntry>(entries, null);
    }

    public async Task<Answer<QuotaView>> Handle(SetQuotaLimit ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        if (await accounts.Find(ask.Account, cancellationToken) is null)
            return No.NoSuchAccount;

        var stream = QuotaDecider.StreamOf(ask.Account);
        return await streams.Transact<QuotaView>(async transaction =>
            await transaction.Decide(stream, QuotaDecider.Decider, new QuotaCommand.SetLimit(ask.LimitBytes)) is { } no
                ? no
                : QuotaView.Of((await transaction.Load(stream, QuotaDecider.Decider)).Balance), cancellationToken);
    }

    private static QuotaEntry Entry(RecordedEvent happened)
    {
        var (what, bytes, file, upload) = (QuotaEvent)happened.Fact switch
        {
            LimitSet set => ("limitSet", set.LimitBytes, default(FileId?), default(UploadId?)),
            Reserved reserved => ("reserved", reserved.Bytes, null, reserved.Upload),
            Released released => ("released", released.Bytes, null, released.Upload),
            Charged charged => ("charged", charged.Bytes, charged.File, charged.Upload),
            UploadFreed freed => ("freed", freed.Bytes, freed.File, freed.Upload),
            Freed freed => ("freed", freed.Bytes, freed.File, null),
            _ => throw new UnreachableException(),
        };
        return new QuotaEntry(
            happened.Position, happened.Version, happened.At, what, bytes, file, upload,
            QuotaView.Of(((QuotaEvent)happened.Fact).After));
    }
}

/// <summary>The owner's space, as the slices that take it up ask for it.</summary>
internal sealed class QuotaAllowance(IStreams streams) : IAllowance
{
    public Task<Rejection?> Reserve(
        ITransaction transaction, AccountId owner, UploadId upload, long bytes, DateTimeOffset until) =>
        Ask(transaction, owner, new QuotaCommand.Reserve(upload, bytes, until));

    public Task<Rejection?> Charge(ITransaction transaction, AccountId owner, UploadId upload, FileId file, long bytes) =>
        Ask(transaction, owner, new QuotaCommand.Charge(upload, file, bytes));

    public Task<Rejection?> Release(ITransaction transaction, AccountId owner, UploadId upload) =>
        Ask(transaction, owner, new QuotaCommand.Release(upload));

    public Task<Rejection?> Free(ITransaction transaction, AccountId owner, FileId file) =>
        Ask(transaction, owner, new QuotaCommand.Free(file));

    public Task<Rejection?> FreeUpload(ITransaction transaction, AccountId owner, FileId file, UploadId upload) =>
        Ask(transaction, owner, new QuotaCommand.FreeUpload(upload, file));

    public async Task<long> Available(AccountId owner, CancellationToken cancel) =>
        (await streams.Recall(QuotaDecider.StreamOf(owner), QuotaDecider.Decider, cancel)).FreeBytes;

    private static Task<Rejection?> Ask(ITransaction transaction, AccountId owner, QuotaCommand command) =>
        transaction.Decide(QuotaDecider.StreamOf(owner), QuotaDecider.Decider, command);
}
