using StackExchange.Redis;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>
/// The one connection to Redis. The client library neither bounds the time of an asynchronous call nor loads a script
/// again that a restarted server has forgotten: both happen here, and nobody else calls it.
/// </summary>
internal sealed class RedisConnection(string settings, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim connecting = new(1, 1);
    private volatile ConnectionMultiplexer? connected;

    /// <summary>Runs one call, which takes two seconds at most.</summary>
    /// <exception cref="TransientException">Redis did not answer, or not in time. What it was asked may have happened.</exception>
    public async Task<T> Call<T>(Func<IDatabaseAsync, Task<T>> call, CancellationToken cancel)
    {
        try
        {
            var database = (connected ?? await Connect(cancel)).GetDatabase();
            try
            {
                return await call(database).WaitAsync(Longest, clock, cancel);
            }
            catch (RedisServerException forgotten) when (forgotten.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                return await call(database).WaitAsync(Longest, clock, cancel);
            }
        }
        catch (Exception away) when (away is RedisConnectionException or TimeoutException or RedisServerException)
        {
            throw new TransientException($"Redis did not do what it was asked: {away.GetType().Name}.", away);
        }
    }

    /// <summary>Runs a script on keys of one slot.</summary>
    public Task<RedisResult> Run(string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancel) =>
        Call(database => database.ScriptEvaluateAsync(script, keys, arguments), cancel);

    public async ValueTask DisposeAsync()
    {
        if (connected is { } open)
            await open.CloseAsync(allowCommandsToComplete: false);
        connecting.Dispose();
    }

    private async Task<ConnectionMultiplexer> Connect(CancellationToken cancel)
    {
        await connecting.WaitAsync(cancel);
        try
        {
            if (connected is { } open)
                return open;
            var options = ConfigurationOptions.Parse(settings);
            // It connects again by itself, for ever: a server that is away at the start is no other case.
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = (int)Longest.TotalMilliseconds;
            var made = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(2 * Longest, clock, cancel);
            // Else one slow continuation holds up the answers to everybody behind it.
            made.PreserveAsyncOrder = false;
            connected = made;
            return made;
        }
        finally
        {
            connecting.Release();
        }
    }
}
