using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Auditing;

/// <summary>Puts into the container what auditors read, and what writes down for them what was refused.</summary>
public static class AuditServices
{
    /// <summary>Adds <see cref="IAuditLog"/> and <see cref="IRefusals"/>. Needs the event store and the pipeline.</summary>
    public static IServiceCollection AddAuditing(this IServiceCollection services) => services
        .AddSingleton<IAuditLog, AuditLog>()
        .AddSingleton<RefusalRecorder>()
        .AddSingleton<IRefusals>(all => all.GetRequiredService<RefusalRecorder>())
        .AddHostedService(all => all.GetRequiredService<RefusalRecorder>());
}
