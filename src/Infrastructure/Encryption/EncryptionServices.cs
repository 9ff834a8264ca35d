using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>Puts encryption between the slices and the object store.</summary>
public static class EncryptionServices
{
    private const string Stored = "stored";

    /// <summary>
    /// Encrypts what is written to the object store that was added before, and decrypts what is read. Needs the event store,
    /// whose database holds wrapped keys.
    /// </summary>
    /// <param name="keys">Where the node finds era keys.</param>
    /// <param name="isOn">Whether what is written is encrypted. What is encrypted is read in any case.</param>
    public static IServiceCollection AddEncryption(this IServiceCollection services, EraKeys keys, bool isOn)
    {
        ArgumentNullException.ThrowIfNull(services);
        var store = services.Last(one => one.ServiceType == typeof(IObjects));
        services.Remove(store);
        if (isOn)
            services.RemoveAll<IPresignedReads>(); // Whoever was sent to the store would get what nobody can read.
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddKeyedSingleton<IObjects>(Stored, (provider, _) => (IObjects)(store.ImplementationFactory is { } make
                ? make(provider)
                : ActivatorUtilities.CreateInstance(provider, store.ImplementationType!)))
            .AddSingleton(keys)
            .AddSingleton<EraBook>()
            .AddSingleton<SubjectKeys>()
            .AddSingleton<GrowthRecords>()
            .AddSingleton(provider => new EncryptedGrowing(
                provider.GetRequiredKeyedService<IObjects>(Stored), provider.GetRequiredService<GrowthRecords>(),
                provider.GetRequiredService<SubjectKeys>()))
            .AddSingleton<IObjects>(provider => new EncryptedObjects(
                provider.GetRequiredKeyedService<IObjects>(Stored), provider.GetRequiredService<GrowthRecords>(),
                provider.GetRequiredService<SubjectKeys>(), provider.GetRequiredService<EncryptedGrowing>(), isOn))
            .AddSingleton<KeyReach>()
            .AddSingleton<IDependency>(provider => provider.GetRequiredService<KeyReach>())
            .AddHostedService<KeyWatch>();
    }
}
