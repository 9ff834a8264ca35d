using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Compression;

/// <summary>Puts compression between the slices and the object store.</summary>
public static class CompressionServices
{
    private const string Below = "below compression";

    /// <summary>
    /// Lets original bytes lie compressed in the object store that was added before. Called after encryption was added: what is
    /// encrypted does not become smaller.
    /// </summary>
    /// <param name="isOn">Whether objects are compressed. What is compressed is read in any case.</param>
    public static IServiceCollection AddCompression(this IServiceCollection services, bool isOn)
    {
        ArgumentNullException.ThrowIfNull(services);
        var store = services.Last(one => one.ServiceType == typeof(IObjects));
        services.Remove(store);
        return services
            .AddKeyedSingleton<IObjects>(Below, (provider, _) => (IObjects)(store.ImplementationFactory is { } make
                ? make(provider)
                : ActivatorUtilities.CreateInstance(provider, store.ImplementationType!)))
            .AddSingleton(provider => new CompressedObjects(provider.GetRequiredKeyedService<IObjects>(Below), isOn))
            .AddSingleton<IObjects>(provider => provider.GetRequiredService<CompressedObjects>())
            .AddSingleton<ICompression>(provider => provider.GetRequiredService<CompressedObjects>());
    }
}
