using System.Reflection;
using System.Security.Cryptography;
using EventFiles.Features.Export;
using EventFiles.Features.Tests.Share;
using EventFiles.Features.Zip;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Export;

/// <summary>A port of which a test answers what it expects to be asked, and nothing else.</summary>
public class Answering<TPort> : DispatchProxy where TPort : class
{
    private Dictionary<string, Func<object?[], object?>> answers = [];

    public static TPort With(params (string Method, Func<object?[], object?> Answer)[] answers)
    {
        var port = Create<TPort, Answering<TPort>>();
        ((Answering<TPort>)(object)port).answers = answers.ToDictionary(one => one.Method, one => one.Answer, StringComparer.Ordinal);
        return port;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => answers[targetMethod!.Name](args ?? []);
}

/// <summary>Streams and objects in memory, and one person with a folder, a file of two versions and one in the trash.</summary>
internal sealed class ExportWorld : IStreams
{
    public static readonly byte[] Old = "first"u8.ToArray();
    public static readonly byte[] New = "second"u8.ToArray();
    public static readonly byte[] Thrown = "thrown"u8.ToArray();

    private static readonly FolderId Papers = new(Guid.Parse("00000000-0000-7000-8000-0000000000d1"));

    private readonly List<(StreamId Stream, object Fact)> facts = [];

    public StoppedClock Clock { get; } = new(Noon);

    public Dictionary<string, byte[]> Stored { get; } = [];

    /// <summary>Whether the photo is deleted for good.</summary>
    public bool IsPhotoGone { get; set; }

    public bool IsOlgaGone { get; set; }

    /// <summary>What happens while events are read.</summary>
    public Func<Task> WhileReading { get; set; } = () => Task.CompletedTask;

    public IEnumerable<object> Facts => facts.Select(one => one.Fact);

    public Views<ExportView> Views => new Views<ExportView>(ExportProjection.Define()).After(Olga, [.. Facts]);

    public ExportDocuments Documents => new(Objects);

    public ExportHandler Handler => new(
        this, Views, Documents, Files, Scans, Objects, Archives, ExportOptions.Default with { Every = TimeSpan.Zero }, Clock);

    public ExportMakingHandler Making => new(
        this, new ExportContents(Folders, Files, Deletion, Scans, Archives), new ExportLines(Log, new Slices([])),
        new ExportProfile([Account]), Documents, Log,
        Answering<IAccounts>.With(("Find", _ => Task.FromResult(IsOlgaGone ? null : new AccountCard(Olga, "olga@example.org", "Olga")))),
        Answering<IAvatars>.With(("Open", _ => Task.FromResult<Stream?>(null))), Archives, ExportOptions.Default, Clock);

    public ExportsOfOwner OfOwner => new(this, Documents);

    private static ZipArchives Archives => new(new ZipChecks());

    private static IFolders Folders => Answering<IFolders>.With(("Children", args => Task.FromResult(new Page<FolderChild>(
        (FolderId)args[0]! == Papers
            ? [new FolderChild(false, Photo.Value, "a:b.txt", New.Length, 2, Noon)]
            : [new FolderChild(true, Papers.Value, "Papers", 0, 0, Noon)], null))));

    private static IDeletion Deletion => Answering<IDeletion>.With(
        ("Trashed", _ => new[] { (Letter, Noon) }.ToAsyncEnumerable()));

    private static IScans Scans => Answering<IScans>.With(
        ("Of", _ => Task.FromResult(new ScanStanding(ScanVerdict.NotScanned, ScanPolicy.Off))));

    private static IPersonalRecords Account => Answering<IPersonalRecords>.With(
        ("get_Name", _ => "account"), ("Of", _ => new object[] { new { Email = "olga@example.org" } }.ToAsyncEnumerable()));

    private IFiles Files => Answering<IFiles>.With(
        ("VersionsOf", args => Task.FromResult<IReadOnlyList<KeptVersion>>((FileId)args[0]! == Photo
            ? [Version(1, Old), Version(2, New)]
            : [Version(1, Thrown)])),
        ("Find", _ => Task.FromResult<FileSummary?>(new FileSummary(
            Letter, "letter.txt", Papers, Thrown.Length, "text/plain", null, "trashed", 1, Noon, Noon, [], ScanVerdict.NotScanned))),
        ("StoredAs", args => Task.FromResult<ObjectKey?>(
            IsPhotoGone && (FileId)args[0]! == Photo ? null : new ObjectKey($"{args[0]}/{args[1]}"))));

    private IAuditLog Log => Answering<IAuditLog>.With(
        ("End", _ => Task.FromResult(90L)),
        ("Read", args => Read((long)args[1]!)));

    private IObjects Objects => Answering<IObjects>.With(
        ("OwnedBy", _ => Objects),
        ("Put", args => Put((ObjectKey)args[0]!, (Stream)args[1]!)),
        ("Open", args => Task.FromResult<Stream?>(Bytes((ObjectKey)args[0]!) is { } bytes ? new MemoryStream(bytes) : null)),
        ("List", args => Stored.Where(one => one.Key.StartsWith((string)args[0]!, StringComparison.Ordinal))
            .Select(one => new StoredObject(new ObjectKey(one.Key), one.Value.Length, Noon)).ToList().ToAsyncEnumerable()),
        ("Delete", args => Task.FromResult(Stored.Remove(((ObjectKey)args[0]!).Value))));

    public async Task<Answer<T>> Transact<T>(Func<ITransaction, Task<Answer<T>>> work, CancellationToken cancel)
    {
        var transaction = new Memory(this, Clock.Now);
        var answer = await work(transaction);
        if (answer.Refusal is null)
            facts.AddRange(transaction.Decided);
        return answer;
    }

    public Task<TState> Load<TCommand, TState, TEvent>(StreamId stream, Decider<TCommand, TState, TEvent> decider, CancellationToken cancel)
        where TState : class where TEvent : class =>
        Task.FromResult(decider.Fold(facts.Where(one => one.Stream == stream).Select(one => (TEvent)one.Fact)));

    public IAsyncEnumerable<RecordedEvent> Read(string stream, long afterVersion, CancellationToken cancel) =>
        facts.Where(one => one.Stream.Name == stream).Select((one, at) => Recorded(at + 1, one.Stream, one.Fact)).ToList().ToAsyncEnumerable();

    public IAsyncEnumerable<RecordedEvent> ReadMerged(IReadOnlyList<string> streams, CancellationToken cancel) => throw new NotSupportedException();

    public IAsyncEnumerable<RecordedEvent> ReadAll(IReadOnlyCollection<Type> facts, CancellationToken cancel) => throw new NotSupportedException();

    public Task<IReadOnlyDictionary<string, string>> Holders(string scope, IReadOnlyCollection<string> keys, CancellationToken cancel) =>
        throw new NotSupportedException();

    private static KeptVersion Version(int number, byte[] bytes) =>
        new(number, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)), Noon);

    private static RecordedEvent Recorded(long position, StreamId stream, object fact) =>
        new(position, stream, position, Guid.Empty, "fact.v1", Noon, fact) { Actor = Olga };

    // A page that is not the last, and then the last.
    private async Task<AuditStretch> Read(long after)
    {
        await WhileReading();
        var happened = Recorded(after + 1, new StreamId("file-1", Olga), new { Number = after });
        return new AuditStretch([new AuditedEvent(happened, null, null, null)], after == 0 ? 45 : 90, after > 0);
    }

    private async Task<SealedObject> Put(ObjectKey key, Stream content)
    {
        using var all = new MemoryStream();
        await content.CopyToAsync(all);
        Stored[key.Value] = all.ToArray();
        return new SealedObject(key, all.Length, Convert.ToHexStringLower(SHA256.HashData(all.ToArray())));
    }

    private byte[]? Bytes(ObjectKey key) =>
        key.Value == $"{Photo}/1" ? Old : key.Value == $"{Photo}/2" ? New : key.Value == $"{Letter}/1" ? Thrown
        : Stored.GetValueOrDefault(key.Value);

    private sealed class Memory(ExportWorld world, DateTimeOffset now) : ITransaction
    {
        public List<(StreamId Stream, object Fact)> Decided { get; } = [];

        public DateTimeOffset Now => now;

        public CancellationToken Cancel => default;

        public async Task<Rejection?> Decide<TCommand, TState, TEvent>(
            StreamId stream, Decider<TCommand, TState, TEvent> decider, TCommand command)
            where TState : class where TEvent : class
        {
            switch (decider.Decide(await Load(stream, decider), command, now))
            {
                case Decision<TEvent>.Rejected(var why):
                    return why;
                case Decision<TEvent>.Accepted(var happened):
                    Decided.AddRange(happened.Select(one => (stream, (object)one)));
                    break;
            }

            return null;
        }

        public async Task<TState> Load<TCommand, TState, TEvent>(StreamId stream, Decider<TCommand, TState, TEvent> decider)
            where TState : class where TEvent : class =>
            Decided.Where(one => one.Stream == stream)
                .Aggregate(await world.Load(stream, decider, default), (state, one) => decider.Evolve(state, (TEvent)one.Fact));
    }
}
