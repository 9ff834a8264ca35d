using System.Diagnostics;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// Which eras there were, by the database, and their keys, by whoever keeps them. A node that lost all keys makes no new one:
/// what is encrypted with the old ones must not be forgotten in silence.
/// </summary>
internal sealed class EraBook(EventPool pool, EraKeys keys)
{
    // Another node, or a command, may have begun a new era.
    private static readonly TimeSpan LookAfter = SubjectKeys.Longest;

    private Guid? checkedEra;
    private long checkedAt;

    public string Place => keys.Place;

    /// <summary>The key of an era.</summary>
    /// <exception cref="ObjectKeyLostException">It is not to be found.</exception>
    public EraKey Find(Guid era)
    {
        if (keys.Find(era) is { } known)
            return known;
        // An era may have begun elsewhere a moment ago.
        keys.Refresh();
        return keys.Find(era) ?? throw new ObjectKeyLostException(
            $"The era key {era} is not there. Era keys come from {keys.Place}; bring it back, or what it protects stays closed.");
    }

    /// <summary>The key that wraps what is new; on an empty installation it is made.</summary>
    /// <exception cref="ObjectKeyLostException">There were eras, and none of their keys is there.</exception>
    public async Task<EraKey> Current(CancellationToken cancel)
    {
        if (keys.Current is { } known && known.Id == checkedEra && Stopwatch.GetElapsedTime(checkedAt) < LookAfter)
            return known;
        keys.Refresh();
        var eras = await Eras(cancel);
        if (eras.Count > 0 && !eras.Exists(era => keys.Find(era) is not null))
            throw new ObjectKeyLostException(Lost(eras));
        var current = keys.Current ?? keys.Make()
            ?? throw new ObjectKeyLostException($"There is no era key. Era keys come from {keys.Place}.");
        await pool.Run("insert into eventfiles.era_keys (id) values ($1) on conflict do nothing", cancel, current.Id);
        (checkedEra, checkedAt) = (current.Id, Stopwatch.GetTimestamp());
        return current;
    }

    /// <summary>The era that was current may have ended.</summary>
    public void LookAgain() => checkedEra = null;

    /// <summary>What is wrong with the keys, for an operator; null when all of them are there.</summary>
    public async Task<string?> Wrong(CancellationToken cancel)
    {
        var missing = (await Eras(cancel)).FindAll(era => keys.Find(era) is null);
        return missing.Count == 0 ? null : Lost(missing);
    }

    /// <summary>The eras in which keys of persons are wrapped, oldest first; not those whose keys were destroyed.</summary>
    public static async Task<List<Guid>> Eras(NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var asks = database.CreateCommand("select id from eventfiles.era_keys e where destroyed_at is null and (ended_at is null or exists (select from eventfiles.subject_keys where era = e.id)) order by begun_at, id");
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        var eras = new List<Guid>();
        while (await rows.ReadAsync(cancel))
            eras.Add(rows.GetGuid(0));
        return eras;
    }

    private Task<List<Guid>> Eras(CancellationToken cancel) => Eras(pool.Source, cancel);

    private string Lost(List<Guid> eras) =>
        $"The key of {(eras.Count == 1 ? "the era" : "the eras")} {string.Join(", ", eras)} is not in {keys.Place}: "
        + "encrypted content cannot be read. Bring back the key that was there, or name it with ENCRYPTION_KEY or ENCRYPTION_KEY_DIR.";
}
