using FluentValidation;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>Wires what every request passes through.</summary>
public static class PipelineServices
{
    /// <summary>The refusal of a wrong shape; its errors name the fields.</summary>
    public static readonly Rejection WrongShape = new(
        "validation", RejectionKind.Invalid, "Some fields are not what they must be.");

    /// <summary>
    /// The mediator and its behaviours, from the outside in: trace, tell of refusals, log, wait for readers, check the shape, note
    /// the address. Handlers and
    /// validators are registered by their slices. Needs <see cref="ReadModels.IReadPosition"/>.
    /// </summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services)
    {
        // A refusal reads the same whatever the language of the machine.
        ValidatorOptions.Global.LanguageManager.Enabled = false;
        services.TryAddSingleton(TimeProvider.System);
        services.AddTransient<ServiceFactory>(provider => provider.GetService!);
        services.AddTransient<IMediator, Mediator>();
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(TracingBehavior<,>));
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(RefusalBehavior<,>));
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(LoggingBehavior<,>));
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(ReadYourWritesBehavior<,>));
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(ValidationBehavior<,>));
        services.AddSingleton(typeof(IPipelineBehavior<,>), typeof(AddressBehavior<,>));
        return services;
    }

    /// <summary>
    /// Inside of all that: requests that bear an <see cref="IdempotencyKey"/> have their effect once. Needs the event store.
    /// </summary>
    public static IServiceCollection AddIdempotency(this IServiceCollection services) => services
        .AddSingleton<Once>()
        .AddSingleton(typeof(IPipelineBehavior<,>), typeof(IdempotencyBehavior<,>))
        .AddHostedService<KeyExpiry>();
}
