using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Live;

/// <summary>Wires the news.</summary>
public static class LiveServices
{
    /// <summary>Adds <see cref="INews"/>. Needs <see cref="Slices"/>, the event store and the read models in the container.</summary>
    public static IServiceCollection AddLive(this IServiceCollection services) => services
        .AddSingleton<NewsFeed>()
        .AddSingleton<INews>(all => all.GetRequiredService<NewsFeed>())
        .AddHostedService(all => all.GetRequiredService<NewsFeed>());
}
