using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>
/// The one connection to Redis. The client library waits for an answer for ever, queues for a server that does not
/// answer, and keeps a connection whose other end is gone without a word: here each call is bounded in time, a silent
/// server is asked by one caller at a time while the others fail at once, and after a while the connection is given up
/// for another. Nobody else calls the library.
/// </summary>
internal sealed partial class RedisConnection(RedisSettings settings, TimeProvider clock, ILogger<RedisConnection> log) :
    IAsyncDisposable
{
    private readonly Lock gate = new();
    private Task<ConnectionMultiplexer>? connecting;
    private long? silentSince;
    private long triedAt;
    private bool isOver;

    /// <summary>Runs one call.</summary>
    /// <exception cref="TransientException">Redis did not answer, or not in time. What it was asked may have happened.</exception>
    public async Task<T> Call<T>(Func<IDatabaseAsync, Task<T>> call, CancellationToken cancel)
    {
        if (!MayAsk())
            throw new TransientException("Redis has not answered for a while.");
        var connection = Connection();
        try
        {
            var database = (await connection.WaitAsync(settings.LongestCall, clock, cancel)).GetDatabase();
            T answer;
            try
            {
                answer = await call(database).WaitAsync(settings.LongestCall, clock, cancel);
            }
            catch (RedisServerException forgotten) when (forgotten.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // It was restarted. The library sends the whole script this time.
                answer = await call(database).WaitAsync(settings.LongestCall, clock, cancel);
            }

            Answered();
            return answer;
        }
        catch (RedisServerException refused)
        {
            Answered();
            // The first word is a code; the rest may quote a key.
            throw new TransientException($"Redis refused it: {refused.Message.Split(' ')[0]}.", refused);
        }
        catch (TimeoutException away)
        {
            Silent(connection);
            throw new TransientException("Redis did not answer in time.", away);
        }
        catch (RedisException away)
        {
            throw new TransientException("Redis cannot be reached.", away);
        }
    }

    /// <summary>Runs a script on keys of one slot.</summary>
    public Task<RedisResult> Run(string script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancel) =>
        Call(database => database.ScriptEvaluateAsync(script, keys, arguments), cancel);

    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? last;
        lock (gate)
            (isOver, last, connecting) = (true, connecting, null);
        if (last is not null)
            await Close(last);
    }

    private Task<ConnectionMultiplexer> Connection()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isOver, this);
            // Resolving a name may block, and whoever asks first must not hold the others up.
            return connecting is null or { IsFaulted: true } or { IsCanceled: true } ? connecting = Task.Run(Connect) : connecting;
        }
    }

    private async Task<ConnectionMultiplexer> Connect()
    {
        var options = settings.Address.ToOptions();
        options.ConnectTimeout = (int)settings.LongestCall.TotalMilliseconds;
        var made = await ConnectionMultiplexer.ConnectAsync(options);
        // Else one slow continuation holds up the answers to everybody behind it. Later versions of the library never do.
        made.PreserveAsyncOrder = false;
        made.ConnectionFailed += (_, lost) => Lost(log, settings.Address, lost.FailureType);
        return made;
    }

    private bool MayAsk()
    {
        lock (gate)
        {
            if (silentSince is null)
                return true;
            if (clock.GetElapsedTime(triedAt) < settings.BetweenTries)
                return false;
            triedAt = clock.GetTimestamp();
            return true;
        }
    }

    private void Answered()
    {
        if (Volatile.Read(ref triedAt) == 0)
            return;
        lock (gate)
        {
            if (silentSince is not { } since)
                return;
            AnswersAgain(log, clock.GetElapsedTime(since).TotalSeconds);
            (silentSince, triedAt) = (null, 0);
        }
    }

    private void Silent(Task<ConnectionMultiplexer> connection)
    {
        lock (gate)
        {
            triedAt = clock.GetTimestamp();
            if (silentSince is null)
            {
                silentSince = triedAt;
                FellSilent(log, settings.Address);
            }
            else if (clock.GetElapsedTime(silentSince.Value) > settings.LongestSilence && connecting == connection)
            {
                connecting = null;
                GivenUp(log, settings.Address);
                _ = Close(connection);
            }
        }
    }

    // A connection whose other end is silent may never close politely.
    private async Task Close(Task<ConnectionMultiplexer> connection)
    {
        try
        {
            var open = await connection.WaitAsync(settings.LongestCall, clock);
            await open.CloseAsync(allowCommandsToComplete: false).WaitAsync(settings.LongestCall, clock);
        }
        catch (Exception why) when (why is TimeoutException or RedisException or ObjectDisposedException)
        {
            NotClosed(log, why);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection to Redis at {Address} failed: {Why}")]
    private static partial void Lost(ILogger log, RedisAddress address, ConnectionFailureType why);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Address} does not answer")]
    private static partial void FellSilent(ILogger log, RedisAddress address);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again after {Seconds:F1} s")]
    private static partial void AnswersAgain(ILogger log, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to Redis at {Address} is given up for another")]
    private static partial void GivenUp(ILogger log, RedisAddress address);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A connection to Redis could not be closed")]
    private static partial void NotClosed(ILogger log, Exception why);
}

/// <summary>Which Redis, and how patient one is with it.</summary>
/// <param name="LongestCall">No call takes longer.</param>
internal sealed record RedisSettings(RedisAddress Address, TimeSpan LongestCall)
{
    /// <summary>While it is silent, one caller in so long a time asks again.</summary>
    public TimeSpan BetweenTries { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>After so long a silence another connection is tried.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromSeconds(10);

    public static RedisSettings Of(string url) => new(RedisAddress.Parse(url), TimeSpan.FromSeconds(2));
}
