using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Follows the feed for ever. A database that is away is waited for.</summary>
/// <param name="name">Named in the log.</param>
/// <param name="facts">Only events of these types.</param>
internal sealed partial class FeedSubscription(
    string name, IEventFeed feed, IReadOnlySet<Type> facts, int pageSize, TimeProvider clock, ILogger log)
{
    /// <summary>The longest wait for a commit: after that comes an empty page.</summary>
    public static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    /// <summary>The highest position that is committed now.</summary>
    public Task<long> Last(CancellationToken cancel) => Patiently(() => feed.Last(cancel), cancel);

    /// <summary>
    /// The pages after <paramref name="position"/>, empty ones included. The next page is fetched while the reader works
    /// on this one: a rebuild keeps the database and the folds busy at once.
    /// </summary>
    public async IAsyncEnumerable<FeedPage> From(long position, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var next = After(position, leaving.Token);
        try
        {
            while (true)
            {
                var page = await next;
                next = After(page.Upto, leaving.Token);
                yield return page;
            }
        }
        finally
        {
            await leaving.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task<FeedPage> After(long position, CancellationToken cancel) =>
        Patiently(() => feed.After(position, pageSize, facts, LongestLook, cancel), cancel);

    private async Task<T> Patiently<T>(Func<Task<T>> read, CancellationToken cancel)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await read();
            }
            catch (Exception why) when (!cancel.IsCancellationRequested)
            {
                ReadFailed(log, why, name, failures);
                await Task.Delay(Backoff.ForServers.After(failures), clock, cancel);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Subscription} cannot read the log (failure {Failures}); trying again")]
    private static partial void ReadFailed(ILogger log, Exception why, string subscription, int failures);
}
