using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.ObjectStorage.S3;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>Puts encryption between the slices and the object store, and seals what events tell of persons.</summary>
public static class EncryptionServices
{
    /// <summary>The key of the objects as they are stored, for what is public.</summary>
    public const string Stored = "stored";

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
        {
            // Whoever was sent to the store would get what nobody can read, and bring what everybody can.
            services.RemoveAll<IPresignedReads>();
            foreach (var past in services.Where(one => one.ImplementationType == typeof(S3DirectWrites)).ToList())
                services.Remove(past);
        }

        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddKeyedSingleton<IObjects>(Stored, (provider, _) => (IObjects)(store.ImplementationFactory is { } make
                ? make(provider)
                : ActivatorUtilities.CreateInstance(provider, store.ImplementationType!)))
            .AddSingleton(keys)
            .AddSingleton<EraBook>()
            .AddSingleton<SubjectKeys>()
            .AddSingleton<PrivateKeys>(provider => new SubjectPrivateKeys(
                provider.GetRequiredService<SubjectKeys>(), provider.GetRequiredService<DestroyedKeys>(), isOn))
            .AddSingleton<DestroyedKeys>()
            .AddSingleton<IPersonalTraces, PersonalTraces>()
            .AddSingleton<GrowthRecords>()
            .AddSingleton(Growing)
            .AddSingleton<IObjects>(provider => new EncryptedObjects(
                provider.GetRequiredKeyedService<IObjects>(Stored), provider.GetRequiredService<GrowthRecords>(),
                provider.GetRequiredService<SubjectKeys>(), provider.GetRequiredService<EncryptedGrowing>(), isOn))
            .AddSingleton<KeyReach>()
            .AddSingleton<IKeyLoss>(provider => provider.GetRequiredService<KeyReach>())
            .AddSingleton<IDependency>(provider => provider.GetRequiredService<KeyReach>())
            .AddHostedService<KeyWatch>()
            .AddHostedService<ErasureWatch>()
            .AddSingleton(provider => provider.GetService<IConfiguration>() is { } configuration ? EraOptions.From(configuration) : new EraOptions(null))
            .AddHostedService<EraTurn>();
    }

    // A file takes a second's bytes behind the others; a bucket stores the whole rest again that is too little for a part.
    private static EncryptedGrowing Growing(IServiceProvider provider)
    {
        var stored = provider.GetRequiredKeyedService<IObjects>(Stored);
        return new EncryptedGrowing(
            stored, provider.GetRequiredService<GrowthRecords>(), provider.GetRequiredService<SubjectKeys>(),
            TimeSpan.FromSeconds(stored is DirectoryObjects ? 1 : 10));
    }
}
