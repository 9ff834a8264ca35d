using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using EventFiles.Features.Quota;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Upload;

/// <summary>
/// What an upload touches, in memory, so that a test can see the order of its steps and break them at will. One
/// transaction runs at a time, names are claimed with the events, objects keep their contract's promises.
/// </summary>
internal sealed class UploadStage : TimeProvider, IDisposable, IStreams, IObjects, IFolders, IFolderAccess, IFiles, IAccess,
    IPipeline, IContents, ICompression
{
    private readonly SemaphoreSlim gate = new(1);
    private readonly ConcurrentDictionary<ObjectKey, (byte[] Bytes, bool Grows)> objects = [];
    private readonly ConcurrentDictionary<(FolderId, string), FileId> names = [];

    public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public ConcurrentQueue<RecordedEvent> Log { get; } = [];

    /// <summary>Called before each commit with what is about to be appended: may throw, or wait.</summary>
    public Func<IReadOnlyList<object>, Task> BeforeCommit { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called when an object has been put, before anything tells of it.</summary>
    public Func<ObjectKey, Task> AfterPut { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called when an object that grew has all its bytes.</summary>
    public Func<ObjectKey, Task> BeforeSeal { get; set; } = _ => Task.CompletedTask;

    /// <summary>Done once a store has begun to read a request's bytes.</summary>
    public TaskCompletionSource Appending { get; } = new();

    /// <summary>Whose key each object that ever was there was written under.</summary>
    public ConcurrentDictionary<ObjectKey, AccountId> Owners { get; } = [];

    /// <summary>Those who may edit every file besides its owner.</summary>
    public HashSet<AccountId> Editors { get; } = [];

    /// <summary>Called when somebody looks whether an owner has some bytes already; by default it seems that they have none.</summary>
    public Func<AccountId, string, ContentHint?> SeemsToHave { get; set; } = (_, _) => null;

    public Task<ContentHint?> Find(AccountId owner, string sha256, long sizeBytes, CancellationToken cancel) =>
        Task.FromResult(SeemsToHave(owner, sha256));

    // What becomes of bytes later is no affair of uploads.
    public bool IsOn => false;

    public Task<CompressedForm?> Prepare(AccountId owner, ObjectKey key, string? sha256, CancellationToken cancel) =>
        Task.FromResult<CompressedForm?>(null);

    public Task Switch(ObjectKey key, CancellationToken cancel) => Task.CompletedTask;

    public IEnumerable<ObjectKey> Objects => objects.Keys;

    public IEnumerable<TEvent> Happened<TEvent>() => Log.Select(happened => happened.Fact).OfType<TEvent>();

    public async Task<Balance> Balance(AccountId owner) =>
        (await Load(QuotaDecider.StreamOf(owner), QuotaDecider.Decider, default)).Balance;

    public Task Limit(AccountId owner, long bytes) => Transact<Done>(
        async transaction => await transaction.Decide(
            QuotaDecider.StreamOf(owner), QuotaDecider.Decider, new QuotaCommand.SetLimit(bytes)) is { } no ? no : default(Done),
        default);

    public byte[] Content(ObjectKey key) => objects[key].Bytes;

    public override DateTimeOffset GetUtcNow() => Now;

    public void Dispose() => gate.Dispose();

    public async Task<Answer<T>> Transact<T>(Func<ITransaction, Task<Answer<T>>> work, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            var transaction = new Attempt(this);
            var answer = await work(transaction);
            if (answer is not Answer<T>.Yes yes || transaction.Facts.Count == 0)
                return answer;
            await BeforeCommit([.. transaction.Facts.Select(fact => fact.Fact)]);
            foreach (var first in transaction.Facts.Select(fact => fact.Fact).OfType<UploadEvent.Completed>().Where(done => done.Version == 1))
            {
                if (!names.TryAdd((first.Folder, EntryName.Key(first.Name)), first.File))
                    return EntryName.Taken;
            }

            foreach (var (stream, fact) in transaction.Facts)
                Log.Enqueue(new RecordedEvent(Log.Count + 1, stream, Of(stream.Name).Count() + 1, Guid.NewGuid(), "", Now, fact));
            return yes with { Position = Log.Count };
        }
        finally
        {
            gate.Release();
        }
    }

    public Task<TState> Load<TCommand, TState, TEvent>(
        StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class =>
        Task.FromResult(decider.Fold(Of(stream.Name).Select(happened => (TEvent)happened.Fact)));

    public async IAsyncEnumerable<RecordedEvent> Read(
        string stream, long afterVersion, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Yield();
        foreach (var happened in Of(stream).Where(happened => happened.Version > afterVersion))
            yield return happened;
    }

    public IAsyncEnumerable<RecordedEvent> ReadMerged(IReadOnlyList<string> streams, CancellationToken cancel) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<RecordedEvent> ReadAll(IReadOnlyCollection<Type> facts, CancellationToken cancel) =>
        throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, string>> Holders(
        string scope, IReadOnlyCollection<string> keys, CancellationToken cancel) => throw new NotSupportedException();

    public IObjects OwnedBy(AccountId owner) => new Owned(this, owner);

    public async Task<SealedObject> Put(ObjectKey key, Stream content, CancellationToken cancel)
    {
        using var bytes = new MemoryStream();
        await content.CopyToAsync(bytes, cancel);
        objects[key] = (bytes.ToArray(), false);
        var put = Sealed(key);
        await AfterPut(key);
        return put;
    }

    public async Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel)
    {
        Appending.TrySetResult();
        var before = objects.TryGetValue(key, out var there) ? there.Bytes : [];
        if (before.Length != offset || there is { Bytes: not null, Grows: false })
            throw new OffsetMismatchException(before.Length);
        using var bytes = new MemoryStream();
        try
        {
            await content.CopyToAsync(bytes, cancel);
        }
        finally
        {
            objects[key] = ([.. before, .. bytes.ToArray()], true);
        }

        return offset + bytes.Length;
    }

    public Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel) =>
        Task.FromResult<long?>(objects.TryGetValue(key, out var there) && there.Grows ? there.Bytes.Length : null);

    public async Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel)
    {
        await BeforeSeal(key);
        objects[key] = objects.TryGetValue(key, out var there)
            ? (there.Bytes, false)
            : throw new FileNotFoundException("There is no such object.");
        return Sealed(key);
    }

    public Task<Stream?> Open(ObjectKey key, CancellationToken cancel) => Task.FromResult<Stream?>(
        objects.TryGetValue(key, out var there) && !there.Grows ? new MemoryStream(there.Bytes, writable: false) : null);

    public Task Delete(ObjectKey key, CancellationToken cancel)
    {
        objects.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    public Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancel) => throw new NotSupportedException();

    public Task<Answer<FolderId>> Find(Caller by, FolderId? folder, CancellationToken cancel) => Find(by.Account, folder, cancel);

    public Task<Answer<FolderId>> Find(AccountId owner, FolderId? folder, CancellationToken cancel)
    {
        var root = FolderId.RootOf(owner);
        Answer<FolderId> answer = folder is null || folder == root
            ? root
            : new Rejection("folders.missing", RejectionKind.Missing, "There is no such folder.");
        return Task.FromResult(answer);
    }

    public Task<IReadOnlyList<KeptVersion>> VersionsOf(FileId file, CancellationToken cancel) => throw new NotSupportedException();

    public Task<ObjectKey?> StoredAs(FileId file, int version, CancellationToken cancel) => throw new NotSupportedException();

    public Task<Rejection?> Make(ITransaction transaction, AccountId owner, FolderId folder, FolderId parent, string name) =>
        throw new NotSupportedException();

    public Task<bool> IsWithin(ITransaction transaction, AccountId owner, FolderId folder, FolderId above) =>
        throw new NotSupportedException();

    public Task<Page<FolderChild>> Children(FolderId folder, string? cursor, int limit, CancellationToken cancel) =>
        throw new NotSupportedException();

    public Task<FolderId?> ParentOf(AccountId owner, FolderId folder, CancellationToken cancel) =>
        throw new NotSupportedException();

    public Task<string?> NameOf(AccountId owner, FolderId folder, CancellationToken cancel) => throw new NotSupportedException();

    public Task<string> FreeName(FolderId folder, string wanted, CancellationToken cancel) => Task.FromResult(
        Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? wanted : EntryName.Numbered(wanted, number))
            .First(name => !names.ContainsKey((folder, EntryName.Key(name)))));

    public Task<(FileSummary File, FileStatusView Status)?> FindWithStatus(FileId file, CancellationToken cancel) => throw new NotSupportedException();

    public Task<FileSummary?> Find(FileId file, CancellationToken cancel) => Task.FromResult(
        Log.Where(happened => happened.Fact is UploadEvent.Completed done && done.File == file)
            .Select(happened => Summary((UploadEvent.Completed)happened.Fact, happened)).LastOrDefault());

    public Task<bool> IsGoing(ITransaction transaction, AccountId owner, FileId file) => Task.FromResult(false);

    public Task<bool> IsThere(ITransaction transaction, AccountId owner, FolderId folder) => Task.FromResult(true);

    public Task<FileSummary?> FindByName(FolderId folder, string name, CancellationToken cancel) =>
        names.TryGetValue((folder, EntryName.Key(name)), out var file) ? Find(file, cancel) : Task.FromResult<FileSummary?>(null);

    public Task<bool> Owns(Caller by, AccountId owner, CancellationToken cancel) => Task.FromResult(owner == by.Account);

    public async Task<Answer<Vocabulary.FileAccess>> Ask(Caller by, FileId file, FileAction action, CancellationToken cancel) =>
        await Find(file, cancel) is { } there && (there.Owner == by.Account || (action == FileAction.Edit && Editors.Contains(by.Account)))
            ? new Vocabulary.FileAccess(file, there.Owner, false, false)
            : new Rejection("files.missing", RejectionKind.Missing, "There is no such file.");

    public Task<IReadOnlyList<PlannedJob>> Plan(ITransaction transaction, FileContent content) =>
        Task.FromResult<IReadOnlyList<PlannedJob>>([]);

    public Task<Rejection?> Cancel(ITransaction transaction, AccountId owner, FileId file) => throw new NotSupportedException();

    public Task<Rejection?> CancelVersion(ITransaction transaction, AccountId owner, FileId file, int version) => throw new NotSupportedException();

    public Task<IReadOnlyList<FolderId>> Above(ITransaction transaction, AccountId owner, FolderId folder) => throw new NotSupportedException();

    // There are roots alone.
    public Task<AccountId?> OwnerOf(FolderId folder, CancellationToken cancel) => Task.FromResult<AccountId?>(new(folder.Value));

    public async Task<Answer<FolderAccess>> Ask(Caller by, FolderId? folder, FolderAction action, CancellationToken cancel) =>
        (await Find(by, folder, cancel)).Map(own => new FolderAccess(own, by.Account, MaySee: true));

    public Task<bool> IsGone(ITransaction transaction, AccountId owner, FileId file) => throw new NotSupportedException();

    Task<bool> IFiles.IsOf(ITransaction transaction, AccountId owner, FileId file) => Task.FromResult(true);

    Task<Rejection?> IFolders.Leave(ITransaction transaction, AccountId owner, FolderId folder, string name) =>
        throw new NotSupportedException();

    public Task<FolderId> FolderOf(ITransaction transaction, AccountId owner, FileId file) => throw new NotSupportedException();

    public IAsyncEnumerable<FolderChild> Below(FolderId folder, CancellationToken cancel) => throw new NotSupportedException();

    public Task<FileAge?> AgeOf(ITransaction transaction, AccountId owner, FileId file) => throw new NotSupportedException();

    public Task<Rejection?> DeleteVersion(ITransaction transaction, AccountId owner, FileId file, int version) => throw new NotSupportedException();

    private IEnumerable<RecordedEvent> Of(string stream) => Log.Where(happened => happened.Stream.Name == stream);

    private SealedObject Sealed(ObjectKey key) => new(
        key, objects[key].Bytes.Length, Convert.ToHexStringLower(SHA256.HashData(objects[key].Bytes)));

    private static FileSummary Summary(UploadEvent.Completed done, RecordedEvent happened) => new(
        done.File, done.Name, done.Folder, done.SizeBytes, done.ContentType, done.Sha256, "ready", done.Version,
        happened.At, happened.At, [], ScanVerdict.NotScanned)
    {
        Owner = happened.Stream.Tenant,
        StoredAs = done.StoredAs,
    };

    private sealed class Owned(UploadStage stage, AccountId owner) : IObjects
    {
        public Task<SealedObject> Put(ObjectKey key, Stream content, CancellationToken cancel) => Noted(key).Put(key, content, cancel);

        public Task<long> Append(ObjectKey key, long offset, Stream content, CancellationToken cancel) =>
            Noted(key).Append(key, offset, content, cancel);

        public Task<long?> GrowingLength(ObjectKey key, CancellationToken cancel) => stage.GrowingLength(key, cancel);

        public Task<SealedObject> Seal(ObjectKey key, CancellationToken cancel) => stage.Seal(key, cancel);

        public Task<Stream?> Open(ObjectKey key, CancellationToken cancel) => stage.Open(key, cancel);

        public Task Delete(ObjectKey key, CancellationToken cancel) => stage.Delete(key, cancel);

        public Task<bool> DeleteUnchanged(StoredObject seen, CancellationToken cancel) => stage.DeleteUnchanged(seen, cancel);

        public IAsyncEnumerable<StoredObject> List(string prefix, CancellationToken cancel) => stage.List(prefix, cancel);

        private UploadStage Noted(ObjectKey key)
        {
            stage.Owners[key] = owner;
            return stage;
        }
    }

    private sealed class Attempt(UploadStage stage) : ITransaction
    {
        public List<(StreamId Stream, object Fact)> Facts { get; } = [];

        public DateTimeOffset Now => stage.Now;

        public CancellationToken Cancel => default;

        public async Task<Rejection?> Decide<TCommand, TState, TEvent>(
            StreamId stream, Decider<TCommand, TState, TEvent> decider, TCommand command)
            where TState : class where TEvent : class
        {
            switch (decider.Decide(await Load(stream, decider), command, Now))
            {
                case Decision<TEvent>.Rejected no:
                    return no.Why;
                case Decision<TEvent>.Accepted yes:
                    Facts.AddRange(yes.Events.Select(fact => (stream, (object)fact)));
                    break;
            }

            return null;
        }

        public async Task<TState> Load<TCommand, TState, TEvent>(StreamId stream, Decider<TCommand, TState, TEvent> decider)
            where TState : class where TEvent : class =>
            Facts.Where(fact => fact.Stream.Name == stream.Name).Select(fact => (TEvent)fact.Fact)
                .Aggregate(await stage.Load(stream, decider, default), decider.Evolve);
    }
}
