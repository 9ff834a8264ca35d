using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.Scanning;

/// <summary>Wires the virus scanner.</summary>
public static class ScanningServices
{
    /// <summary>clamd as <see cref="IScanner"/>, and what is done about its verdicts.</summary>
    public static IServiceCollection AddClamAv(this IServiceCollection services, ClamAvSettings settings, ScanPolicy policy)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ScanTerms(policy));
        services.AddSingleton(settings);
        services.AddSingleton<ClamAvScanner>();
        services.AddSingleton<IScanner>(provider => provider.GetRequiredService<ClamAvScanner>());
        return services.AddSingleton<IDependency>(provider => provider.GetRequiredService<ClamAvScanner>());
    }
}
