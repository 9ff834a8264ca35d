using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.Past;

/// <summary>Wires the looking back.</summary>
public static class PastServices
{
    /// <summary>
    /// Adds <see cref="IPast"/> and what keeps it cheap. Needs <see cref="Slices"/> and the event store in the container.
    /// </summary>
    public static IServiceCollection AddPast(this IServiceCollection services)
    {
        services.AddDataProtection();
        services.TryAddSingleton(PastSettings.Usual);
        return services
            .AddSingleton<Moments>()
            .AddSingleton<PastSnapshots>()
            .AddSingleton<PastPlaces>()
            .AddSingleton<Recall>()
            .AddSingleton<PastKeepers>()
            .AddHostedService(provider => provider.GetRequiredService<PastKeepers>())
            .AddSingleton<IPast, PastViews>();
    }
}
