using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>Wires the read side.</summary>
public static class ReadModelServices
{
    /// <summary>
    /// Views in memory, rebuilt at start: <see cref="IReadModel{TView}"/> for every slice's views and
    /// <see cref="IReadPosition"/>. Needs <see cref="Slices"/>, the event store and a clock.
    /// </summary>
    public static IServiceCollection AddMemoryReadModels(this IServiceCollection services) =>
        services.AddSingleton<IViewStore, MemoryViewStore>().AddSingleton<ILeases, OwnLeases>().AddReadModels();

    /// <summary>The same in Redis, for all nodes that share one database and one Redis. It may be emptied at any time.</summary>
    /// <param name="redisUrl"><c>redis://:password@host:port/database</c>; see <see cref="RedisAddress"/>.</param>
    /// <param name="prefix">What all keys begin with: installations that share a Redis have different ones.</param>
    /// <exception cref="FormatException">The address cannot be read.</exception>
    public static IServiceCollection AddRedisReadModels(
        this IServiceCollection services, string redisUrl, string prefix = "eventfiles") =>
        services.AddRedisReadModels(RedisSettings.Of(redisUrl), prefix);

    internal static IServiceCollection AddRedisReadModels(
        this IServiceCollection services, RedisSettings settings, string prefix) => services
        .AddSingleton(settings)
        .AddSingleton<RedisConnection>()
        .AddSingleton<IViewStore>(provider => new RedisViewStore(provider.GetRequiredService<RedisConnection>(), prefix))
        .AddSingleton<ILeases, SharedLeases>()
        .AddReadModels();

    private static IServiceCollection AddReadModels(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddDataProtection();
        services.AddSingleton(typeof(StoredReadModel<>));
        services.AddSingleton(typeof(IReadModel<>), typeof(SealedCursors<>));
        services.AddSingleton<ReadPosition>();
        services.AddSingleton<IReadPosition>(provider => provider.GetRequiredService<ReadPosition>());
        services.AddSingleton<ReadModelMetrics>();
        services.TryAddSingleton<IShardTable, ShardTable>();
        services.TryAddSingleton<IProjections>(provider => new ProjectionRegister(provider.GetRequiredService<EventPool>().Source));
        services.AddSingleton<Head>();
        services.AddSingleton<CatchUp>();
        services.AddSingleton<Comparison>();
        services.AddSingleton<Retry>();
        services.AddSingleton<PositionWatch>();
        services.AddHostedService<ProjectionDaemon>();
        return services;
    }
}
