using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Reads events page by page: no connection is held while a reader thinks about what it got. The keys that open a page's
/// private rows are asked for together.
/// </summary>
internal sealed class EventReader(EventPool pool, EventJson json, PrivateKeys keys)
{
    private const int PageSize = 500;

    private static readonly IReadOnlyDictionary<Guid, PrivateKey?> NoKeys = new Dictionary<Guid, PrivateKey?>();

    /// <summary>What <see cref="Raw"/> reads, first in a query of events e and their private rows p.</summary>
    internal const string Columns =
        """
        e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.tenant_id, e.user_name, e.correlation_id,
        e.causation_id, e.data, p.salt, p.fields
        """;

    internal const int ColumnCount = 13;

    private const string LastPosition = "select coalesce(max(seq_id), 0) from public.mt_events";

    private const string OfStream =
        $"""
        select {Columns} from public.mt_events e left join eventfiles.event_private p on p.seq_id = e.seq_id
        where e.stream_id = $1 and e.version > $2 order by e.version limit $3
        """;

    // '.' follows '-': the half-open range holds exactly the names that begin with the name and a dash.
    private const string OfStreams =
        $"""
        select {Columns}
        from (
            select s.* from unnest($1) as n (name) cross join lateral (
                select * from public.mt_events where stream_id = n.name
                union all
                select * from public.mt_events where stream_id >= n.name || '-' and stream_id < n.name || '.') s
            where s.seq_id > $2 order by s.seq_id limit $3) e
        left join eventfiles.event_private p on p.seq_id = e.seq_id
        order by e.seq_id
        """;

    private const string Between =
        $"""
        select {Columns} from public.mt_events e left join eventfiles.event_private p on p.seq_id = e.seq_id
        where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id limit $3
        """;

    private const string BetweenOfTypes =
        $"""
        select {Columns} from public.mt_events e left join eventfiles.event_private p on p.seq_id = e.seq_id
        where e.seq_id > $1 and e.seq_id <= $2 and e.type = any ($4) order by e.seq_id limit $3
        """;

    /// <summary>The highest position that is committed now; 0 when the log is empty.</summary>
    public async Task<long> Last(CancellationToken cancel)
    {
        await using var asks = pool.Source.CreateCommand(LastPosition);
        return (long)(await asks.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>The events of one stream after a version.</summary>
    public async IAsyncEnumerable<RecordedEvent> Stream(
        string stream, long afterVersion, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            await using var command = pool.Source.CreateCommand(OfStream);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = afterVersion });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
            var page = await Read(command, false, cancel);
            foreach (var happened in page)
                yield return happened;
            if (page.Count < PageSize)
                yield break;
            afterVersion = page[^1].Version;
        }
    }

    /// <summary>The events of streams with these names, or names that begin with one of them and a dash, by position.</summary>
    public async IAsyncEnumerable<RecordedEvent> Streams(
        IReadOnlyList<string> streams, [EnumeratorCancellation] CancellationToken cancel)
    {
        var asked = streams.ToHashSet(StringComparer.Ordinal);
        // A name within another's range would be read twice.
        string[] names = [.. asked.Where(name => !IsWithinAnother(name, asked))];
        for (var after = 0L; ;)
        {
            await using var command = pool.Source.CreateCommand(OfStreams);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = names, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
            var page = await Read(command, false, cancel);
            foreach (var happened in page)
                yield return happened;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Position;
        }
    }

    /// <summary>All events of these types up to the last one that is committed now, by position.</summary>
    public async IAsyncEnumerable<RecordedEvent> All(
        IReadOnlyCollection<Type> facts, [EnumeratorCancellation] CancellationToken cancel)
    {
        var (names, last) = (json.Types.Names(facts), await Last(cancel));
        for (var after = 0L; ;)
        {
            var page = await Stretch(after, last, PageSize, names, false, cancel);
            foreach (var happened in page)
                yield return happened;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Position;
        }
    }

    /// <summary>
    /// At most <paramref name="limit"/> events after one position up to another. A fact that cannot be read is
    /// <see cref="Unreadable"/>: it must not stop those who follow the whole log.
    /// </summary>
    /// <param name="names">Only of these stored names; null for all.</param>
    public Task<List<RecordedEvent>> Stretch(long after, long upto, int limit, string[]? names, CancellationToken cancel) =>
        Stretch(after, upto, limit, names, true, cancel);

    private async Task<List<RecordedEvent>> Stretch(
        long after, long upto, int limit, string[]? names, bool takesUnreadable, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(names is null ? Between : BetweenOfTypes);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upto });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (names is not null)
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = names, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        return await Read(command, takesUnreadable, cancel);
    }

    private static bool IsWithinAnother(string name, HashSet<string> names)
    {
        for (var dash = name.IndexOf('-', StringComparison.Ordinal); dash >= 0; dash = name.IndexOf('-', dash + 1))
        {
            if (names.Contains(name[..dash]))
                return true;
        }

        return false;
    }

    private async Task<List<RecordedEvent>> Read(NpgsqlCommand command, bool takesUnreadable, CancellationToken cancel)
    {
        var page = new List<StoredEvent>();
        try
        {
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
                page.Add(Raw(rows));
        }
        catch (Exception failed) when (pool.Clears(failed))
        {
            throw;
        }

        return await Opened(page, takesUnreadable, cancel);
    }

    /// <summary>The event in a row that begins with <see cref="Columns"/>, closed.</summary>
    internal static StoredEvent Raw(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetFieldValue<DateTimeOffset>(5),
        Account(row, 6), Account(row, 7), row.IsDBNull(8) ? null : row.GetString(8), row.IsDBNull(9) ? null : row.GetString(9),
        row.GetFieldValue<byte[]>(10), row.IsDBNull(11) ? null : row.GetFieldValue<byte[]>(11),
        row.IsDBNull(12) ? null : row.GetFieldValue<byte[]>(12));

    /// <summary>The same events, with what is personal in them.</summary>
    /// <param name="takesUnreadable">Where a fact cannot be read stands <see cref="Unreadable"/>.</param>
    /// <exception cref="ObjectKeyLostException">A key cannot be had now.</exception>
    internal async ValueTask<List<RecordedEvent>> Opened(IReadOnlyList<StoredEvent> rows, bool takesUnreadable, CancellationToken cancel)
    {
        HashSet<Guid>? sealing = null;
        foreach (var row in rows)
        {
            if (row.Fields is not null && PersonalFields.KeyOf(row.Fields) is { } id)
                (sealing ??= []).Add(id);
        }

        var ring = sealing is null ? NoKeys : await keys.ToOpen(sealing, cancel);
        var open = new List<RecordedEvent>(rows.Count);
        foreach (var row in rows)
            open.Add(Recorded(row, ring, takesUnreadable));
        return open;
    }

    private RecordedEvent Recorded(StoredEvent row, IReadOnlyDictionary<Guid, PrivateKey?> ring, bool takesUnreadable)
    {
        var shape = json.Types.Named(row.Type);
        return new RecordedEvent(
            row.Position, new StreamId(row.Stream, row.Tenant ?? default), row.Version, row.Id, shape.Type.Name, row.At,
            Fact(shape, row, ring, takesUnreadable))
        {
            Actor = row.Actor,
            CorrelationId = row.CorrelationId,
            CausationId = row.CausationId,
        };
    }

    private static object Fact(
        StoredShape shape, StoredEvent row, IReadOnlyDictionary<Guid, PrivateKey?> ring, bool takesUnreadable)
    {
        try
        {
            return EventJson.Read(
                shape, row.Data, row.Fields is { } fields ? PersonalFields.Open(row.Salt!, fields, row.Id, ring) : null);
        }
        catch (Exception why) when (takesUnreadable)
        {
            return new Unreadable(shape.Type.Fact, why);
        }
    }

    private static AccountId? Account(NpgsqlDataReader row, int column) =>
        !row.IsDBNull(column) && Guid.TryParse(row.GetString(column), CultureInfo.InvariantCulture, out var id)
            ? new AccountId(id)
            : null;
}

/// <summary>An event as it stands in the database, with its private row closed.</summary>
/// <param name="Fields">Null when there is no private row.</param>
internal sealed record StoredEvent(
    long Position, Guid Id, string Stream, long Version, string Type, DateTimeOffset At, AccountId? Tenant, AccountId? Actor,
    string? CorrelationId, string? CausationId, byte[] Data, byte[]? Salt, byte[]? Fields);
