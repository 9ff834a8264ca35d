using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Puts the event store into the container.</summary>
public static class EventStoreServices
{
    // A state weighs a few hundred bytes to some tens of kilobytes.
    private const int StatesInMemory = 20_000;

    /// <summary>
    /// Adds <see cref="IStreams"/> and what reads the log, on PostgreSQL. Needs <see cref="Slices"/> and logging in the
    /// container, and a database that <see cref="EventStoreSchema.Migrate"/> has seen.
    /// </summary>
    public static IServiceCollection AddEventStore(this IServiceCollection services, string connectionString)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddDataProtection();
        services.TryAddSingleton(_ => NodeId.New());
        services.TryAddSingleton(PrivateKeys.None);
        return services
            .AddSingleton(_ => new EventPool(connectionString))
            .AddSingleton<EventTypes>()
            .AddSingleton<EventJson>()
            .AddSingleton<EventReader>()
            .AddSingleton<ClaimReader>()
            .AddSingleton<Appender>()
            .AddSingleton<INodes, Nodes>()
            .AddSingleton<AnsweredRequests>()
            .AddSingleton(_ => new StateCache(StatesInMemory))
            .AddSingleton<Snapshots>()
            .AddSingleton<States>()
            .AddSingleton<StreamLocks>()
            .AddSingleton<SettledLog>()
            .AddSingleton<LogReaders>()
            .AddSingleton<HighWater>()
            .AddSingleton<IStreams, Streams>()
            .AddSingleton<IEventFeed, EventFeed>()
            .AddSingleton<ICheckpoints, Checkpoints>()
            .AddSingleton<IParkedEvents, ParkedEvents>()
            .AddSingleton<IArchive, Archive>();
    }

    /// <summary>Says on a database that this node runs there. Added before anything that runs.</summary>
    /// <param name="isAlone">Whether this node keeps something to itself, and so must be the only one.</param>
    public static IServiceCollection AddPresence(
        this IServiceCollection services, string connectionString, bool isAlone, Role role = Role.All)
    {
        services.TryAddSingleton(_ => NodeId.New());
        return services.AddHostedService(
            provider => ActivatorUtilities.CreateInstance<Presence>(provider, connectionString, isAlone, role));
    }
}
