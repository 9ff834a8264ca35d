using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Begins a new era: wraps the keys of all living persons under a new era key, reads a sample of them back, and destroys the
/// keys of the eras before. From then on no copy of the database from before opens. What was interrupted goes on.
/// </summary>
public sealed class KeyRotation : IAsyncDisposable
{
    private const int PageSize = 500;
    private const int Samples = 100;

    // Held by the one rotation that is under way.
    private const long Turn = 0x45564B45595331;

    private readonly EventPool pool;
    private readonly bool isOwn;
    private readonly EraKeys keys;

    /// <summary>A rotation on that database.</summary>
    /// <param name="connectionString">Of the program's role.</param>
    /// <param name="keys">Era keys that may be made: in a folder; or of secrets, the new one first.</param>
    public KeyRotation(string connectionString, EraKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        (pool, isOwn, this.keys) = (new EventPool(connectionString), true, keys);
    }

    /// <summary>A rotation by a node that runs.</summary>
    internal KeyRotation(EventPool pool, EraKeys keys) => (this.pool, this.keys) = (pool, keys);

    /// <summary>Rotates, or goes on.</summary>
    /// <param name="progress">Told how many keys were wrapped anew.</param>
    /// <exception cref="IOException">Another rotation is under way, or what was wrapped does not open.</exception>
    /// <exception cref="ObjectKeyLostException">An era's key is not there: what it wraps cannot be wrapped anew. Nothing was destroyed.</exception>
    public async Task<RotatedKeys> Run(Action<long>? progress, CancellationToken cancel) =>
        (await Run(() => Task.FromResult(true), progress, cancel))!;

    /// <summary>The same, if it is due once nobody else is at it; null when it is not.</summary>
    internal async Task<RotatedKeys?> Run(Func<Task<bool>> isDue, Action<long>? progress, CancellationToken cancel)
    {
        await using var alone = await pool.OpenAside(cancel);
        await using (var turn = new NpgsqlCommand($"select pg_try_advisory_lock({Turn})", alone))
        {
            if (!(bool)(await turn.ExecuteScalarAsync(cancel))!)
                throw new IOException("Another rotation is under way.");
        }

        if (!await isDue())
            return null;
        keys.CheckReplicas();
        var before = await Eras("destroyed_at is null", cancel);
        if ((await Eras("destroyed_at is null and exists (select from eventfiles.subject_keys where era = e.id)", cancel)).Find(era => keys.Find(era) is null) is var lost && lost != default)
            throw new ObjectKeyLostException($"The era key {lost} is not in {keys.Place}: what it wraps cannot be wrapped anew.");
        var target = await Begin(before, cancel);
        await pool.Run("update eventfiles.era_keys set ended_at = clock_timestamp() where id <> $1 and ended_at is null", cancel, target.Id);
        var wrapped = 0L;
        while (await Page(target, cancel) is > 0 and var count)
        {
            wrapped += count;
            progress?.Invoke(wrapped);
        }

        var sampled = await Sample(target, cancel);
        KillPoint.Reach("rotation.sampled");
        var destroyed = new List<Guid>();
        foreach (var era in before.Where(era => era != target.Id))
        {
            // Nothing new is wrapped under it since it was ended, and nothing old is left.
            if (!keys.Destroy(era))
                continue;
            await pool.Run("update eventfiles.era_keys set destroyed_at = clock_timestamp() where id = $1", cancel, era);
            destroyed.Add(era);
        }

        return new RotatedKeys(target.Id, wrapped, sampled, destroyed, [.. before.Where(era => era != target.Id && !destroyed.Contains(era))]);
    }

    public ValueTask DisposeAsync() => isOwn ? pool.DisposeAsync() : ValueTask.CompletedTask;

    // One that was begun and not brought to its end is the newest, and has not ended while others have.
    private async Task<EraKey> Begin(List<Guid> before, CancellationToken cancel)
    {
        await using (var asks = pool.Command(
            """
            select id from eventfiles.era_keys where ended_at is null
                and exists (select from eventfiles.era_keys where ended_at is not null and destroyed_at is null)
            order by begun_at desc limit 1
            """,
            []))
        {
            if (await asks.ExecuteScalarAsync(cancel) is Guid begun && keys.Find(begun) is { } known)
                return known;
        }

        var target = keys.Renew(before) ?? throw new ObjectKeyLostException(
            $"Era keys come from {keys.Place}, and all of them have been used. Name a new one as ENCRYPTION_KEY and the one that was as ENCRYPTION_KEY_PREVIOUS, on all nodes; then rotate.");
        await pool.Run("insert into eventfiles.era_keys (id) values ($1) on conflict do nothing", cancel, target.Id);
        return target;
    }

    private async Task<List<Guid>> Eras(string which, CancellationToken cancel)
    {
        await using var asks = pool.Command($"select id from eventfiles.era_keys e where {which} order by begun_at, id", []);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        var eras = new List<Guid>();
        while (await rows.ReadAsync(cancel))
            eras.Add(rows.GetGuid(0));
        return eras;
    }

    private async Task<int> Page(EraKey target, CancellationToken cancel)
    {
        var page = new List<WrappedKey>();
        await using (var asks = pool.Command(
            $"select id, subject, era, wrapped from eventfiles.subject_keys where era <> $1 order by id limit {PageSize}", [target.Id]))
        {
            await using var rows = await asks.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
                page.Add(await WrappedKey.Of(rows, cancel));
        }

        foreach (var row in page)
        {
            var open = Open(row);
            var next = row.Under(target, open);
            // What was wrapped is opened again before it takes the place of what opens.
            if (next.Open(target) is not { } back || !back.Key.SequenceEqual(open.Key))
                throw new IOException($"The key {row.Id} was wrapped and does not open.");
            await pool.Run(
                "update eventfiles.subject_keys set era = $2, wrapped = $3 where id = $1 and era = $4", cancel,
                row.Id, target.Id, next.Wrapped, row.Era);
        }

        return page.Count;
    }

    private SubjectKey Open(WrappedKey row) =>
        row.Open(keys.Find(row.Era) ?? throw new ObjectKeyLostException($"The era key {row.Era} is not in {keys.Place}."))
        ?? throw new ObjectKeyLostException($"The row of the key {row.Id} was altered: it does not open with the era's key. Nothing was destroyed.");

    // Each replica by itself must open what was wrapped: one of them may be all that is left some day.
    private async Task<int> Sample(EraKey target, CancellationToken cancel)
    {
        var sampled = 0;
        foreach (var found in keys.EachReplica(target.Id))
        {
            if (found is null)
                throw new IOException($"A replica in {keys.Place} does not have the new era's key. Nothing was destroyed.");
            await using var asks = pool.Command($"select id, subject, era, wrapped from eventfiles.subject_keys order by random() limit {Samples}", []);
            await using var rows = await asks.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                var row = await WrappedKey.Of(rows, cancel);
                if (row.Era != target.Id || row.Open(found) is null)
                    throw new IOException($"The key {row.Id} does not open with the new era's key. Nothing was destroyed.");
                sampled++;
            }
        }

        return sampled;
    }
}

/// <summary>What a rotation did.</summary>
/// <param name="Era">The era that has begun.</param>
/// <param name="Wrapped">How many keys were wrapped anew by this run.</param>
/// <param name="Sampled">How many were read back, from every replica.</param>
/// <param name="Destroyed">The eras whose keys are nowhere any more.</param>
/// <param name="Left">The eras whose secrets must be taken out of the settings, and destroyed, by whoever keeps them.</param>
public sealed record RotatedKeys(Guid Era, long Wrapped, int Sampled, IReadOnlyList<Guid> Destroyed, IReadOnlyList<Guid> Left);
