using System.Diagnostics.Metrics;
using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Lag;

/// <summary>
/// Looks how far readers are behind, for whoever collects metrics, and says so when that is too far: once, and once when
/// it is over. A rebuild at the start is no lag: nobody is served before.
/// </summary>
public sealed partial class LagWatch : BackgroundService
{
    private readonly LagReader lag;
    private readonly LogReaders here;
    private readonly IReadPosition readers;
    private readonly LagOptions options;
    private readonly TimeProvider clock;
    private readonly ILogger<LagWatch> log;
    private volatile LagReport last = new([], null);
    private volatile string? alarm;

    internal LagWatch(
        LagReader lag, LogReaders here, IReadPosition readers, LagOptions options, IMeterFactory meters, TimeProvider clock,
        ILogger<LagWatch> log)
    {
        (this.lag, this.here, this.readers, this.options, this.clock, this.log) = (lag, here, readers, options, clock, log);
        var meter = meters.Create(Tracing.Name);
        meter.CreateObservableGauge(
            "eventfiles.reader.lag", () => ByReader(one => one.Seconds), "s", "How old the first event is that a reader has not taken.");
        meter.CreateObservableGauge(
            "eventfiles.reader.lag_events", () => ByReader(one => one.Events), "{event}", "How many events a reader has not taken.");
        meter.CreateObservableGauge(
            "eventfiles.log.oldest_writer", () => last.OldestWriter?.Seconds ?? 0, "s",
            "For how long the oldest transaction has been open that readers may have to wait for.");
        meter.CreateObservableGauge("eventfiles.lag_alarm", () => alarm is null ? 0 : 1, null, "1 while a reader is too far behind.");
    }

    /// <summary>How it stood when it was last looked at.</summary>
    public LagReport Last => last;

    /// <summary>What is wrong, in a sentence; null while all is well.</summary>
    public string? Alarm => alarm;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (; ; await Task.Delay(options.Every, clock, stoppingToken))
        {
            try
            {
                if (readers.IsCaughtUp)
                    Judge(last = await lag.Read(here.Positions, stoppingToken));
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                NotSeen(log, why);
            }
        }
    }

    private void Judge(LagReport seen)
    {
        var late = seen.Late(options.Alarm);
        if (late is not null)
        {
            var isNew = alarm is null;
            alarm = Sentence(late, seen.OldestWriter);
            if (isNew)
                Raised(log, alarm);
        }
        else if (alarm is not null)
        {
            alarm = null;
            Over(log);
        }
    }

    private static string Sentence(ReaderLag late, OpenWriter? writer) => string.Create(
        CultureInfo.InvariantCulture,
        $"{late.Reader} is {late.Seconds:F1} s and {late.Events} events behind the log, at position {late.Position}.{Blame(writer)}");

    private static string Blame(OpenWriter? writer) => writer is null ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $" The oldest open transaction ({(writer.ProcessId is { } process ? $"process {process}" : "no session")}, {writer.State}) has been open for {writer.Seconds:F1} s.");

    private IEnumerable<Measurement<T>> ByReader<T>(Func<ReaderLag, T> measure) where T : struct =>
        last.Readers.Select(one => new Measurement<T>(measure(one), new KeyValuePair<string, object?>("reader", one.Reader)));

    [LoggerMessage(Level = LogLevel.Warning, Message = "Readers are late: {Alarm}")]
    private static partial void Raised(ILogger log, string alarm);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Readers are no longer late")]
    private static partial void Over(ILogger log);

    [LoggerMessage(Level = LogLevel.Debug, Message = "How far readers are could not be seen")]
    private static partial void NotSeen(ILogger log, Exception why);
}
