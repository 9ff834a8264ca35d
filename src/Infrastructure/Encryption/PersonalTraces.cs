using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>What is kept of a person or a file beside the log: found, removed and looked for, in all of <see cref="TracePlaces"/>.</summary>
internal sealed class PersonalTraces(
    EventPool pool, SubjectKeys keys, EraKeys eras, EraOptions options, DestroyedKeys journal, StateCache memory, IObjects objects) : IPersonalTraces
{
    private const int Samples = 20;

    private const string SampleSql =
        """
        select p.salt, p.fields, e.id from eventfiles.event_private p join public.mt_events e on e.seq_id = p.seq_id
        where p.tenant_id = $1 and get_byte(p.fields, 0) = 1 order by p.seq_id desc limit $2
        """;

    /// <summary>The tables that are looked at when a person is erased.</summary>
    internal static IEnumerable<string> Tables => TracePlaces.OfPerson.Select(place => place.Table);

    public async Task<IReadOnlyList<PersonalTrace>> Remove(ErasureSubject subject, CancellationToken cancel)
    {
        var streams = await Texts(subject.File is null ? TracePlaces.StreamsOfPerson : TracePlaces.StreamsOfFile, subject, cancel);
        var removed = await RemoveRows(pool, subject, withKey: false, cancel);
        foreach (var stream in streams)
            memory.Forget(stream);
        return removed;
    }

    /// <summary>Removes all rows that tell of a person or a file.</summary>
    /// <param name="withKey">Also the person's key; otherwise it goes by itself, with a note.</param>
    internal static async Task<List<PersonalTrace>> RemoveRows(EventPool pool, ErasureSubject subject, bool withKey, CancellationToken cancel)
    {
        var (places, arguments) = TracePlaces.Of(subject);
        var removed = new List<PersonalTrace>();
        foreach (var place in places.Where(place => withKey || place.Name != "subject-keys"))
        {
            var count = await pool.Run($"delete from {place.Table} where {place.Whose}", cancel, arguments);
            removed.Add(new PersonalTrace(place.Name, count, count));
        }

        return removed;
    }

    public async Task<Func<CancellationToken, Task<PersonalTrace?>>> Sample(ErasureSubject subject, CancellationToken cancel)
    {
        var rows = new List<(byte[] Salt, byte[] Fields, Guid Event)>();
        if (subject.File is null)
        {
            await using var asks = pool.Command(SampleSql, [$"{subject.Owner}", Samples]);
            await using var read = await asks.ExecuteReaderAsync(cancel);
            while (await read.ReadAsync(cancel))
                rows.Add(((byte[])read[0], (byte[])read[1], read.GetGuid(2)));
        }

        return async stop =>
        {
            if (rows.Count == 0)
                return null;
            var found = (await keys.Find([.. rows.Select(row => PersonalFields.KeyOf(row.Fields)).OfType<Guid>().Distinct()], stop))
                .ToDictionary(one => one.Key, one => one.Value?.Private);
            return rows.TrueForAll(row => PersonalFields.Open(row.Salt, row.Fields, row.Event, found) is null)
                ? new PersonalTrace("sealed-rows-tried", rows.Count, rows.Count)
                : throw new TransientException("A row of somebody whose key is destroyed opens still.");
        };
    }

    public async Task<DestroyedKey> DestroyKey(ErasureSubject subject, CancellationToken cancel)
    {
        if (subject.File is { } file)
            return await journal.Note(file, subject.Owner, cancel);
        var destroyed = await journal.Destroy(subject.Owner, cancel);
        keys.Forget();
        return destroyed;
    }

    public async Task<IReadOnlyList<PersonalTrace>> Look(
        ErasureSubject subject, IReadOnlyCollection<ObjectKey> shared, CancellationToken cancel)
    {
        var (places, arguments) = TracePlaces.Of(subject);
        var seen = new List<PersonalTrace>();
        foreach (var place in places)
        {
            await using var asks = pool.Command($"select count(*) from {place.Table} where {place.Whose}", arguments);
            var count = (long)(await asks.ExecuteScalarAsync(cancel))!;
            seen.Add(new PersonalTrace(place.Name, count, count));
        }

        seen.Add(await Objects(subject, shared, cancel));
        return seen;
    }

    public Task<IReadOnlyList<ErasureSubject>> Destroyed(CancellationToken cancel) => journal.Subjects(cancel);

    public Task<DateTimeOffset?> KeyDestroyedAt(ErasureSubject subject, CancellationToken cancel) =>
        Time("select destroyed_at from eventfiles.destroyed_keys where subject = $1", cancel, subject.File?.Value ?? subject.Owner.Value);

    public Task<DateTimeOffset?> EraDestroyedAt(Guid era, CancellationToken cancel) =>
        Time("select destroyed_at from eventfiles.era_keys where id = $1", cancel, era);

    public Task<DateTimeOffset?> EraEndsAt(Guid era, CancellationToken cancel) => eras.CanRenew && options.Length is { } length
        ? Time("select begun_at + $2 from eventfiles.era_keys where id = $1", cancel, era, length)
        : Task.FromResult<DateTimeOffset?>(null);

    private async Task<DateTimeOffset?> Time(string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var asks = pool.Command(sql, arguments);
        return await asks.ExecuteScalarAsync(cancel) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    // Wherever the log says that bytes have been, or were to come.
    private async Task<PersonalTrace> Objects(ErasureSubject subject, IReadOnlyCollection<ObjectKey> shared, CancellationToken cancel)
    {
        var (looked, there) = (0L, 0L);
        foreach (var upload in await Texts(subject.File is null ? TracePlaces.UploadsOfPerson : TracePlaces.UploadsOfFile, subject, cancel))
        {
            var (id, key) = (new UploadId(Guid.Parse(upload)), ObjectKey.Raw(new UploadId(Guid.Parse(upload))));
            looked++;
            if (!shared.Contains(key) && await IsThere(id, key, cancel))
                there++;
        }

        foreach (var file in subject.File is { } one ? [$"{one}"] : await Texts($"select distinct * from ({TracePlaces.Files}) named", subject, cancel))
        {
            looked++;
            there += await objects.List(ObjectKey.VariantsOf(new FileId(Guid.Parse(file))), cancel).CountAsync(cancel);
        }

        foreach (var export in subject.File is null ? await Texts(Distinct("export"), subject, cancel) : [])
        {
            looked++;
            there += await objects.List(ObjectKey.ExportsOf(new ExportId(Guid.Parse(export))), cancel).CountAsync(cancel);
        }

        if (subject.File is null)
        {
            looked++;
            there += await objects.List(ObjectKey.AvatarsOf(subject.Owner), cancel).CountAsync(cancel);
        }

        return new PersonalTrace("objects", there, looked);
    }

    private static string Distinct(string field) => $"select distinct * from ({TracePlaces.Told(field)}) named";

    // Damaged or without its key it does not open, and is there all the same.
    private async Task<bool> IsThere(UploadId upload, ObjectKey key, CancellationToken cancel) =>
        await objects.SizeOf(key, cancel) is not null || await objects.GrowingLength(key, cancel) is not null
        || await objects.List(ObjectKey.PartsOf(upload), cancel).AnyAsync(cancel);

    private async Task<List<string>> Texts(string sql, ErasureSubject subject, CancellationToken cancel)
    {
        var all = new List<string>();
        await using var asks = pool.Command(sql, TracePlaces.Of(subject).Arguments);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            if (rows[0] is string text)
                all.Add(text);
        }

        return all;
    }
}
