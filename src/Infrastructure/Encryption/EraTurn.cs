using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Begins a new era by itself when the current one has lasted long enough, and goes on with one whose beginning was
/// interrupted. Only where era keys are files: secrets in settings are whoever's who keeps them.
/// </summary>
internal sealed partial class EraTurn(EventPool pool, EraKeys keys, EraOptions options, TimeProvider clock, ILogger<EraTurn> log)
    : BackgroundService
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private const string IsDueSql =
        """
        select exists (select from eventfiles.era_keys where ended_at is null and begun_at < clock_timestamp() - $1::interval)
            or exists (select from eventfiles.era_keys where ended_at is not null and destroyed_at is null)
        """;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!keys.CanRenew || options.Length is not { } length)
            return;
        var wait = length / 10 < LongestWait ? length / 10 : LongestWait;
        for (; ; await Task.Delay(wait, clock, stoppingToken))
        {
            try
            {
                await Look(length, stoppingToken);
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, why.Message);
            }
        }
    }

    /// <summary>Begins an era if it is time.</summary>
    /// <returns>What was done; null when it is not time.</returns>
    internal async Task<RotatedKeys?> Look(TimeSpan length, CancellationToken cancel)
    {
        async Task<bool> IsDue()
        {
            await using var asks = pool.Command(IsDueSql, [length]);
            return (bool)(await asks.ExecuteScalarAsync(cancel))!;
        }

        if (!await IsDue())
            return null;
        // Another node may have been faster.
        await using var rotation = new KeyRotation(pool, keys);
        if (await rotation.Run(IsDue, null, cancel) is not { } done)
            return null;
        Begun(log, done.Era, done.Wrapped, done.Destroyed.Count);
        return done;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The era {Era} has begun: {Count} persons' keys were wrapped anew, and the keys of {Destroyed} eras before destroyed")]
    private static partial void Begun(ILogger log, Guid era, long count, int destroyed);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A new era could not begin; trying again: {Why}")]
    private static partial void Failed(ILogger log, string why);
}

/// <summary>How long eras last. Configured in the section <c>Encryption</c>.</summary>
/// <param name="Length"><c>Encryption:Era</c>, a day by default; null, set as <c>00:00:00</c>, when an operator rotates.</param>
public sealed record EraOptions(TimeSpan? Length)
{
    private static readonly TimeSpan Default = TimeSpan.FromDays(1);

    /// <summary>As configured.</summary>
    /// <exception cref="InvalidOperationException">The setting makes no sense.</exception>
    public static EraOptions From(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration["Encryption:Era"] is not { } text ? new(Default)
            : !TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) || (span != TimeSpan.Zero && span < TimeSpan.FromSeconds(1)) || span > TimeSpan.FromDays(366)
            ? throw new InvalidOperationException("Encryption:Era is a time span from 00:00:01 to 366 days, or 00:00:00 for none that end by themselves.")
            : new(span == TimeSpan.Zero ? null : span);
    }
}
