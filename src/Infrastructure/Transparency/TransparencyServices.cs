using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>Puts the tree over the log into the container.</summary>
public static class TransparencyServices
{
    /// <summary>Adds <see cref="ITransparencyLog"/> and what builds the tree. Needs the event store, the objects and the configuration.</summary>
    /// <param name="witnesses">Who is asked to sign checkpoints too.</param>
    /// <param name="key">Asked for when something is signed or verified first: a command that does neither needs none.</param>
    public static IServiceCollection AddTransparency(
        this IServiceCollection services, Func<LogKey> key, IReadOnlyList<LogWitness> witnesses) => services
        .AddSingleton(new LogKeySource(key))
        .AddSingleton(all => TransparencyOptions.From(all.GetRequiredService<IConfiguration>()))
        .AddSingleton<ITransparencyLog, TransparencyLog>()
        .AddSingleton(all => new PrivateRows(all.GetRequiredService<EventTypes>(), all.GetRequiredService<PrivateKeys>()))
        .AddHostedService(all => new Sequencer(
            all.GetRequiredService<EventPool>(), all.GetRequiredService<HighWater>(), all.GetRequiredService<LogKeySource>(),
            all.GetRequiredService<TransparencyOptions>(), all.GetRequiredService<TimeProvider>(),
            all.GetRequiredService<ILogger<Sequencer>>()))
        .AddHostedService(all => new Cosigner(
            all.GetRequiredService<EventPool>(), all.GetRequiredService<TransparencyOptions>(), witnesses,
            all.GetRequiredService<TimeProvider>(), all.GetRequiredService<ILogger<Cosigner>>()))
        .AddHostedService(all => new CheckpointCopies(
            all.GetRequiredService<EventPool>(), all.GetRequiredKeyedService<IObjects>(EncryptionServices.Stored),
            all.GetRequiredService<TransparencyOptions>(), all.GetRequiredService<TimeProvider>(), all.GetRequiredService<ILogger<CheckpointCopies>>()));
}

/// <summary>The log's key, once somebody needs it.</summary>
internal sealed class LogKeySource(Func<LogKey> key)
{
    private readonly Lazy<LogKey> made = new(key);

    public LogKey Key => made.Value;
}
