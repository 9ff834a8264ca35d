using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Tests;

/// <summary>A process: everything around the log, wired as the Host does it. The log and the checkpoints outlive it.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly List<IHostedService> running = [];

    /// <param name="messaging">Instead of the queue inside the process.</param>
    /// <param name="database">Where dead letters and reports are, and turns are taken; without one, in memory.</param>
    public Node(
        MemoryFeed feed, MemoryCheckpoints? checkpoints = null, TimeProvider? clock = null,
        MessagingSettings? settings = null, Action<IServiceCollection>? also = null,
        Action<IServiceCollection, MessagingSettings?>? messaging = null, string? database = null)
    {
        var letters = new MemoryDeadLetters(clock ?? TimeProvider.System);
        var all = new ServiceCollection();
        all.AddLogging(log => log.SetMinimumLevel(LogLevel.Debug).AddProvider(Log));
        all.AddSingleton(clock ?? TimeProvider.System);
        all.AddSingleton(Shelf.Slices());
        all.AddSingleton<IEventFeed>(feed);
        all.AddSingleton<ICheckpoints>(checkpoints ?? new MemoryCheckpoints());
        all.AddSingleton<IParkedEvents>(Parked).AddSingleton<IShardTable>(Shards);
        all.AddSingleton(Duty);
        if (database is not null)
            all.AddSingleton(_ => new EventPool(database));
        else
            all.AddSingleton<IDeadLetterBox>(letters).AddSingleton<IDeadLetters>(letters).AddSingleton<IQueueTable>(Queues).AddSingleton<IOutage>(Outage);
        Shelf.Define().Register(all);
        all.AddMemoryReadModels().AddPipeline();
        (messaging ?? ((services, wanted) => services.AddInProcessMessaging(wanted)))(all, settings);
        also?.Invoke(all);
        services = all.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true });
    }

    public Logged Log { get; } = new();

    public Duty Duty { get; } = new();

    public MemoryParkedEvents Parked { get; } = new();

    public MemoryShardTable Shards { get; } = new();

    public MemoryQueueTable Queues { get; } = new();

    public ManualOutage Outage { get; } = new();

    public IReadPosition Position => Get<IReadPosition>();

    public IDeadLetters DeadLetters => Get<IDeadLetters>();

    public IWorkQueue Queue => Get<IWorkQueue>();

    public T Get<T>() where T : notnull => services.GetRequiredService<T>();

    public T Hosted<T>() where T : IHostedService => services.GetServices<IHostedService>().OfType<T>().Single();

    /// <summary>Starts all hosted services, or those of one type.</summary>
    public async Task<Node> Start<T>() where T : IHostedService
    {
        foreach (var service in services.GetServices<IHostedService>().OfType<T>())
        {
            running.Add(service);
            await service.StartAsync(TestContext.Current.CancellationToken);
        }

        return this;
    }

    public Task<Node> Start() => Start<IHostedService>();

    public async Task Stop()
    {
        foreach (var service in Enumerable.Reverse(running))
            await service.StopAsync(CancellationToken.None);
        running.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop();
        await services.DisposeAsync();
    }
}
