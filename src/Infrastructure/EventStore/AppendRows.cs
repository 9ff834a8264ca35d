namespace EventFiles.Infrastructure.EventStore;

/// <summary>What one transaction wants in the log, and the one who waits for it.</summary>
internal sealed class AppendRows(
    DateTimeOffset now, Origin origin, IReadOnlyList<Touched> streams, IReadOnlyList<AppendedEvent> events,
    IReadOnlyList<(Claim Claim, AccountId Tenant)> claims, AppendKey? key = null)
{
    private readonly TaskCompletionSource<long> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The time of every decision in it.</summary>
    public DateTimeOffset Now => now;

    public Origin Origin => origin;

    /// <summary>All that it wrote to or only looked at.</summary>
    public IReadOnlyList<Touched> Streams => streams;

    /// <summary>In the order of decision; at least one.</summary>
    public IReadOnlyList<AppendedEvent> Events => events;

    /// <summary>One to a holder.</summary>
    public IReadOnlyList<(Claim Claim, AccountId Tenant)> Claims => claims;

    /// <summary>The request whose answer this is, when its client may repeat it.</summary>
    public AppendKey? Key => key;

    /// <summary>Goes with nobody: together with others it was refused, and nobody knows whose fault that was.</summary>
    public bool IsAlone { get; set; }

    /// <summary>One event on one stream, which most transactions are.</summary>
    public bool IsPlain => Streams.Count == 1 && Events.Count == 1 && Claims.Count == 0 && Key is null;

    /// <summary>The position of the last event.</summary>
    public Task<long> Position => done.Task;

    public void Stored(long position) => done.SetResult(position);

    public void Failed(Exception why) => done.SetException(why);

    /// <summary>The rows of what a transaction decided.</summary>
    /// <param name="seals">Of each tenant of whom an event tells something personal.</param>
    public static AppendRows Of(
        Transaction transaction, Origin origin, AppendKey? key, EventJson json, IReadOnlyDictionary<AccountId, PrivateSeal> seals) => new(
        transaction.Now,
        origin,
        [.. transaction.Streams],
        [
            .. transaction.Events.Select(happened => new AppendedEvent(
                happened.Id, happened.Of, happened.Version,
                json.Write(happened.Id, happened.Fact, seals.GetValueOrDefault(happened.Of.Tenant)))),
        ],
        ClaimsOf(transaction, json.Types),
        key);

    // A holder has one claim: the last one counts.
    private static IReadOnlyList<(Claim Claim, AccountId Tenant)> ClaimsOf(Transaction transaction, EventTypes types)
    {
        Dictionary<string, (Claim Claim, AccountId Tenant)>? byHolder = null;
        foreach (var happened in transaction.Events)
        {
            if (types.Of(happened.Fact.GetType()).Claim?.Invoke(happened.Fact) is { } claim)
                (byHolder ??= new(StringComparer.Ordinal))[claim.Holder] = (claim, happened.Of.Tenant);
        }

        return byHolder is null ? [] : [.. byHolder.Values];
    }
}

/// <summary>An event as it will stand in the log, but for its position.</summary>
internal sealed record AppendedEvent(Guid Id, StreamId Stream, long Version, EventBody Body);
