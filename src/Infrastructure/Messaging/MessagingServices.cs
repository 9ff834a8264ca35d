using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>Wires what follows from facts.</summary>
public static class MessagingServices
{
    /// <summary>
    /// The queue inside this process, the relay that feeds it from the log, the deadlines and the rounds:
    /// <see cref="IWorkQueue"/>, <see cref="IDeadLetters"/>. Needs <see cref="Slices"/>, the event store, the read models and the
    /// pipeline.
    /// </summary>
    public static IServiceCollection AddInProcessMessaging(this IServiceCollection services, MessagingSettings? settings = null)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<LogReaders>();
        services.AddSingleton(settings ?? new MessagingSettings());
        services.AddSingleton<WorkFormat>();
        services.AddSingleton<DeadLetterBox>();
        services.AddSingleton<MessagingMetrics>();
        services.AddSingleton<InProcessQueue>();
        services.AddSingleton<IWorkQueue>(provider => provider.GetRequiredService<InProcessQueue>());
        services.AddSingleton<IDeadLetters, InProcessDeadLetters>();
        // The last one started is the first one stopped: running work ends before the relay saves its last checkpoint.
        services.AddHostedService<Relay>();
        services.AddHostedService<Deadlines>();
        services.AddHostedService<Rounds>();
        services.AddHostedService(provider => provider.GetRequiredService<InProcessQueue>());
        return services;
    }
}
