using System.Diagnostics;
using System.Globalization;
using MediatR;
using static EventFiles.Features.Quota.QuotaEvent;
using No = EventFiles.Features.Quota.QuotaRejection;

namespace EventFiles.Features.Quota;

/// <summary>Everything that makes an owner's space change or tells of it.</summary>
internal sealed class QuotaHandler(
    IStreams streams, IReadModel<QuotaView> views, IReadModel<FileContents> contents, IAccounts accounts, IPast past) :
    IRequestHandler<ReadQuota, Answer<QuotaView>>,
    IRequestHandler<ExplainQuota, Answer<QuotaExplanation>>,
    IRequestHandler<ReadAccountQuota, Answer<QuotaView>>,
    IRequestHandler<ListQuotas, Answer<Page<QuotaView>>>,
    IRequestHandler<SetQuotaLimit, Answer<QuotaView>>
{
    public async Task<Answer<QuotaView>> Handle(ReadQuota ask, CancellationToken cancellationToken)
    {
        var owner = ask.By.Account;
        if (ask.AsOf is not { } asOf)
            return await Of(owner, cancellationToken);

        var located = await past.Locate(asOf, cancellationToken);
        if (located is not Answer<Moment>.Yes(var at, _))
            return located.Refusal!;
        return await accounts.Existed(owner, at, cancellationToken)
            ? new Answer<QuotaView>.Yes(
                await past.Find<QuotaView>(owner.ToString(), at, cancellationToken) ?? QuotaView.Untouched(owner), at.Position)
            : No.NoSuchAccount;
    }

    public async Task<Answer<QuotaExplanation>> Handle(ExplainQuota ask, CancellationToken cancellationToken)
    {
        var after = ask.Cursor is null ? 0
            : long.TryParse(ask.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
            : throw new BadCursorException();
        var breakdown = ask.Cursor is null ? await Breakdown(ask.By.Account, cancellationToken) : null;
        var entries = new List<QuotaEntry>();
        await foreach (var happened in streams.Read(QuotaDecider.StreamOf(ask.By.Account).Name, after, cancellationToken))
        {
            if (entries.Count == ask.Limit)
                return new QuotaExplanation(entries, entries[^1].Version.ToString(CultureInfo.InvariantCulture), breakdown);
            entries.Add(Entry(happened));
        }

        return new QuotaExplanation(entries, null, breakdown);
    }

    // The figures are the log's; what lies in the trash, and which of several versions is current, views tell.
    private async Task<QuotaBreakdown> Breakdown(AccountId owner, CancellationToken cancel)
    {
        var notable = new Dictionary<FileId, FileContents>();
        for (string? cursor = null; ;)
        {
            var page = await contents.List(ContentsProjection.NotableOf(owner), cursor, 1000, descending: false, cancel);
            foreach (var file in page.Items)
                notable[file.File] = file;
            if ((cursor = page.NextCursor) is null)
                break;
        }

        return QuotaFigures.Of(await streams.Load(QuotaDecider.StreamOf(owner), QuotaDecider.Decider, cancel), notable.Values);
    }

    public async Task<Answer<QuotaView>> Handle(SetQuotaLimit ask, CancellationToken cancellationToken)
    {
        if (!ask.By.IsAdministrator)
            return No.AdministratorsOnly;
        if (await accounts.Find(ask.Account, cancellationToken) is null)
            return No.NoSuchAccount;

        var stream = QuotaDecider.StreamOf(ask.Account);
        return await streams.Transact<QuotaView>(async transaction =>
            (await transaction.Decide(stream, QuotaDecider.Decider, new QuotaCommand.SetLimit(ask.LimitBytes))
            ?? await transaction.Decide(stream, QuotaDecider.Decider, new QuotaCommand.SetRules(ask.Rules))) is { } no
                ? no
                : QuotaView.Of(ask.Account, await transaction.Load(stream, QuotaDecider.Decider)), cancellationToken);
    }

    public async Task<Answer<QuotaView>> Handle(ReadAccountQuota ask, CancellationToken cancellationToken) =>
        !ask.By.IsAdministrator ? No.AdministratorsOnly
        : await accounts.Find(ask.Account, cancellationToken) is null ? No.NoSuchAccount
        : await Of(ask.Account, cancellationToken);

    public async Task<Answer<Page<QuotaView>>> Handle(ListQuotas ask, CancellationToken cancellationToken) => ask.By.IsAdministrator
        ? await views.List(QuotaProjection.In(ask.Which), ask.Cursor, ask.Limit, descending: true, cancellationToken)
        : No.AdministratorsOnly;

    private async Task<QuotaView> Of(AccountId owner, CancellationToken cancel) =>
        await views.Find(owner.ToString(), cancel) ?? QuotaView.Untouched(owner);

    private static QuotaEntry Entry(RecordedEvent happened)
    {
        var (what, bytes, file, upload) = (QuotaEvent)happened.Fact switch
        {
            LimitSet set => ("limitSet", set.LimitBytes, default(FileId?), default(UploadId?)),
            RulesSet => ("rulesSet", 0, null, null),
            LevelReached level => ("levelReached", level.After.UsedBytes, null, null),
            SoftLimitPassed passed => ("softLimitPassed", passed.After.UsedBytes, null, null),
            Corrected corrected => ("corrected", corrected.After.UsedBytes - corrected.Was.UsedBytes, null, null),
            Reserved reserved => ("reserved", reserved.Bytes, null, reserved.Upload),
            Released released => ("released", released.Bytes, null, released.Upload),
            Charged charged => ("charged", charged.Bytes, charged.File, charged.Upload),
            Shared shared => ("shared", shared.Bytes, shared.File, shared.Upload),
            GivenUp given => ("givenUp", given.Moved.Sum(moved => moved.Bytes), given.File, null),
            Compressed small => ("compressed", small.PlainBytes - small.StoredBytes, small.File, small.Stored),
            UploadFreed freed => ("freed", freed.Bytes, freed.File, freed.Upload),
            Freed freed => ("freed", freed.Bytes, freed.File, null),
            _ => throw new UnreachableException(),
        };
        return new QuotaEntry(
            happened.Position, happened.Version, happened.At, what, bytes, file, upload,
            ((QuotaEvent)happened.Fact).After);
    }
}

/// <summary>The owner's space, as the slices that take it up ask for it.</summary>
internal sealed class QuotaAllowance(IStreams streams) : IAllowance
{
    public Task<Rejection?> Reserve(
        ITransaction transaction, AccountId owner, UploadId upload, long bytes, DateTimeOffset until) =>
        Ask(transaction, owner, new QuotaCommand.Reserve(upload, bytes, until));

    public async Task<Rejection?> Admit(ITransaction transaction, AccountId owner, long? sizeBytes, int newFiles)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var space = await transaction.Load(QuotaDecider.StreamOf(owner), QuotaDecider.Decider);
        return sizeBytes > space.Rules.MaxFileBytes ? No.FileTooLarge
            : newFiles > 0 && newFiles > space.Rules.MaxFiles - space.Balance.Files ? No.TooManyFiles
            : null;
    }

    public Task<Rejection?> Charge(ITransaction transaction, AccountId owner, UploadId upload, FileId file, long bytes, bool wasBegun) =>
        Ask(transaction, owner, new QuotaCommand.Charge(upload, file, bytes) { WasBegun = wasBegun });

    public Task<Rejection?> Release(ITransaction transaction, AccountId owner, UploadId upload) =>
        Ask(transaction, owner, new QuotaCommand.Release(upload));

    public Task<Rejection?> Free(ITransaction transaction, AccountId owner, FileId file) =>
        Ask(transaction, owner, new QuotaCommand.Free(file));

    public Task<Rejection?> FreeUpload(ITransaction transaction, AccountId owner, FileId file, UploadId upload) =>
        Ask(transaction, owner, new QuotaCommand.FreeUpload(upload, file));

    public async Task<ObjectKey?> Share(
        ITransaction transaction, AccountId owner, UploadId upload, FileId file, long bytes, ContentHint with)
    {
        ArgumentNullException.ThrowIfNull(with);
        var reuse = new QuotaCommand.Reuse(upload, file, bytes, new Holder(with.File, with.Upload));
        if (await Ask(transaction, owner, reuse) is not null)
            return null;
        var space = await transaction.Load(QuotaDecider.StreamOf(owner), QuotaDecider.Decider);
        return ObjectKey.Raw(space.Of(file, upload)!.Stored);
    }

    public Task<Rejection?> GiveUp(ITransaction transaction, AccountId owner, FileId file) =>
        Ask(transaction, owner, new QuotaCommand.GiveUp(file, null));

    public Task<Rejection?> GiveUpUpload(ITransaction transaction, AccountId owner, FileId file, UploadId upload) =>
        Ask(transaction, owner, new QuotaCommand.GiveUp(file, upload));

    public Task<Rejection?> Compress(ITransaction transaction, AccountId owner, FileId file, UploadId stored, CompressedForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        return Ask(transaction, owner, new QuotaCommand.Compress(stored, file, form.PlainBytes, form.StoredBytes));
    }

    public async Task<bool> IsNeeded(AccountId owner, ObjectKey stored, FileId file, UploadId upload, CancellationToken cancel) =>
        stored.AsRaw() is { } brought
        && (await streams.Load(QuotaDecider.StreamOf(owner), QuotaDecider.Decider, cancel)).IsNeeded(brought, file, upload);

    public async Task<Room> Available(AccountId owner, CancellationToken cancel)
    {
        var space = await streams.Recall(QuotaDecider.StreamOf(owner), QuotaDecider.Decider, cancel);
        return new Room(space.FreeBytes, space.Rules.MaxFileBytes ?? long.MaxValue);
    }

    public async Task<Rejection?> Allot(ITransaction transaction, AccountId owner, AllowedSpace limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        return await Ask(transaction, owner, new QuotaCommand.SetLimit(limits.LimitBytes))
            ?? await Ask(
                transaction, owner,
                new QuotaCommand.SetRules(new QuotaRules(limits.SoftLimitBytes, limits.MaxFiles, limits.MaxFileBytes)));
    }

    // Whatever came meanwhile stands in this stream, and what comes later finds no room, not even for an empty file.
    public async Task<Rejection?> Withdraw(ITransaction transaction, AccountId owner)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var space = await transaction.Load(QuotaDecider.StreamOf(owner), QuotaDecider.Decider);
        return space.Files.Count > 0 || space.Reservations.Count > 0
            ? AllowanceRejection.StillUsed
            : await Allot(transaction, owner, new AllowedSpace(0, null, 0, null));
    }

    public async Task<SpaceFigures> Figures(ITransaction transaction, AccountId owner)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return QuotaView.Of(owner, await transaction.Load(QuotaDecider.StreamOf(owner), QuotaDecider.Decider)).ToFigures();
    }

    public async Task<SpaceFigures> Figures(AccountId owner, CancellationToken cancel) =>
        QuotaView.Of(owner, await streams.Load(QuotaDecider.StreamOf(owner), QuotaDecider.Decider, cancel)).ToFigures();

    private static Task<Rejection?> Ask(ITransaction transaction, AccountId owner, QuotaCommand command) =>
        transaction.Decide(QuotaDecider.StreamOf(owner), QuotaDecider.Decider, command);
}
