using System.Collections.Concurrent;
using System.Security.Cryptography;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// The keys of persons: rows, each wrapped by the key of an era. In memory for a minute at most, so that a key that was
/// destroyed soon opens nothing anywhere.
/// </summary>
internal sealed class SubjectKeys(EventPool pool, EraBook eras, TimeProvider clock)
{
    private const int Remembered = 4096;

    internal static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<(bool IsSubject, Guid Id), (SubjectKey Key, long Since)> known = new();

    /// <summary>The key of a person, which is made when there is none.</summary>
    /// <exception cref="ObjectKeyLostException">It cannot be unwrapped, or not be made.</exception>
    public async Task<SubjectKey> Of(AccountId owner, CancellationToken cancel)
    {
        if (Remember(true, owner.Value) is { } known)
            return known;
        for (var isNew = false; ; isNew = true)
        {
            if (await Read("subject = $1", owner.Value, cancel) is { } key)
                return Keep(true, owner.Value, key);
            if (isNew)
                throw new IOException("The key of a person was made and is not there.");
            await Make(owner.Value, cancel);
        }
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
        await using var asks = pool.Source.CreateCommand($"select id, subject, era, wrapped from eventfiles.subject_keys where {which}");
        asks.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = value });
        await using var row = await asks.ExecuteReaderAsync(cancel);
        if (!await row.ReadAsync(cancel))
            return null;
        var (id, subject, era, wrapped) = (row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), await row.GetFieldValueAsync<byte[]>(3, cancel));
        var key = new byte[ObjectCipher.KeyBytes];
        try
        {
            ObjectCipher.Opened(eras.Find(era).Key, wrapped, key, Context(id, subject, era));
            return new SubjectKey(id, key);
        }
        catch (AuthenticationTagMismatchException altered)
        {
            throw new ObjectKeyLostException($"The row of the key {id} was altered: it does not open with the era's key.", altered);
        }
    }

    private async Task Make(Guid subject, CancellationToken cancel)
    {
        var (id, era) = (Guid.CreateVersion7(clock.GetUtcNow()), await eras.Current(cancel));
        var wrapped = ObjectCipher.Sealed(era.Key, RandomNumberGenerator.GetBytes(ObjectCipher.KeyBytes), Context(id, subject, era.Id));
        await using var adds = pool.Source.CreateCommand(
            "insert into eventfiles.subject_keys (id, subject, era, wrapped) values ($1, $2, $3, $4) on conflict (subject) do nothing");
        foreach (var value in (object[])[id, subject, era.Id, wrapped])
            adds.Parameters.Add(new NpgsqlParameter { Value = value });
        await adds.ExecuteNonQueryAsync(cancel);
    }

    private static byte[] Context(Guid id, Guid subject, Guid era) =>
        [.. "eventfiles/subject/1"u8, .. id.ToByteArray(bigEndian: true), .. subject.ToByteArray(bigEndian: true), .. era.ToByteArray(bigEndian: true)];
}
