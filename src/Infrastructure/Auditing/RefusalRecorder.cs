using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Auditing;

/// <summary>
/// Writes refusals into the log, behind the requests that were refused: they neither wait for it nor fail because of it.
/// While the log cannot be written it waits and holds a bounded number; what comes beyond that is counted.
/// </summary>
internal sealed partial class RefusalRecorder(IServiceProvider services, TimeProvider clock, ILogger<RefusalRecorder> log) :
    BackgroundService, IRefusals
{
    /// <summary>So many wait at most to be written down.</summary>
    public const int Waiting = 2000;

    // A stop waits so long for what is not written down yet.
    private static readonly TimeSpan AtTheEnd = TimeSpan.FromSeconds(5);

    private readonly Channel<RefusedRequest> told = Channel.CreateBounded<RefusedRequest>(
        new BoundedChannelOptions(Waiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly RefusalWindow window = new();
    private int lost;

    /// <summary>How many could not be taken note of and are still to be counted in the log.</summary>
    internal int Lost => lost;

    public void Tell(RefusedRequest refused)
    {
        if (!told.Writer.TryWrite(refused))
            Interlocked.Increment(ref lost);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What is being written when the stop comes is written: it is given the same time as the rest.
        using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, clock);
        await using var stop = stoppingToken.Register(() => end.CancelAfter(AtTheEnd));
        try
        {
            while (true)
            {
                await Next(stoppingToken);
                await Write(end.Token);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Finish(end.Token);
        }
    }

    // Until something was refused, or the window is over.
    private async Task Next(CancellationToken cancel)
    {
        if (window.Since is not { } since)
        {
            await told.Reader.WaitToReadAsync(cancel);
            return;
        }

        var left = since + RefusalWindow.Length - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
            return;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = clock.CreateTimer(_ => over.Cancel(), null, left, Timeout.InfiniteTimeSpan);
        try
        {
            await told.Reader.WaitToReadAsync(over.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Time to close it.
        }
    }

    private async Task Write(CancellationToken cancel)
    {
        if (window.Since is { } since && clock.GetUtcNow() >= since + RefusalWindow.Length)
            await Close(cancel);
        while (told.Reader.TryRead(out var refused))
        {
            var now = clock.GetUtcNow();
            if (window.Take(refused, Guid.CreateVersion7(now), now) is { } first)
                await Put(first, cancel);
            if (now >= window.Since + RefusalWindow.Length)
                await Close(cancel);
        }

        if (Interlocked.Exchange(ref lost, 0) is > 0 and var times)
            window.Lose(times, clock.GetUtcNow());
    }

    private async Task Close(CancellationToken cancel)
    {
        var (again, more) = window.Close();
        foreach (var one in again.Where(one => one.Stream is not null))
            await Write(By(one.Refused), log => log.RecordAgain(one.Id, one.Stream!.Value, one.Times, one.Until, cancel), cancel);
        foreach (var one in more)
        {
            var id = Guid.CreateVersion7(clock.GetUtcNow());
            var by = new Origin(one.Whose == RefusedRequest.Nobody ? null : one.Whose, null, null) { Via = "api" };
            await Write(by, log => log.RecordCount(id, one.Whose, one.Times, one.From, one.Until, cancel), cancel);
        }
    }

    private async Task Put(RefusalWindow.Told first, CancellationToken cancel) =>
        first.Stream = await Write(By(first.Refused), log => log.Record(first.Id, first.Refused, cancel), cancel) is Answer<StreamId>.Yes(var stream, _)
            ? stream
            : null;

    private async Task Finish(CancellationToken cancel)
    {
        try
        {
            await Write(cancel);
            await Close(cancel);
        }
        catch (Exception why)
        {
            Unfinished(log, why);
        }
    }

    private static Origin By(RefusedRequest refused) =>
        new(refused.Actor, refused.CorrelationId, null) { Via = "api", Request = refused.Request };

    // Recording the same twice does nothing, so whatever went wrong is tried again.
    private async Task<Answer<StreamId>> Write(
        Origin origin, Func<IRefusalLog, Task<Answer<StreamId>>> write, CancellationToken cancel)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                Origin.Current = origin;
                return await write(services.GetRequiredService<IRefusalLog>());
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                NotNow(log, why, failures);
                await Task.Delay(Backoff.ForServers.After(failures), clock, cancel);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A refusal could not be written into the log (failure {Failures}); trying again")]
    private static partial void NotNow(ILogger log, Exception why, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Some refusals were not written into the log before the stop")]
    private static partial void Unfinished(ILogger log, Exception why);
}
