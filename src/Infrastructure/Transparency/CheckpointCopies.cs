using System.Text;
using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>
/// Copies checkpoints into the object store: who rewrites the database and signs it again has to find and alter these too. One
/// for each <see cref="TransparencyOptions.CopyEvery"/> in which the log has grown, by whichever node comes first; none is ever removed, nor replaced later.
/// </summary>
/// <param name="stored">The store below encryption: a checkpoint is public, and can be read with any tool.</param>
internal sealed partial class CheckpointCopies(
    EventPool pool, IObjects stored, TransparencyOptions options, TimeProvider clock, ILogger<CheckpointCopies> log)
    : BackgroundService
{
    private long copied;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await Copy(stoppingToken);
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, why);
            }

            await Task.Delay(options.CopyEvery, clock, stoppingToken);
        }
    }

    /// <summary>Copies the newest checkpoint, unless this time has one or nothing is new.</summary>
    /// <returns>Whether it was copied.</returns>
    internal async Task<bool> Copy(CancellationToken cancel)
    {
        LogCheckpoint? newest;
        await using (var connection = await pool.Source.OpenConnectionAsync(cancel))
            newest = await TreeRows.Checkpoint(connection, long.MaxValue, cancel);
        if (newest is null || newest.Size <= copied)
            return false;
        var now = clock.GetUtcNow();
        var key = ObjectKey.Checkpoint(now.AddTicks(-(now.UtcTicks % options.CopyEvery.Ticks)));
        if (await stored.Open(key, cancel) is { } there)
        {
            await there.DisposeAsync();
            return false;
        }

        using var content = new MemoryStream(Encoding.UTF8.GetBytes(newest.Note));
        await stored.Put(key, content, cancel);
        copied = newest.Size;
        return true;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The checkpoint could not be copied into the object store; trying again")]
    private static partial void Failed(ILogger log, Exception why);
}
