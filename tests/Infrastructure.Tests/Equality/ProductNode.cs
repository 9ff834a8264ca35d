using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Auditing;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.Compression;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Past;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.QrCodes;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Search;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Transparency;
using EventFiles.Infrastructure.Tries;
using MediatR;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>Where a node keeps what outlives it.</summary>
/// <param name="Database">Of the application's role.</param>
/// <param name="Folder">For objects and keys.</param>
internal sealed record NodeGround(
    string Database, string Folder, LeapingTime Clock, IRenderer Renderer, IPasswords Passwords, Slices Slices,
    Action<IServiceCollection> Views)
{
    /// <summary>Stands before the object store, to do wrong what a store can do wrong.</summary>
    public Func<IObjects, IObjects> Around { get; init; } = store => store;

    /// <summary>Where objects are; null: in the folder.</summary>
    public S3Settings? Bucket { get; init; }

    /// <summary>Looks at every version; null: nothing does.</summary>
    public IScanner? Scanner { get; init; }

    /// <summary>Takes all letters.</summary>
    public Mailboxes Mail { get; } = new();
}

/// <summary>The whole product in one process, wired as the Host does it, without HTTP.</summary>
internal sealed class ProductNode : IAsyncDisposable
{
    private static readonly Dictionary<string, string?> Settings = new(StringComparer.Ordinal)
    {
        ["Upload:RefusedTypes"] = "application/x-executable",
        ["Scan:Every"] = "00:00:00.2",
        // So that nobody's time comes before a leap over a month.
        ["Erasure:CancelWithin"] = "30.00:00:00",
        ["Erasure:CancelFileWithin"] = "30.00:00:00",
        ["Erasure:SettleAfter"] = "00:00:00",
        ["Erasure:Every"] = "00:00:02",
        ["Erasure:RebuildEvery"] = "00:00:00",
        ["Export:Every"] = "00:00:00",
    };

    private readonly ServiceProvider services;
    private readonly List<IHostedService> running = [];

    public ProductNode(NodeGround ground)
    {
        Slices = ground.Slices;
        var all = new ServiceCollection()
            .AddLogging(log => log.SetMinimumLevel(LogLevel.Warning).AddProvider(Log))
            .AddSingleton<TimeProvider>(ground.Clock)
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(Settings).Build())
            .AddSingleton(ground.Slices)
            .AddSingleton(_ => NpgsqlDataSource.Create(ground.Database))
            .AddSingleton(ground.Renderer).AddSingleton<ITools, InstalledTools>()
            .AddPipeline()
            .AddEventStore(ground.Database)
            .AddTransparency(() => LogKey.Of(new SharedSecret("a secret that the nodes of a trial share")), []);
        ground.Views(all);
        all.AddPostgresSearch();
        if (ground.Scanner is { } scanner)
            all.AddSingleton(scanner).AddSingleton(new ScanTerms(ScanPolicy.Warn));
        all.AddPast()
            .AddAuditing()
            .AddMemoryTries()
            .AddInProcessMessaging(new MessagingSettings { DeadlinesEvery = TimeSpan.FromMilliseconds(100) });
        if (ground.Bucket is { } bucket)
        {
            all.AddS3Objects(bucket);
        }
        else
        {
            all.AddDirectoryObjects(Path.Combine(ground.Folder, "objects"), takesParts: true)
                // In its place: the last one counts.
                .AddSingleton(_ => ground.Around(new DirectoryObjects(Path.Combine(ground.Folder, "objects"))));
        }

        all.AddEncryption(EraKeys.In(Path.Combine(ground.Folder, "eras"), mayMake: true), isOn: true)
            .AddCompression(isOn: true)
            .AddSecurity(Path.Combine(ground.Folder, "keys"))
            .AddSingleton(ground.Passwords)
            .AddSingleton<IMail>(ground.Mail)
            .AddQrCodes()
            .AddSingleton<IIdentityProvider, VouchingProvider>()
            .AddSingleton(new AccountsOptions { SendsMail = true, Site = new Uri("https://files.example") });
        foreach (var slice in ground.Slices.All)
            slice.Register(all);
        services = all.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
    }

    public Slices Slices { get; }

    public IEnumerable<IProjection> Projections => Slices.All.SelectMany(slice => slice.Projections);

    public Logged Log { get; } = new();

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public async Task<Answer<TReply>> Ask<TReply>(IRequest<Answer<TReply>> request)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request);
    }

    /// <summary>Makes the views and nothing else: the log stays as it is.</summary>
    public async Task StartViews()
    {
        await Start(service => service is ProjectionDaemon);
        await Wait.Until(() => Get<IReadPosition>().IsCaughtUp, "the views");
    }

    /// <summary>Starts what follows from facts: relay, queue, deadlines, rounds.</summary>
    public Task StartWork() => Start(service => service is not ProjectionDaemon);

    /// <summary>Ends what follows from facts. From then on the log stays as it is, and the views reach its end.</summary>
    /// <returns>The log's last position.</returns>
    public async Task<long> StopWork()
    {
        await Stop(service => service is not ProjectionDaemon);
        var last = await Get<IEventFeed>().Last(CancellationToken.None);
        await Wait.Until(() => Get<IReadPosition>().Applied >= last, "the views reach the log's end");
        return last;
    }

    /// <summary>Whether nothing waits whose time has come.</summary>
    public async Task<bool> HasNothingDue()
    {
        var projections = Projections.ToDictionary(projection => projection.View);
        foreach (var deadline in Slices.All.SelectMany(slice => slice.Deadlines))
        {
            var index = (DueIndex)ActivatorUtilities.CreateInstance(
                services, typeof(DueIndex<>).MakeGenericType(deadline.View), deadline, projections[deadline.View]);
            if (await index.Due(Get<TimeProvider>().GetUtcNow(), CancellationToken.None).AnyAsync())
                return false;
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await Stop(_ => true);
        await services.DisposeAsync();
    }

    private async Task Start(Func<IHostedService, bool> which)
    {
        foreach (var service in services.GetServices<IHostedService>().Where(which))
        {
            running.Add(service);
            await service.StartAsync(CancellationToken.None);
        }
    }

    private async Task Stop(Func<IHostedService, bool> which)
    {
        foreach (var service in Enumerable.Reverse(running).Where(which).ToList())
        {
            await service.StopAsync(CancellationToken.None);
            running.Remove(service);
        }
    }
}
