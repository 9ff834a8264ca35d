using EventFiles.Infrastructure.EventStore;
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
    public static IServiceCollection AddMemoryReadModels(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddDataProtection();
        services.AddSingleton<IViewStore, MemoryViewStore>();
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
        services.AddHostedService<ProjectionDaemon>();
        return services;
    }
}
