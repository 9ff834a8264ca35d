using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.ReadModels.Redis;
using EventFiles.Infrastructure.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Limits;

/// <summary>Wires what counts requests.</summary>
public static class LimitsServices
{
    // Another secret, or another purpose, and all names are others.
    private const string Purpose = "limits: names";

    /// <summary>Counted by this node for itself: for the only node on its database.</summary>
    public static IServiceCollection AddMemoryLimits(this IServiceCollection services) =>
        services.AddSingleton<IRequestLimits>(all => new MemoryLimits(all.GetRequiredService<TimeProvider>()));

    /// <summary>
    /// Counted in Redis, for all nodes together. Needs <see cref="ReadModelServices.AddRedisReadModels(IServiceCollection, string, string)"/>,
    /// whose connection it uses.
    /// </summary>
    /// <param name="secrets">The nodes' shared secrets; the first one counts.</param>
    /// <param name="prefix">What all keys begin with: installations that share a Redis have different ones.</param>
    public static IServiceCollection AddRedisLimits(
        this IServiceCollection services, IReadOnlyList<SharedSecret> secrets, string prefix = "eventfiles") =>
        services.AddSingleton<IRequestLimits>(all => new RedisLimits(
            all.GetRequiredService<RedisConnection>(), secrets[0].Derive(Purpose, bytes: 32), prefix,
            new MemoryLimits(all.GetRequiredService<TimeProvider>()), all.GetRequiredService<ILogger<RedisLimits>>()));
}
