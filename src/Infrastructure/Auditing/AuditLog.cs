using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventFiles.Infrastructure.EventStore;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Auditing;

/// <summary>
/// Reads the log as auditors ask. What names streams goes by their index; all else is looked for in stretches of the log,
/// for a bounded time at once, so that no append pays for an index that is seldom asked.
/// </summary>
internal sealed class AuditLog(EventPool pool, EventReader reader, HighWater highWater) : IAuditLog
{
    private const string Columns = $"{EventReader.Columns}, e.headers ->> 'via', e.headers ->> 'request', e.headers ->> 'from'";

    private const string Private = "left join eventfiles.event_private p on p.seq_id = e.seq_id";

    private const string Everything = "public.mt_events e";

    // '.' follows '-': the half-open range holds exactly the names that begin with the name and a dash.
    private const string OfStreams =
        """
        (select s.* from unnest($4) as n (name) cross join lateral (
            select * from public.mt_events where stream_id = n.name
            union all
            select * from public.mt_events where stream_id >= n.name || '-' and stream_id < n.name || '.') s) e
        """;

    // The tree knows where every event is but the newest, which it has yet to come to.
    private const string ById =
        $"""
        select {Columns} from public.mt_events e {Private}
        where e.seq_id = (select position from eventfiles.log_leaves where event_id = $1)
        union all
        select {Columns} from public.mt_events e {Private}
        where e.seq_id > (select position from eventfiles.log_tree) and e.id = $1
        """;

    private const string ByPlace = $"select {Columns} from public.mt_events e {Private} where e.stream_id = $1 and e.version = $2";

    /// <summary>How many positions are looked through at once.</summary>
    internal long Stretch { get; set; } = 50_000;

    /// <summary>How long one question goes through the log before it says how far it has come.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(2);

    public async Task<long> End(CancellationToken cancel)
    {
        // What somebody has just written they want to see, too.
        await highWater.Passes(await reader.Last(cancel) - 1, TimeSpan.FromSeconds(1), cancel);
        return Math.Max(0, highWater.Settled);
    }

    public async Task<AuditStretch> Read(AuditQuestion asked, long after, long upto, int limit, CancellationToken cancel)
    {
        (after, upto) = await Within(asked, after, upto, cancel);
        var began = Stopwatch.GetTimestamp();
        var found = new List<AuditedEvent>();
        while (after < upto && found.Count < limit)
        {
            var end = asked.Streams is null ? Math.Min(upto, after + Stretch) : upto;
            var page = await Page(asked, after, end, limit - found.Count, cancel);
            found.AddRange(page);
            after = found.Count == limit ? page[^1].Event.Position : end;
            if (Stopwatch.GetElapsedTime(began) > Patience)
                break;
        }

        return new AuditStretch(found, after, after >= upto);
    }

    public async Task<AuditedEvent?> Find(Guid eventId, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(ById);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId });
        return (await Opened(command, cancel)).FirstOrDefault();
    }

    public async Task<AuditedEvent?> Find(string stream, long version, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(ByPlace);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = version });
        return (await Opened(command, cancel)).FirstOrDefault();
    }

    // Times are almost in the order of positions: an event may be stamped a little earlier than one before it.
    private async Task<(long After, long Upto)> Within(AuditQuestion asked, long after, long upto, CancellationToken cancel)
    {
        if (asked.From is { } from && from.UtcTicks > (2 * Past.Moments.Lateness).Ticks)
            after = Math.Max(after, await PositionAt(from - 2 * Past.Moments.Lateness, cancel));
        if (asked.To is { } to)
            upto = Math.Min(upto, await PositionAt(to, cancel));
        return (after, upto);
    }

    private async Task<long> PositionAt(DateTimeOffset time, CancellationToken cancel)
    {
        await using var asks = pool.Source.CreateCommand("select eventfiles.position_at($1, $2)");
        asks.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = time.ToUniversalTime() });
        asks.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Past.Moments.Lateness });
        return (long)(await asks.ExecuteScalarAsync(cancel))!;
    }

    private async Task<List<AuditedEvent>> Page(AuditQuestion asked, long after, long upto, int limit, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand();
        var all = command.Parameters;
        all.Add(new NpgsqlParameter<long> { TypedValue = after });
        all.Add(new NpgsqlParameter<long> { TypedValue = upto });
        all.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (asked.Streams is { } streams)
            all.Add(Texts(streams));
        var where = new StringBuilder("e.seq_id > $1 and e.seq_id <= $2");
        Narrow(where, all, asked);
        command.CommandText =
            $"select {Columns} from {(asked.Streams is null ? Everything : OfStreams)} {Private} where {where} order by e.seq_id limit $3";
        return await Opened(command, cancel);
    }

    private static void Narrow(StringBuilder where, NpgsqlParameterCollection all, AuditQuestion asked)
    {
        void And(string condition, NpgsqlParameter value)
        {
            all.Add(value);
            where.Append(" and ").AppendFormat(CultureInfo.InvariantCulture, condition, $"${all.Count}");
        }

        if (asked.Actor is { } actor)
            And("e.user_name = {0}", Text($"{actor}"));
        if (asked.Person is { } person)
            And("(e.user_name = {0} or e.tenant_id = {0})", Text($"{person}"));
        if (asked.Kinds is { } kinds)
            And("exists (select from unnest({0}) as k (name) where e.type = k.name or starts_with(e.type, k.name || '.'))", Texts(kinds));
        if (asked.NotKinds is { } others)
            And("not exists (select from unnest({0}) as k (name) where e.type = k.name or starts_with(e.type, k.name || '.'))", Texts(others));
        if (asked.Correlation is { } correlation)
            And("e.correlation_id = {0}", Text(correlation));
        if (asked.From is { } from)
            And("e.timestamp >= {0}", new NpgsqlParameter<DateTimeOffset> { TypedValue = from.ToUniversalTime() });
        if (asked.To is { } to)
            And("e.timestamp < {0}", new NpgsqlParameter<DateTimeOffset> { TypedValue = to.ToUniversalTime() });
    }

    private async Task<List<AuditedEvent>> Opened(NpgsqlCommand command, CancellationToken cancel)
    {
        var page = new List<(StoredEvent Event, string? Via, string? Request, string? From)>();
        await using (var rows = await command.ExecuteReaderAsync(cancel))
        {
            while (await rows.ReadAsync(cancel))
                page.Add((EventReader.Raw(rows), Header(rows, 0), Header(rows, 1), Header(rows, 2)));
        }

        var open = await reader.Opened(page.ConvertAll(row => row.Event), takesUnreadable: true, cancel);
        return [.. open.Zip(page, (happened, row) => new AuditedEvent(
            happened.Fact is Unreadable ? happened with { Fact = new UnreadableFact() } : happened, row.Via, row.Request,
            row.From is { } number ? int.Parse(number, CultureInfo.InvariantCulture) : null))];
    }

    private static string? Header(NpgsqlDataReader row, int number) =>
        row.IsDBNull(EventReader.ColumnCount + number) ? null : row.GetString(EventReader.ColumnCount + number);

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter<string[]> Texts(IReadOnlyList<string> values) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
}
