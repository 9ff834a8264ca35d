using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.ReadModels.Redis;
using EventFiles.Infrastructure.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Tries;

/// <summary>Wires what slows down guessing.</summary>
public static class TriesServices
{
    // Another secret, or another purpose, and all names are others.
    private const string Purpose = "tries: names";

    /// <summary>Counted by this node for itself: for the only node on its database.</summary>
    public static IServiceCollection AddMemoryTries(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<ITries>(all => new MemoryTries(all.GetRequiredService<TimeProvider>()));
    }

    /// <summary>
    /// Counted in Redis, for all nodes together. Needs <see cref="ReadModelServices.AddRedisReadModels(IServiceCollection, string, string)"/>,
    /// whose connection it uses.
    /// </summary>
    /// <param name="secrets">The nodes' shared secrets; the first one counts. Nodes that have different ones count apart.</param>
    /// <param name="prefix">What all keys begin with: installations that share a Redis have different ones.</param>
    public static IServiceCollection AddRedisTries(
        this IServiceCollection services, IReadOnlyList<SharedSecret> secrets, string prefix = "eventfiles")
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<ITries>(all => new RedisTries(
            all.GetRequiredService<RedisConnection>(), secrets[0].Derive(Purpose, bytes: 32), prefix,
            new MemoryTries(all.GetRequiredService<TimeProvider>()), all.GetRequiredService<ILogger<RedisTries>>()));
    }
}
