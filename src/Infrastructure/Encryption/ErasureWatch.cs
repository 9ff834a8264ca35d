using EventFiles.Infrastructure.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Has this node forget what any node erased: keys, and states of streams that were read before. It looks into the journal
/// every few seconds, long before a receipt says that nothing is left (<c>Erasure:SettleAfter</c>).
/// </summary>
internal sealed partial class ErasureWatch(EventPool pool, SubjectKeys keys, StateCache memory, TimeProvider clock, ILogger<ErasureWatch> log)
    : BackgroundService
{
    internal static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    // A note may show later than its time says: it was written in a transaction that ended after others.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    // A request that had read before something was erased puts back what it read when it ends.
    private const int LooksAfter = 6;

    private HashSet<Guid>? known;
    private int left;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (; ; await Task.Delay(Every, clock, stoppingToken))
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception why) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(log, why);
            }
        }
    }

    /// <summary>Looks once.</summary>
    internal async Task Look(CancellationToken cancel)
    {
        await using var asks = pool.Command(
            "select subject from eventfiles.destroyed_keys where destroyed_at > (select max(destroyed_at) from eventfiles.destroyed_keys) - $1::interval", [Overlap]);
        var seen = new HashSet<Guid>();
        await using (var rows = await asks.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
                seen.Add(rows.GetGuid(0));
        }

        // What was erased before this node began was never in its memory, but for what began beside the first look.
        if (known is null ? seen.Count > 0 : !seen.IsSubsetOf(known))
            left = LooksAfter;
        known = seen;
        if (left == 0)
            return;
        // Erasures are rare: to forget all is sure, and costs reading it again.
        left--;
        keys.Forget();
        memory.Clear();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "It could not be seen what was erased elsewhere; trying again")]
    private static partial void Failed(ILogger log, Exception why);
}
