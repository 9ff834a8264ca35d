using EventFiles.Features.Files;
using EventFiles.Features.Process;
using EventFiles.Features.Scan;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Tests.Children;
using EventFiles.Infrastructure.Tries;
using MediatR;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Tests.Processing;

/// <summary>
/// The Process slice on real PostgreSQL, real files and real children. Files and who may what with them belong to other
/// slices: here there is one owner, who may everything, and everybody else may nothing.
/// </summary>
internal sealed class Workshop : IAsyncDisposable, IRenderer, IAccess, IFiles, IScans
{
    private static readonly ChildOptions Options = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventFiles.RenderingChild.dll")]);
    private static readonly Decider<UploadEvent.Completed, object, UploadEvent> Uploads = new(new object(), (state, _) => state, (_, happened, _) => happened);
    private readonly Workshop? first;
    private readonly string directory;
    private readonly ChildRenderer children = new(Options);
    private readonly ServiceProvider services;
    private readonly List<IHostedService> running = [];
    private FileContent? content;
    private long position;

    /// <param name="messaging">Instead of the queue inside the process.</param>
    /// <param name="beside">Another node, with the same file on the same store.</param>
    public Workshop(string connectionString, TimeProvider clock, Action<IServiceCollection>? messaging = null, Workshop? beside = null)
    {
        first = beside;
        directory = beside?.directory ?? Directory.CreateTempSubdirectory("workshop-").FullName;
        File = beside?.File ?? NewId.Of<FileId>(TimeProvider.System);
        services = new ServiceCollection().AddLogging(log => log.SetMinimumLevel(LogLevel.Debug).AddProvider(Log))
            .AddSingleton<IHostApplicationLifetime, ApplicationLifetime>()
            .AddPresence(connectionString, isAlone: false)
            .AddSingleton(clock)
            .AddSingleton(new Slices([ProcessSlice.Define(), Others()]))
            .AddSingleton<IRenderer>(this).AddSingleton<IAccess>(this).AddSingleton<IFiles>(this).AddSingleton<IScans>(this).AddSingleton<ITools>(Tools)
            .AddSingleton<ISearchIndex, NoIndex>()
            .AddEventStore(connectionString).AddMemoryReadModels().AddMemoryTries().AddPipeline()
            .With(messaging ?? (all => all.AddInProcessMessaging()))
            .AddDirectoryObjects(directory, isGuest: beside is not null)
            .With(ProcessSlice.Define().Register)
            .BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }

    public static readonly Caller Owner = new(NewId.Of<AccountId>(TimeProvider.System), NewId.Of<SessionId>(TimeProvider.System), false);

    public Logged Log { get; } = new();

    public ToolShed Tools { get; } = new();

    /// <summary>Called before each rendering: may throw, or wait.</summary>
    public Func<CancellationToken, Task> BeforeRendering { get; set; } = _ => Task.CompletedTask;

    /// <summary>Nobody is told what the scanner says before this: the first thing that work asks.</summary>
    public Task BeforePicture { get; set; } = Task.CompletedTask;

    /// <summary>What takes long ends not before this.</summary>
    public Task LongMayEnd { get; set; } = Task.CompletedTask;

    public FileId File { get; }

    public bool IsTrashed { get; set; }

    /// <summary>Further files, such as those that are laid over others; whoever is among a file's readers may read it.</summary>
    public Dictionary<FileId, Shelved> Shelf { get; } = [];

    public IObjects Objects => services.GetRequiredService<IObjects>();

    private IStreams Streams => services.GetRequiredService<IStreams>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Runs daemon, relay, deadlines and queue, as the program does.</summary>
    public async Task<Workshop> Start()
    {
        foreach (var service in services.GetServices<IHostedService>())
        {
            running.Add(service);
            await service.StartAsync(Cancel);
        }

        return this;
    }

    // Of other slices it hears these facts.
    private static Slice Others() => new Slice("others")
        .Stores<FilesEvent.HandedOver>("files.handed-over.v1")
        .Stores<UploadEvent.Completed>("upload.completed.v1")
        .Stores<UploadEvent.Reinstated>("upload.reinstated.v1")
        .Stores<ScanEvent.Passed>("scan.passed.v1")
        .Stores<ScanEvent.Found>("scan.found.v1")
        .Stores<ScanEvent.NotScannable>("scan.not-scannable.v1")
        .Stores<ScanEvent.Overdue>("scan.overdue.v1")
        .Stores<ScanEvent.Released>("scan.released.v1");

    /// <summary>Says that it lives, and starts nothing else.</summary>
    public async Task<Workshop> Appear()
    {
        var presence = services.GetServices<IHostedService>().OfType<Presence>().Single();
        running.Add(presence);
        await presence.StartAsync(Cancel);
        return this;
    }

    /// <summary>The database sees its session end, as after a kill. What it does goes on.</summary>
    public async Task Vanish()
    {
        var presence = running.OfType<Presence>().Single();
        running.Remove(presence);
        await presence.StopAsync(Cancel);
        presence.Dispose();
    }

    /// <summary>What the Upload slice does when a version is complete.</summary>
    public async Task<IReadOnlyList<PlannedJob>> Upload(byte[] bytes, string contentType, int version = 1)
    {
        var key = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
        var stored = await Objects.Put(key, new MemoryStream(bytes), Cancel);
        content = new FileContent(File, Owner.Account, version, key, contentType, stored.SizeBytes);
        return await Plan();
    }

    /// <summary>A file beside the one that is processed, or its next version.</summary>
    public async Task<FileId> Shelve(byte[] bytes, string contentType, FileId? next = null, params IReadOnlyList<AccountId> readers)
    {
        var (file, key) = (next ?? NewId.Of<FileId>(TimeProvider.System), ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System)));
        var stored = await Objects.Put(key, new MemoryStream(bytes), Cancel);
        var former = Shelf.GetValueOrDefault(file);
        Shelf[file] = new(contentType, former?.Readers ?? [.. readers], [.. former?.Versions ?? [], (key, stored.SizeBytes)]);
        return file;
    }

    public async Task<IReadOnlyList<PlannedJob>> Plan()
    {
        IReadOnlyList<PlannedJob> jobs = [];
        var planned = await Streams.Transact<Done>(async transaction =>
        {
            await transaction.Decide(new StreamId($"upload-{File}", Owner.Account), Uploads, new UploadEvent.Completed(
                NewId.Of<UploadId>(TimeProvider.System), File, content!.Version, FolderId.RootOf(Owner.Account), "photo", content.ContentType,
                content.SizeBytes, "00", content.StoredAs));
            jobs = await services.GetRequiredService<IPipeline>().Plan(transaction, content!);
            return new Done();
        }, Cancel);
        position = Assert.IsType<Answer<Done>.Yes>(planned).Position;
        return jobs;
    }

    /// <summary>Views show what was planned last.</summary>
    public async Task Seen() =>
        Assert.True(await services.GetRequiredService<IReadPosition>().Reached(position, TimeSpan.FromSeconds(30), Cancel));

    public Task Delete() => Streams.Transact<Done>(
        async transaction => await services.GetRequiredService<IPipeline>().Cancel(transaction, Owner.Account, File) is { } no ? no : new Done(),
        Cancel);

    /// <summary>Work is delivered, without queue and behaviours.</summary>
    public Task<Answer<Done>> Deliver(IEnumerable<PlannedJob> jobs, CancellationToken? cancel = null) =>
        services.GetRequiredService<IRequestHandler<RunSteps, Answer<Done>>>()
            .Handle(new RunSteps(Owner.Account, File, [.. jobs.Select(job => job.JobId)]), cancel ?? Cancel);

    /// <summary>The same work, handed over once more.</summary>
    public Task HandOver(IEnumerable<PlannedJob> jobs, string correlationId) => services.GetRequiredService<IWorkQueue>().Enqueue(
        services.GetRequiredService<WorkFormat>().ItemOf(
            new RunSteps(Owner.Account, File, [.. jobs.Select(job => job.JobId)]), correlationId, causationId: null),
        Cancel);

    public Task<Answer<TReply>> Send<TReply>(IRequest<Answer<TReply>> request) =>
        services.GetRequiredService<IMediator>().Send(request, Cancel);

    public async Task<List<ProcessEvent>> History()
    {
        var facts = new List<ProcessEvent>();
        await foreach (var happened in Streams.Read(ProcessDecider.StreamOf(Owner.Account, File).Name, 0, Cancel))
            facts.Add((ProcessEvent)happened.Fact);
        return facts;
    }

    public async Task<List<string>> Variants()
    {
        var names = new List<string>();
        await foreach (var variant in Objects.List(ObjectKey.VariantsOf(File), Cancel))
            names.Add(variant.Key.Value.Split('/')[^1]);
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    public async Task<Rendering> Render(Stream original, RenderOrder order, CancellationToken cancel)
    {
        await BeforeRendering(cancel);
        if (order.Source.IsLong())
            await LongMayEnd.WaitAsync(cancel);
        return await children.Render(original, order, cancel);
    }

    public Task<bool> Owns(Caller by, AccountId owner, CancellationToken cancel) => Task.FromResult(owner == by.Account);

    public Task<Answer<Features.Vocabulary.FileAccess>> Ask(Caller by, FileId file, FileAction action, CancellationToken cancel) =>
        Task.FromResult<Answer<Features.Vocabulary.FileAccess>>(
            Shelf.TryGetValue(file, out var shelved) ? shelved.Readers.Contains(by.Account)
                ? new Features.Vocabulary.FileAccess(file, shelved.Readers[0], false, false)
                : AccessRejection.NoSuchFile
            : by.Account == Owner.Account && file == File
            ? new Features.Vocabulary.FileAccess(file, Owner.Account, IsTrashed, false)
            : AccessRejection.NoSuchFile);

    public Task<(FileSummary File, FileStatusView Status)?> FindWithStatus(FileId file, CancellationToken cancel) => throw new NotSupportedException();

    public Task<FileSummary?> Find(FileId file, CancellationToken cancel) => Task.FromResult(
        Shelf.TryGetValue(file, out var shelved) ? new FileSummary(
            file, "mark", FolderId.RootOf(shelved.Readers[0]), shelved.Versions[^1].SizeBytes, shelved.ContentType, "00", FileStatus.Ready,
            shelved.Versions.Count, default, default, [], ScanVerdict.NotScanned)
        : content is null ? null : new FileSummary(
            file, "photo", FolderId.RootOf(Owner.Account), content.SizeBytes, content.ContentType, "00", FileStatus.Ready,
            content.Version, default, default, [], ScanVerdict.NotScanned)
        {
            Owner = Owner.Account,
            StoredAs = content.StoredAs,
        });

    /// <summary>What the scanner has said.</summary>
    public ScanStanding Scan { get; set; } = new(ScanVerdict.NotScanned, ScanPolicy.Off);

    public async Task<ScanStanding> Of(FileId file, int version, CancellationToken cancel)
    {
        if (file == File)
            await BeforePicture.WaitAsync(cancel);
        return Shelf.GetValueOrDefault(file)?.Scan ?? Scan;
    }

    public Task<IReadOnlyList<KeptVersion>> VersionsOf(FileId file, CancellationToken cancel) => Task.FromResult<IReadOnlyList<KeptVersion>>(
        [.. Shelf[file].Versions.Select((version, at) => new KeptVersion(at + 1, version.SizeBytes, "00", default))]);

    public Task<ObjectKey?> StoredAs(FileId file, int version, CancellationToken cancel) => Task.FromResult<ObjectKey?>(
        Shelf.TryGetValue(file, out var shelved) && version >= 1 && version <= shelved.Versions.Count ? shelved.Versions[version - 1].StoredAs : null);

    public Task<bool> IsGoing(ITransaction transaction, AccountId owner, FileId file) => Task.FromResult(false);

    public Task<bool> IsGone(ITransaction transaction, AccountId owner, FileId file) => Task.FromResult(false);

    public Task<bool> IsOf(ITransaction transaction, AccountId owner, FileId file) => Task.FromResult(true);

    public Task<FolderId> FolderOf(ITransaction transaction, AccountId owner, FileId file) =>
        Task.FromResult(FolderId.RootOf(owner));

    // Nothing here keeps or deletes versions.
    public Task<FileAge?> AgeOf(ITransaction transaction, AccountId owner, FileId file) => throw new NotSupportedException();

    public Task<Rejection?> DeleteVersion(ITransaction transaction, AccountId owner, FileId file, int version) =>
        throw new NotSupportedException();

    public Task<FileSummary?> FindByName(FolderId folder, string name, CancellationToken cancel) => Task.FromResult<FileSummary?>(null);

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(running))
            await service.StopAsync(CancellationToken.None);
        await services.DisposeAsync();
        await children.DisposeAsync();
        if (first is null)
            Directory.Delete(directory, recursive: true);
    }
}

/// <summary>A file beside the one that is processed.</summary>
/// <param name="Readers">The owner first.</param>
internal sealed record Shelved(string ContentType, IReadOnlyList<AccountId> Readers, IReadOnlyList<(ObjectKey StoredAs, long SizeBytes)> Versions)
{
    /// <summary>What the scanner said of it; null for the same as of all others.</summary>
    public ScanStanding? Scan { get; init; }
}

internal static class WorkshopServices
{
    public static IServiceCollection With(this IServiceCollection services, Action<IServiceCollection> add)
    {
        add(services);
        return services;
    }
}

/// <summary>Nobody searches here.</summary>
internal sealed class NoIndex : ISearchIndex
{
    public bool IsStemming => false;

    public Task<IReadOnlyList<SearchHit>> Find(SearchQuery query, SearchHit? after, int limit, CancellationToken cancel) =>
        throw new NotSupportedException();

    public Task KeepText(AccountId owner, FileId file, int version, string text, CancellationToken cancel) => throw new NotSupportedException();

    public Task<bool> HasText(FileId file, int version, CancellationToken cancel) => throw new NotSupportedException();

    public Task<string?> TextOf(FileId file, CancellationToken cancel) => throw new NotSupportedException();

    public Task<IReadOnlyList<MissingText>> Missing(int limit, CancellationToken cancel) => throw new NotSupportedException();
}

/// <summary>Programs that are there, or are taken away.</summary>
internal sealed class ToolShed : ITools
{
    private readonly InstalledTools installed = new();

    public bool IsEmpty { get; set; }

    public bool Has(string program) => !IsEmpty && installed.Has(program);
}
