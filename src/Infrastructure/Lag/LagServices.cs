using System.Diagnostics.Metrics;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Lag;

/// <summary>Wires the watch over readers.</summary>
public static class LagServices
{
    /// <summary>Adds <see cref="LagWatch"/>. Needs the event store, the read models and the configuration.</summary>
    public static IServiceCollection AddLag(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton<LogReaders>();
        return services
            .AddSingleton(all => LagOptions.From(all.GetRequiredService<IConfiguration>()))
            .AddSingleton(all => new LagReader(all.GetRequiredService<EventPool>().Source))
            .AddSingleton(all => new LagWatch(
                all.GetRequiredService<LagReader>(), all.GetRequiredService<LogReaders>(), all.GetRequiredService<IReadPosition>(),
                all.GetRequiredService<LagOptions>(), all.GetRequiredService<IMeterFactory>(),
                all.GetRequiredService<TimeProvider>(), all.GetRequiredService<ILogger<LagWatch>>()))
            .AddHostedService(all => all.GetRequiredService<LagWatch>());
    }
}
