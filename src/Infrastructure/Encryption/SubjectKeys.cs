using System.Collections.Concurrent;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// The keys of persons: rows, each wrapped by the key of an era. In memory for a minute at most, so that a key that was
/// destroyed soon opens nothing anywhere.
/// </summary>
internal sealed class SubjectKeys(EventPool pool, EraBook eras, TimeProvider clock)
{
    private const int Remembered = 4096;

    // An era that ends while a key is made needs a second one.
    private const int MaxAttempts = 4;

    private const string Select = "select id, subject, era, wrapped from eventfiles.subject_keys";

    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<(bool IsSubject, Guid Id), (SubjectKey Key, long Since)> known = new();

    /// <summary>The key of a person, which is made when there is none.</summary>
    /// <exception cref="ObjectKeyLostException">It cannot be unwrapped, or not be made, or the person was erased.</exception>
    public async Task<SubjectKey> Of(AccountId owner, CancellationToken cancel) =>
        await UnlessErased(owner, cancel) ?? throw new ObjectKeyLostException("The key of this owner was destroyed. No other is made.");

    /// <summary>The same; null for a person who was erased.</summary>
    /// <exception cref="ObjectKeyLostException">It cannot be unwrapped, or not be made.</exception>
    public async ValueTask<SubjectKey?> UnlessErased(AccountId owner, CancellationToken cancel)
    {
        if (Remember(true, owner.Value) is { } known)
            return known;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await Read("subject = $1", owner.Value, cancel) is { } key)
                return Keep(true, owner.Value, key);
            if (await IsErased(owner.Value, cancel))
                return null;
            await Make(owner.Value, cancel);
        }

        throw new IOException("The key of a person was made and is not there.");
    }

    /// <summary>Those of the keys that there are; null where the row was altered.</summary>
    /// <exception cref="ObjectKeyLostException">The key of an era is lost.</exception>
    public async Task<IReadOnlyDictionary<Guid, SubjectKey?>> Find(IReadOnlyCollection<Guid> ids, CancellationToken cancel)
    {
        var found = new Dictionary<Guid, SubjectKey?>(ids.Count);
        var unknown = new List<Guid>();
        foreach (var id in ids)
        {
            if (Remember(false, id) is { } known)
                found.Add(id, known);
            else
                unknown.Add(id);
        }

        if (unknown.Count == 0)
            return found;
        await using var asks = pool.Command($"{Select} where id = any ($1)", [unknown.ToArray()]);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            var row = await WrappedKey.Of(rows, cancel);
            var key = row.Open(eras.Find(row.Era));
            found.Add(row.Id, key is null ? null : Keep(false, row.Id, key));
        }

        return found;
    }

    /// <summary>The key that an object's header names.</summary>
    /// <exception cref="ObjectKeyLostException">It was destroyed, or its era's key is lost.</exception>
    public async Task<SubjectKey> Find(Guid id, CancellationToken cancel)
    {
        if (Remember(false, id) is { } known)
            return known;
        return Keep(false, id, await Read("id = $1", id, cancel) ?? throw new ObjectKeyLostException(
            $"There is no key {id}: it was destroyed, or the database is older than the object."));
    }

    /// <summary>Forgets all keys, here and now.</summary>
    public void Forget() => known.Clear();

    private SubjectKey? Remember(bool isSubject, Guid id) =>
        known.TryGetValue((isSubject, id), out var one) && clock.GetElapsedTime(one.Since) < Longest ? one.Key : null;

    private SubjectKey Keep(bool isSubject, Guid id, SubjectKey key)
    {
        if (known.Count >= Remembered)
        {
            foreach (var (old, _) in known.Where(one => clock.GetElapsedTime(one.Value.Since) >= Longest))
                known.TryRemove(old, out _);
            if (known.Count >= Remembered)
                known.Clear();
        }

        known[(isSubject, id)] = (key, clock.GetTimestamp());
        return key;
    }

    private async Task<SubjectKey?> Read(string which, Guid value, CancellationToken cancel)
    {
        await using var asks = pool.Command($"{Select} where {which}", [value]);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        if (!await rows.ReadAsync(cancel))
            return null;
        var row = await WrappedKey.Of(rows, cancel);
        return row.Open(eras.Find(row.Era)) ?? throw new ObjectKeyLostException(
            $"The row of the key {row.Id} was altered: it does not open with the era's key.");
    }

    private async Task<bool> IsErased(Guid subject, CancellationToken cancel)
    {
        await using var asks = pool.Command("select exists (select from eventfiles.destroyed_keys where subject = $1)", [subject]);
        return (bool)(await asks.ExecuteScalarAsync(cancel))!;
    }

    // Nothing is wrapped under a key that is about to be destroyed: the era's row is held until this is there.
    private async Task Make(Guid subject, CancellationToken cancel)
    {
        var era = await eras.Current(cancel);
        var made = WrappedKey.New(Guid.CreateVersion7(clock.GetUtcNow()), subject, era);
        var rows = await pool.Run(
            """
            insert into eventfiles.subject_keys (id, subject, era, wrapped)
            select $1, $2, e.id, $4 from eventfiles.era_keys e
            where e.id = $3 and e.ended_at is null
                and not exists (select from eventfiles.destroyed_keys where subject = $2)
            for share of e
            on conflict (subject) do nothing
            """,
            cancel, made.Id, made.Subject, made.Era, made.Wrapped);
        if (rows == 0)
            eras.LookAgain();
    }
}
