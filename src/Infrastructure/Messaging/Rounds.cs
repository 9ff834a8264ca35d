using EventFiles.Infrastructure.ReadModels;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Messaging;

/// <summary>
/// Asks what slices want asked again and again. Not through the queue: nothing is lost when a round does not end, and a
/// stop need not wait for it.
/// </summary>
internal sealed partial class Rounds(
    Slices slices, IReadPosition readers, IServiceProvider services, TimeProvider clock, ILogger<Rounds> log) :
    BackgroundService
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    // Hosted services are made before the server listens: nobody has asked for anything yet.
    private readonly DateTimeOffset startedAt = clock.GetUtcNow();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) => await Task.WhenAll(
        slices.All.SelectMany(slice => slice.Routines).Select(routine => Repeat(routine, stoppingToken)));

    private async Task Repeat(Routine routine, CancellationToken cancel)
    {
        while (!readers.IsCaughtUp)
            await Task.Delay(Glance, clock, cancel);
        var every = routine.Every(services);
        for (var failures = 0; ;)
        {
            failures = await Ask(routine.Ask(startedAt), cancel) ? 0 : failures + 1;
            var wait = failures == 0 ? every : Backoff.ForServers.After(failures);
            await Task.Delay(wait < every ? wait : every, clock, cancel);
        }
    }

    private async Task<bool> Ask(IRequest<Answer<Done>> request, CancellationToken cancel)
    {
        try
        {
            Origin.Current = Origin.Current with { Via = "routine" };
            await using var scope = services.CreateAsyncScope();
            return (await scope.ServiceProvider.GetRequiredService<IMediator>().Send(request, cancel)).Refusal is null;
        }
        catch (Exception why) when (!cancel.IsCancellationRequested)
        {
            Failed(log, why, request.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Request} did not come to its end; trying again")]
    private static partial void Failed(ILogger log, Exception why, string request);
}
