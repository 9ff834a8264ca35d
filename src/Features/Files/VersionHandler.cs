using System.Globalization;
using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Files.VersionRejection;

namespace EventFiles.Features.Files;

/// <summary>Everything that people do with the versions of a file but upload them.</summary>
internal sealed class VersionHandler(
    IStreams streams, IReadModel<FileView> files, IAccess access, IAccounts accounts, IUploads uploads, IPipeline pipeline,
    IHolds holds, IRetention retention, FileLook look) :
    IRequestHandler<ListVersions, Answer<Page<FileVersion>>>,
    IRequestHandler<RestoreVersion, Answer<FileSummary>>,
    IRequestHandler<LabelVersion, Answer<Done>>,
    IRequestHandler<DeleteVersion, Answer<Done>>
{
    public async Task<Answer<Page<FileVersion>>> Handle(ListVersions ask, CancellationToken cancellationToken)
    {
        var seen = await look.At(ask.By, ask.File, ask.AsOf, cancellationToken);
        if (seen is not Answer<FileView>.Yes(var file, var position))
            return seen.Refusal!;
        if (file.IsDeleted)
            return AccessRejection.NoSuchFile;

        var before = ask.Cursor is null ? int.MaxValue
            : int.TryParse(ask.Cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new BadCursorException();
        var rest = file.Versions.Where(version => version.Number < before).Reverse().ToList();
        var page = rest.Take(ask.Limit).ToList();
        var names = new Dictionary<AccountId, string?>();
        foreach (var author in page.Select(version => version.By).Distinct())
            names.Add(author, (await accounts.Find(author, cancellationToken))?.DisplayName);
        return new Answer<Page<FileVersion>>.Yes(
            new(
                [.. page.Select(version => new FileVersion(
                    version.Number, version.SizeBytes, version.ContentType, version.Sha256, version.CreatedAt, version.Upload,
                    file.LabelOf(version.Number), new VersionAuthor(version.By, names[version.By]), version.RestoredFrom))],
                rest.Count > page.Count ? page[^1].Number.ToString(CultureInfo.InvariantCulture) : null),
            position);
    }

    public async Task<Answer<FileSummary>> Handle(RestoreVersion ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.File, FileAction.Edit, cancellationToken);
        if (found is not Answer<(FileView, AccountId)>.Yes(var (file, owner), _))
            return found.Refusal!;
        // What a version has never changes: it may be told from a view. Whether it is to be had, the transaction asks.
        if (file.Versions.FirstOrDefault(one => one.Number == ask.Version) is not { } former)
            return No.NoSuchVersion;

        return await streams.Transact<FileSummary>(async transaction =>
        {
            if (await IsGoing(transaction, owner, ask.File))
                return AccessRejection.NotAllowed;
            var state = await transaction.Load(VersionDecider.StreamOf(ask.File, owner), VersionDecider.Decider);
            if (state.Deleted.Contains(ask.Version))
                return No.NoSuchVersion;
            var reinstated = await uploads.Reinstate(transaction, owner, new FormerContent(
                ask.File, former.Number, former.Upload, former.ContentType, former.SizeBytes, former.Sha256, former.StoredAs));
            if (reinstated is not Answer<int>.Yes(var version, _))
                return reinstated.Refusal!;
            if (file.Versions.Any(one => one.Number == version))
                return file.ToSummary();
            var jobs = await pipeline.Plan(transaction, new FileContent(
                ask.File, owner, version, former.StoredAs, former.ContentType, former.SizeBytes));
            return file.ToSummary() with
            {
                SizeBytes = former.SizeBytes,
                ContentType = former.ContentType,
                Sha256 = former.Sha256,
                Version = version,
                ModifiedAt = transaction.Now,
                Variants = [],
                Status = jobs.Count == 0 ? FileStatus.Ready : FileStatus.Processing,
            };
        }, cancellationToken);
    }

    public async Task<Answer<Done>> Handle(LabelVersion ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.File, FileAction.Edit, cancellationToken);
        return found is Answer<(FileView, AccountId)>.Yes(var (_, owner), _)
            ? await Decide(ask.File, owner, made => new VersionCommand.Label(ask.File, ask.Version, (ask.Label ?? "").Trim(), made), cancellationToken)
            : found.Refusal!;
    }

    public async Task<Answer<Done>> Handle(DeleteVersion ask, CancellationToken cancellationToken)
    {
        var found = await Find(ask.By, ask.File, FileAction.Own, cancellationToken);
        if (found is not Answer<(FileView, AccountId)>.Yes(var (_, owner), _))
            return found.Refusal!;
        return await streams.Transact<Done>(async transaction =>
        {
            var state = await transaction.Load(VersionDecider.StreamOf(ask.File, owner), VersionDecider.Decider);
            if (!state.Deleted.Contains(ask.Version) && (await holds.OverFile(transaction, owner, ask.File)).Count > 0)
                return HoldRejection.Stands;
            if (!state.Deleted.Contains(ask.Version) && await retention.KeepsVersion(transaction, owner, ask.File, ask.Version))
                return KeepingRejection.TooEarly;
            return (await Decide(
                 transaction, ask.File, owner, made => new VersionCommand.Remove(ask.File, ask.Version, ask.By.Account, made))
             ?? await pipeline.CancelVersion(transaction, owner, ask.File, ask.Version)) is { } no
                ? no
                : new Done();
        }, cancellationToken);
    }

    private async Task<Answer<(FileView, AccountId)>> Find(Caller by, FileId id, FileAction action, CancellationToken cancel)
    {
        var leave = await access.Ask(by, id, action, cancel);
        if (leave is not Answer<FileAccess>.Yes(var may, _))
            return leave.Refusal!;
        if (may.IsDeleted || await files.Find(id.ToString(), cancel) is not { IsDeleted: false } file)
            return AccessRejection.NoSuchFile;
        return may.IsTrashed ? AccessRejection.NotAllowed
            : file.Current() is null ? FilesRejection.StillUploading
            : (file, may.Owner);
    }

    private Task<Answer<Done>> Decide(
        FileId file, AccountId owner, Func<VersionsMade, VersionCommand> command, CancellationToken cancel) =>
        streams.Transact<Done>(
            async transaction => await Decide(transaction, file, owner, command) is { } no ? no : new Done(), cancel);

    private static async Task<Rejection?> Decide(
        ITransaction transaction, FileId file, AccountId owner, Func<VersionsMade, VersionCommand> command)
    {
        if (await IsGoing(transaction, owner, file))
            return AccessRejection.NotAllowed;
        var made = await transaction.Load(VersionsMade.StreamOf(file, owner), VersionsMade.Decider);
        return await transaction.Decide(VersionDecider.StreamOf(file, owner), VersionDecider.Decider, command(made));
    }

    private static async Task<bool> IsGoing(ITransaction transaction, AccountId owner, FileId file) =>
        (await transaction.Load(FilesTrash.StreamOf(file, owner), FilesTrash.Decider)).IsOut
        || !(await transaction.Load(FilesDecider.StreamOf(file, owner), FilesDecider.Decider)).IsOf(owner);
}
