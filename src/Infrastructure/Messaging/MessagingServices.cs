using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging.Rabbit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>Wires what follows from facts.</summary>
public static class MessagingServices
{
    /// <summary>
    /// The queue inside this process, the relay that feeds it from the log, the deadlines and the rounds:
    /// <see cref="IWorkQueue"/>, <see cref="IDeadLetters"/>, <see cref="IQueues"/>. Needs <see cref="Slices"/>, the event
    /// store, the read models and the pipeline.
    /// </summary>
    public static IServiceCollection AddInProcessMessaging(this IServiceCollection services, MessagingSettings? settings = null)
    {
        services.AddWork(settings);
        services.AddSingleton<ITurn, OnlyNode>();
        services.AddSingleton<InProcessQueue>();
        services.AddSingleton<IWorkQueue>(provider => provider.GetRequiredService<InProcessQueue>());
        services.AddSingleton<IMessageQueue>(provider => provider.GetRequiredService<InProcessQueue>());
        // The last one started is the first one stopped: running work ends before the relay saves its last checkpoint.
        services.AddFeeders();
        services.AddHostedService(provider => provider.GetRequiredService<InProcessQueue>());
        return services;
    }

    /// <summary>
    /// The same over RabbitMQ, for several nodes on one database: each hands work out when its turn comes, and those that
    /// consume do it. Work that is done on another node than its fact needs read models that both see, or waits for its own.
    /// </summary>
    /// <param name="url"><c>amqp://user:password@host:port/virtual-host</c>, or <c>amqps</c>.</param>
    /// <param name="settings">Without any, a stop waits half a minute for running work: the host must wait longer.</param>
    /// <param name="consumes">Whether this node does work, or only hands it out.</param>
    public static IServiceCollection AddRabbitMessaging(
        this IServiceCollection services, string url, MessagingSettings? settings = null, bool consumes = true)
    {
        var broker = new Uri(url);
        services.AddWork(settings ?? new MessagingSettings { StopWithin = TimeSpan.FromSeconds(30) });
        services.AddSingleton<SharedTurn>();
        services.AddSingleton<ITurn>(provider => provider.GetRequiredService<SharedTurn>());
        services.AddSingleton<RabbitTopology>();
        // What publishes, what consumes and what looks must not wait for each other: a broker that is short of memory stops
        // reading from whoever publishes.
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<RabbitPublisher>(provider, Link(provider, "publisher", broker)));
        services.AddSingleton<RabbitQueue>();
        services.AddSingleton<IWorkQueue>(provider => provider.GetRequiredService<RabbitQueue>());
        services.AddSingleton<IMessageQueue>(provider => provider.GetRequiredService<RabbitQueue>());
        services.AddSingleton<IBroker>(provider => ActivatorUtilities.CreateInstance<RabbitBroker>(provider, Link(provider, "reports", broker)));
        services.AddSingleton<IDependency>(provider => ActivatorUtilities.CreateInstance<RabbitReach>(provider, Link(provider, "health", broker)));
        services.AddHostedService(provider => provider.GetRequiredService<SharedTurn>());
        services.AddFeeders();
        if (consumes)
            services.AddHostedService(provider => ActivatorUtilities.CreateInstance<RabbitConsumers>(provider, Link(provider, "workers", broker)));
        return services;
    }

    private static RabbitLink Link(IServiceProvider provider, string use, Uri broker) =>
        ActivatorUtilities.CreateInstance<RabbitLink>(provider, use, broker);

    private static void AddWork(this IServiceCollection services, MessagingSettings? settings)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LogReaders>();
        services.AddSingleton(settings ?? new MessagingSettings());
        services.AddSingleton<WorkFormat>();
        services.AddSingleton<Worker>();
        services.AddSingleton<WorkLanes>();
        services.AddSingleton<MessagingMetrics>();
        services.TryAddSingleton<IDeadLetterBox, DeadLetterBox>();
        services.TryAddSingleton<IQueueTable, QueueTable>();
        services.TryAddSingleton<IOutage, DatabaseOutage>();
        services.TryAddSingleton(provider => new QueueRegister(provider.GetRequiredService<EventPool>().Source));
        services.TryAddSingleton<IDeadLetters>(provider => provider.GetRequiredService<QueueRegister>());
        services.TryAddSingleton<IQueues>(provider => provider.GetRequiredService<QueueRegister>());
    }

    private static void AddFeeders(this IServiceCollection services)
    {
        services.AddHostedService<Relay>();
        services.AddHostedService<Deadlines>();
        services.AddHostedService<Rounds>();
        services.AddHostedService<SecondChances>();
        services.AddHostedService<QueueReports>();
    }
}
