using EventFiles.Infrastructure.Auditing;
using EventFiles.Infrastructure.Clocks;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Lag;
using EventFiles.Infrastructure.Live;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Messaging.Rabbit;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Past;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Transparency;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventFiles.Infrastructure;

/// <summary>What a node is for. Several of each may run at once.</summary>
[Flags]
public enum Role
{
    /// <summary>Answers requests.</summary>
    Api = 1,

    /// <summary>Does what follows from them.</summary>
    Worker = 2,

    /// <summary>Both.</summary>
    All = Api | Worker,
}

/// <summary>Which parts run on which nodes.</summary>
public static class Roles
{
    // All that runs in the background of a node. Whether several nodes do it at once or one at a time is the part's affair.
    private static readonly Dictionary<Type, Role> Parts = new()
    {
        [typeof(ClockWatch)] = Role.All,
        [typeof(Presence)] = Role.All,
        [typeof(ProjectionDaemon)] = Role.All, // An api node needs to know how far the views are.
        [typeof(PastKeepers)] = Role.Api,
        [typeof(NewsFeed)] = Role.Api,
        [typeof(LagWatch)] = Role.All,
        [typeof(RefusalRecorder)] = Role.Api, // Where clients are refused something.
        [typeof(KeyExpiry)] = Role.Worker,
        [typeof(Sequencer)] = Role.Worker,
        [typeof(Cosigner)] = Role.Worker,
        [typeof(CheckpointCopies)] = Role.Worker,
        [typeof(Relay)] = Role.Worker,
        [typeof(Deadlines)] = Role.Worker,
        [typeof(Rounds)] = Role.Worker,
        [typeof(SecondChances)] = Role.Worker,
        [typeof(QueueReports)] = Role.Worker,
        [typeof(InProcessQueue)] = Role.Worker,
        [typeof(SharedTurn)] = Role.Worker,
        [typeof(RabbitConsumers)] = Role.Worker,
        [typeof(KeyWatch)] = Role.All,
        [typeof(EraTurn)] = Role.Worker,
        [typeof(ErasureWatch)] = Role.All, // Every node has keys and states in its memory.
        [typeof(S3Sweep)] = Role.All, // An api node, too, finds out at its start whether it can use the bucket.
    };

    /// <summary>As people write it.</summary>
    public static string Name(Role role) => role.ToString().ToLowerInvariant();

    /// <summary>Leaves only those parts that run on a node of this role. Called after everything has been added.</summary>
    /// <exception cref="InvalidOperationException">A part has no place in the table.</exception>
    public static IServiceCollection KeepPartsOf(this IServiceCollection services, Role role)
    {
        ArgumentNullException.ThrowIfNull(services);
        foreach (var part in services.Where(IsOurs).ToList())
        {
            var type = TypeOf(part)!;
            if (!Parts.TryGetValue(type, out var place))
                throw new InvalidOperationException($"{type} runs in the background, and {nameof(Roles)} does not say on which nodes.");
            if ((place & role) == default)
                services.Remove(part);
        }

        return services;
    }

    private static bool IsOurs(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService)
        && TypeOf(service)?.Namespace?.StartsWith("EventFiles.", StringComparison.Ordinal) == true;

    // A part that is made by a function shows its type in the function's.
    private static Type? TypeOf(ServiceDescriptor service) =>
        service.ImplementationType
        ?? service.ImplementationInstance?.GetType()
        ?? service.ImplementationFactory?.GetType().GenericTypeArguments[1];
}
