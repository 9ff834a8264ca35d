using System.Collections.Immutable;
using System.Security.Cryptography;

namespace EventFiles.Features.Upload;

/// <summary>Bytes that are all there and durable, and what they are to become.</summary>
/// <param name="Meant">The file in whose stream the log knows of the upload, or will; null when it never does.</param>
/// <param name="Begin">What is still to be recorded of that, together with the end.</param>
/// <param name="Folder">Exists, and the caller may put something into it.</param>
internal sealed record ArrivedFile(
    Caller By, UploadId Upload, FileId? Meant, UploadCommand.Begin? Begin, FolderId Folder,
    NameConflict OnConflict, string Name, string ContentType, SealedObject Bytes)
{
    /// <summary>Whose folder it is.</summary>
    public AccountId Owner { get => field == default ? By.Account : field; init; }

    /// <summary>The file of which they become a version, or else nothing; null where place and name decide.</summary>
    public UploadTarget? Target { get; init; }

    /// <summary>The link by which they came; null for an account's own. Then <see cref="By"/> is whose folder it is.</summary>
    public OpenInbox? Inbox { get; init; }

    /// <summary>The partial uploads whose bytes these are, in order; none when they came by themselves. Theirs who asks.</summary>
    public ImmutableArray<UploadId> Parts { get; init; } = [];

    /// <summary>What the bytes are a copy of; null when they came from outside.</summary>
    public CopySource? Source { get; init; }

    /// <summary>Space that was set aside for more than this, of which it takes its part; null when there is none.</summary>
    public Allotment? From { get; init; }
}

/// <summary>
/// Makes durable bytes a version of a file: name, space, plan and fact in one transaction. Not cancelled with the
/// request: whoever sent the last byte may be gone, and the file is theirs nevertheless.
/// </summary>
internal sealed class UploadCompletion(
    IStreams streams, IAllowance allowance, IContents contents, IPipeline pipeline, IFolders folders,
    IFiles files, IAccess access, IInboxes inboxes, TimeProvider clock)
{
    private const int MaxTries = 12;
    private const int TriesInOrder = 4;

    /// <summary>Completes, on the terms that the client chose for a name that is taken. Safe to repeat.</summary>
    public async Task<Answer<UploadedFile>> Complete(ArrivedFile arrived)
    {
        if (arrived.Target is { } target)
            return await Commit(arrived, target.File.Name, target.File);
        if (await MeantFor(arrived) is { } existing)
        {
            var next = await Commit(arrived, existing.Name, existing);
            if (next.Refusal != AccessRejection.NoSuchFile)
                return next;
        }

        var name = arrived.Name;
        for (var tries = 1; ; tries++)
        {
            if (arrived.OnConflict == NameConflict.NewVersion
                && await files.FindByName(arrived.Folder, name, CancellationToken.None) is { } there)
            {
                var next = (await access.Ask(arrived.By, there.Id, FileAction.Edit, CancellationToken.None)).Refusal is { } no
                    ? no
                    : await Commit(arrived, there.Name, there);
                if (next.Refusal != AccessRejection.NoSuchFile || tries == MaxTries)
                    return next;
                continue; // it went to the trash meanwhile and gave its name up: the bytes become a file of their own
            }

            var answer = await Commit(arrived, name, null);
            if (answer.Refusal?.Code != EntryName.Taken.Code || arrived.OnConflict == NameConflict.Fail || tries == MaxTries)
                return answer;
            if (arrived.OnConflict == NameConflict.Rename)
                name = await folders.FreeName(arrived.Folder, Wish(arrived.Name, tries), CancellationToken.None);
            else
                await Task.Delay(TimeSpan.FromMilliseconds(10 * tries), clock, CancellationToken.None); // whoever has the name will show soon
        }
    }

    /// <summary>Ends an upload without a file and gives its space back. What is a file by now stays one.</summary>
    public Task<Answer<Done>> Abandon(AccountId owner, UploadId upload, FileId file, string reason) =>
        streams.Transact<Done>(
            async transaction =>
                (await Ask(transaction, UploadDecider.StreamOf(file, owner), new UploadCommand.Abandon(upload, file, reason))
                ?? await allowance.Release(transaction, owner, upload)) is { } no ? no : default(Done),
            CancellationToken.None);

    // Many that want the same name at once all see the same free one: after a few rounds they spread out.
    private static string Wish(string name, int tries) =>
        tries < TriesInOrder ? name : EntryName.Numbered(name, RandomNumberGenerator.GetInt32(100, 100_000));

    // The existing file that the upload was begun for, if it is still there to get a version.
    private async Task<FileSummary?> MeantFor(ArrivedFile arrived) =>
        arrived.Meant is { } file && file != UploadDecider.NewFileOf(arrived.Upload)
        && await access.Ask(arrived.By, file, FileAction.Edit, CancellationToken.None)
            is Answer<Vocabulary.FileAccess>.Yes({ IsTrashed: false, IsDeleted: false }, _)
            ? await files.Find(file, CancellationToken.None)
            : null;

    private async Task<Answer<UploadedFile>> Commit(ArrivedFile arrived, string name, FileSummary? existing)
    {
        var same = await Same(arrived);
        KillPoint.Reach("upload.same-bytes-found");
        return await streams.Transact(transaction => Commit(transaction, arrived, name, existing, same), CancellationToken.None);
    }

    // The same bytes, if the owner of the file has them. Never another's: see ADR 54. Whether the store has them still is looked
    // at before those that came are removed, and these take the place of what was lost.
    private async Task<ContentHint?> Same(ArrivedFile arrived)
    {
        var found = await contents.Find(OwnerOf(arrived), arrived.Bytes.Sha256, arrived.Bytes.SizeBytes, CancellationToken.None);
        return found?.Upload == arrived.Upload ? null : found;
    }

    private static AccountId OwnerOf(ArrivedFile arrived) => arrived.Target?.Owner ?? arrived.Owner;

    private async Task<Answer<UploadedFile>> Commit(
        ITransaction transaction, ArrivedFile arrived, string name, FileSummary? existing, ContentHint? same)
    {
        var owner = OwnerOf(arrived);
        var file = existing?.Id ?? UploadDecider.NewFileOf(arrived.Upload);
        var folder = existing?.FolderId ?? arrived.Folder;
        var stream = UploadDecider.StreamOf(file, owner);

        var meant = UploadDecider.StreamOf(arrived.Meant ?? file, owner);
        var own = UploadDecider.OwnStreamOf(arrived.Upload, owner);
        // The log knows nothing yet of an upload that came whole, nor of a file that bears its id.
        var isNew = arrived.Meant is null || arrived.Begin is not null;
        if (isNew)
            transaction.ExpectNew(own);
        if ((await transaction.Load(meant, UploadDecider.Decider)).Of(arrived.Upload) is { Stage: TransferStage.Complete } ended)
            return Reply(transaction, arrived, ended.File, ended.Folder, ended.Name, ended.Version, existing, []);

        if (existing is not null ? await files.IsGoing(transaction, owner, file) : !await folders.IsThere(transaction, owner, folder))
            return existing is not null ? AccessRejection.NoSuchFile : FolderRejection.NoSuchFolder;
        if (arrived.Inbox is { } inbox && await inboxes.Receive(transaction, inbox, file) is { } shut)
            return shut;
        if (isNew && stream != own && await Ask(transaction, own, new UploadCommand.Assign(arrived.Upload, file)) is { } lost)
            return lost;
        if (arrived.Begin is { } begin && await Ask(transaction, meant, begin) is { } unbegun)
            return unbegun;
        if (arrived.Parts.Length > 0 && await Join(transaction, arrived, meant) is { } unjoined)
            return unjoined;
        var shared = same is null ? null
            : await allowance.Share(transaction, owner, arrived.Upload, file, arrived.Bytes.SizeBytes, same);
        var storedAs = shared ?? arrived.Bytes.Key;
        var complete = new UploadCommand.Complete(
            arrived.Upload, file, folder, name, arrived.ContentType, arrived.Bytes.SizeBytes, arrived.Bytes.Sha256,
            storedAs)
        {
            IfVersion = arrived.Target?.IfVersion,
            Source = arrived.Source,
        };
        if (await Ask(transaction, stream, complete) is { } incomplete)
            return incomplete;
        var version = (await transaction.Load(stream, UploadDecider.Decider)).LastVersion;
        if (meant != stream
            && await Ask(transaction, meant, new UploadCommand.Redirect(arrived.Upload, file, version)) is { } undirected)
            return undirected;
        if (arrived.From is { } from && await allowance.Reserve(
                transaction, owner, from.Reserved, Math.Max(0, from.LeftBytes - arrived.Bytes.SizeBytes), from.Until) is { } unshared)
            return unshared;
        if (shared is null
            && await allowance.Charge(
                transaction, owner, arrived.Upload, file, arrived.Bytes.SizeBytes,
                wasBegun: arrived.Parts.Length > 0 || arrived.From is not null) is { } tooMuch)
            return tooMuch;
        var jobs = await pipeline.Plan(transaction, new FileContent(
            file, owner, version, storedAs, arrived.ContentType, arrived.Bytes.SizeBytes));
        return Reply(transaction, arrived, file, folder, name, version, existing, jobs);
    }

    // Space of parts falls free in the transaction that charges the whole: at no time is there more or less of it.
    private async Task<Rejection?> Join(ITransaction transaction, ArrivedFile arrived, StreamId meant)
    {
        var (by, file) = (arrived.By.Account, arrived.Meant!.Value); // parts are theirs, whosever the file is
        if (await Ask(transaction, meant, new UploadCommand.Assemble(arrived.Upload, arrived.Parts)) is { } no)
            return no;
        foreach (var part in arrived.Parts)
        {
            var consume = new UploadCommand.Consume(part, arrived.Upload, file);
            if ((await Ask(transaction, UploadDecider.OwnStreamOf(part, by), consume)
                ?? await allowance.Release(transaction, by, part)) is { } why)
                return why;
        }

        return null;
    }

    private static Task<Rejection?> Ask(ITransaction transaction, StreamId stream, UploadCommand command) =>
        transaction.Decide(stream, UploadDecider.Decider, command);

    private static UploadedFile Reply(
        ITransaction transaction, ArrivedFile arrived, FileId file, FolderId folder, string name, int version,
        FileSummary? existing, IReadOnlyList<PlannedJob> jobs) =>
        new(
            new FileSummary(
                file, name, folder, arrived.Bytes.SizeBytes, arrived.ContentType, arrived.Bytes.Sha256,
                jobs.Count == 0 ? "ready" : "processing", version, existing?.CreatedAt ?? transaction.Now, transaction.Now,
                [], ScanVerdict.NotScanned)
            {
                Owner = arrived.Target?.Owner ?? arrived.Owner,
                StoredAs = arrived.Bytes.Key,
            },
            jobs);
}
