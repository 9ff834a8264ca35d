using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>
/// The journal of keys that were destroyed, and of files that were erased. It stands in the database and, where era keys are files, beside these: a
/// database that was put back to how it was before is told again.
/// </summary>
internal sealed class DestroyedKeys(EventPool pool, EraKeys eras)
{
    private const string NoteSql =
        """
        insert into eventfiles.destroyed_keys (subject, id, era, owner) values ($1, $2, $3, $4)
        on conflict (subject) do update set id = coalesce(excluded.id, destroyed_keys.id), era = coalesce(excluded.era, destroyed_keys.era)
        """;

    // With the note in one: a rotation may have wrapped it under a newer era since, and copies wait for the end of that one.
    private const string RemoveSql =
        """
        with gone as (delete from eventfiles.subject_keys where subject = $1 returning subject, id, era)
        insert into eventfiles.destroyed_keys (subject, id, era) select subject, id, era from gone
        on conflict (subject) do update set id = excluded.id, era = excluded.era
        """;

    /// <summary>Destroys a person's key, if there is one; from the note on none is made again.</summary>
    public async Task<DestroyedKey> Destroy(AccountId subject, CancellationToken cancel)
    {
        // First the note: a crash in between leaves a key for which no new one can be made, and this comes again.
        if (await Find(subject, cancel) is { } key)
            await Note(new DestroyedEntry(subject.Value, key.Id, key.Era), cancel);
        else
            await Note(new DestroyedEntry(subject.Value, null, null), cancel);
        await pool.Run(RemoveSql, cancel, subject.Value);
        await using var asks = pool.Command("select id, era from eventfiles.destroyed_keys where subject = $1", [subject.Value]);
        await using var row = await asks.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        var noted = new DestroyedEntry(subject.Value, row[0] as Guid?, row[1] as Guid?);
        if (eras.ReadJournal().GetValueOrDefault(subject.Value) != noted)
            eras.WriteJournal(noted);
        return new DestroyedKey(noted.Id, noted.Era);
    }

    /// <summary>Notes that a file is to stay away. What it was noted with first stands.</summary>
    /// <returns>No key; and the era under which its owner's was wrapped by then.</returns>
    public async Task<DestroyedKey> Note(FileId file, AccountId owner, CancellationToken cancel)
    {
        await using (var asks = pool.Command("select era from eventfiles.destroyed_keys where subject = $1", [file.Value]))
        {
            if (await asks.ExecuteScalarAsync(cancel) is { } noted)
                return new DestroyedKey(null, noted as Guid?);
        }

        // Of an owner who was erased meanwhile the journal knows it.
        var era = (await Find(owner, cancel))?.Era ?? await EraOf(owner, cancel);
        await Note(new DestroyedEntry(file.Value, null, era, owner.Value), cancel);
        return new DestroyedKey(null, era);
    }

    /// <summary>The files among all that it names.</summary>
    public async Task<IReadOnlySet<FileId>> Files(CancellationToken cancel) =>
        (await Subjects(cancel)).Select(one => one.File).OfType<FileId>().ToHashSet();

    /// <summary>All that it names.</summary>
    public async Task<IReadOnlyList<ErasureSubject>> Subjects(CancellationToken cancel)
    {
        await using var asks = pool.Command("select subject, owner from eventfiles.destroyed_keys order by destroyed_at, subject", []);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        var all = new List<ErasureSubject>();
        while (await rows.ReadAsync(cancel))
            all.Add(new DestroyedEntry(rows.GetGuid(0), null, null, rows[1] as Guid?).What);
        return all;
    }

    /// <summary>
    /// Makes database and file say the same, and the database act on it: what was destroyed once stays so in a database that
    /// knew nothing of it yet.
    /// </summary>
    /// <returns>How many persons and files it concerned that the database had forgotten.</returns>
    public async Task<int> Apply(CancellationToken cancel)
    {
        var written = eras.ReadJournal();
        var known = new Dictionary<Guid, DestroyedEntry>();
        await using (var asks = pool.Command("select subject, id, era, owner from eventfiles.destroyed_keys", []))
        {
            await using var rows = await asks.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
                known.Add(rows.GetGuid(0), new DestroyedEntry(rows.GetGuid(0), rows[1] as Guid?, rows[2] as Guid?, rows[3] as Guid?));
        }

        foreach (var entry in known.Values.Where(entry => !written.ContainsKey(entry.Subject)))
            eras.WriteJournal(entry);
        var forgotten = written.Values.Where(entry => !known.ContainsKey(entry.Subject)).ToList();
        foreach (var entry in forgotten)
        {
            // Known last: after a crash in between all of it is done again.
            await PersonalTraces.RemoveRows(pool, entry.What, withKey: true, cancel);
            await Insert(entry, cancel);
        }

        return forgotten.Count;
    }

    private async Task Note(DestroyedEntry entry, CancellationToken cancel)
    {
        if (!eras.ReadJournal().TryGetValue(entry.Subject, out var there) || (entry.Id is not null && there != entry))
            eras.WriteJournal(entry);
        await Insert(entry, cancel);
    }

    private async Task Insert(DestroyedEntry entry, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(NoteSql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = entry.Subject });
        foreach (var id in new[] { entry.Id, entry.Era, entry.Owner })
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task<Guid?> EraOf(AccountId erased, CancellationToken cancel)
    {
        await using var asks = pool.Command("select era from eventfiles.destroyed_keys where subject = $1", [erased.Value]);
        return await asks.ExecuteScalarAsync(cancel) as Guid?;
    }

    private async Task<(Guid Id, Guid Era)?> Find(AccountId subject, CancellationToken cancel)
    {
        await using var asks = pool.Command("select id, era from eventfiles.subject_keys where subject = $1", [subject.Value]);
        await using var row = await asks.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) ? (row.GetGuid(0), row.GetGuid(1)) : null;
    }
}

/// <summary>A line of the journal.</summary>
/// <param name="Subject">A person's account, or a file.</param>
/// <param name="Id">Of the key; null when the person never had one, and for a file.</param>
/// <param name="Era">Under whose key it was wrapped; of a file, its owner's.</param>
/// <param name="Owner">Whose file it was; null for a person.</param>
internal sealed record DestroyedEntry(Guid Subject, Guid? Id, Guid? Era, Guid? Owner = null)
{
    /// <summary>What was erased.</summary>
    public ErasureSubject What => Owner is { } owner
        ? new ErasureSubject(new AccountId(owner), new FileId(Subject))
        : new ErasureSubject(new AccountId(Subject));
}
