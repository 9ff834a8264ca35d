using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.ReadModels;

/// <summary>Wires the read side.</summary>
public static class ReadModelServices
{
    /// <summary>
    /// Views in memory, rebuilt at start: <see cref="IReadModel{TView}"/> for every slice's views,
    /// <see cref="IReadPosition"/>, <see cref="IParkedEvents"/>. Needs <see cref="Slices"/>, the event feed and a clock.
    /// </summary>
    public static IServiceCollection AddMemoryReadModels(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ParkedEvents>();
        services.TryAddSingleton<IParkedEvents>(provider => provider.GetRequiredService<ParkedEvents>());
        services.AddSingleton<MemoryReadModels>();
        services.AddDataProtection();
        services.AddSingleton(typeof(MemoryReadModel<>));
        services.AddSingleton(typeof(IReadModel<>), typeof(SealedCursors<>));
        services.AddSingleton<ReadPosition>();
        services.AddSingleton<IReadPosition>(provider => provider.GetRequiredService<ReadPosition>());
        services.AddSingleton<ReadModelMetrics>();
        services.AddHostedService<ProjectionDaemon>();
        return services;
    }
}
