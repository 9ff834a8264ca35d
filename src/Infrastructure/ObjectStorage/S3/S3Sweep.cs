using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// Sees to it at the start that the bucket can be used, and from then on takes away what dead processes and failed requests
/// left in it. The rows decide; the age only keeps it away from who is alive, and whoever was taken for dead finds its write
/// given up and gets no yes.
/// </summary>
internal sealed partial class S3Sweep(
    S3Bucket bucket, S3Calls calls, S3Names names, ObjectRows rows, S3Removal removal, EventPool pool, TimeProvider clock,
    ILogger<S3Sweep> log) : BackgroundService
{
    // Nobody is silent that long: a writer of parts gives a sign of life every five minutes, and one request with all its
    // tries ends sooner.
    private static readonly TimeSpan Age = TimeSpan.FromHours(1);
    private static readonly TimeSpan MultipartAge = TimeSpan.FromDays(1);
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    // Any number nobody else locks.
    private const long SweepLock = 0x4556465333537770;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await bucket.Ready(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Goes through it once, unless another node does.</summary>
    /// <param name="age">How long nothing was heard of it.</param>
    /// <param name="multipartAge">For parts of which the database knows nothing.</param>
    /// <returns>How many writes and objects of parts were removed; null when another node is at it.</returns>
    public async Task<int?> Sweep(TimeSpan age, TimeSpan multipartAge, CancellationToken cancel)
    {
        await bucket.Ready(cancel);
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        if (!await TryLock(connection, cancel))
            return null;
        try
        {
            var doomed = await rows.DoomOlderThan(age, cancel);
            foreach (var one in doomed)
                await removal.Remove([one], cancel);
            foreach (var one in await rows.UntidySince(age, cancel))
                await removal.Tidy(one.Write, one.Key, one.Piece, cancel);
            return doomed.Count + await AbortUnknown(clock.GetUtcNow() - multipartAge, cancel);
        }
        finally
        {
            await Unlock(connection);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var failures = 0; ;)
        {
            try
            {
                await Sweep(Age, MultipartAge, stoppingToken);
                failures = 0;
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                failures++;
                Failed(log, why);
            }

            await Task.Delay(failures == 0 ? Every : Backoff.ForServers.After(failures), clock, stoppingToken);
        }
    }

    private async Task<int> AbortUnknown(DateTimeOffset begunBefore, CancellationToken cancel)
    {
        var aborted = 0;
        foreach (var (name, multipart, _) in (await calls.Unfinished(names.Beginning(""), cancel)).Where(one => one.BegunAt < begunBefore))
        {
            if (names.Read(name).Write is not { } write || (await rows.Known([write], cancel)).Count > 0)
                continue;
            await calls.Abort(name, multipart, cancel);
            aborted++;
        }

        return aborted;
    }

    private static async Task<bool> TryLock(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({SweepLock})", connection);
        return await command.ExecuteScalarAsync(cancel) is true;
    }

    private static async Task Unlock(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand($"select pg_advisory_unlock({SweepLock})", connection);
        await command.ExecuteNonQueryAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What is left over in the bucket could not be removed; trying again")]
    private static partial void Failed(ILogger log, Exception why);
}
