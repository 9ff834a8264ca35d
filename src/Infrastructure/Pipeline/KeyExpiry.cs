using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Pipeline;

/// <summary>Removes the answers that nobody may ask for again.</summary>
internal sealed partial class KeyExpiry(AnsweredRequests answered, TimeProvider clock, ILogger<KeyExpiry> log) : BackgroundService
{
    /// <summary>A key is good for so long at least.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    private const int AtOnce = 5000;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                while (await answered.Forget(clock.GetUtcNow() - Life, AtOnce, stoppingToken) == AtOnce)
                {
                }
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, why);
            }

            await Task.Delay(Every, clock, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old idempotency keys could not be removed; trying again later")]
    private static partial void Failed(ILogger log, Exception why);
}
