using System.Text;
using EventFiles.Infrastructure.EventStore;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Past;

/// <summary>Where views stood in lists, and between which positions.</summary>
internal sealed class PastPlaces(EventPool pool)
{
    private const string CloseSql =
        """
        update eventfiles.past_places p set to_position = c.position
        from unnest($1, $2, $3, $4) as c (index_name, sort, key, position)
        where p.index_name = c.index_name and p.sort = c.sort and p.key = c.key and p.to_position is null
        """;

    private const string OpenSql =
        """
        insert into eventfiles.past_places (index_name, sort, key, from_position, to_position, group_id, tenant_id)
        select * from unnest($1, $2, $3, $4, $5, $6, $7)
        """;

    private const string MoveSql =
        """
        update public.mt_event_progression set last_seq_id = $3, last_updated = transaction_timestamp()
        where name = $1 and last_seq_id = $2
        """;

    private const string BeginSql =
        "insert into public.mt_event_progression (name, last_seq_id) values ($1, 0) on conflict (name) do nothing";

    // '/' follows '.': all indexes of the projection, whatever its version was.
    private const string ClearSql =
        """
        with snapshots as (delete from eventfiles.past_snapshots where projection = $1 and version <> $3)
        delete from eventfiles.past_places where index_name >= $1 || '.' and index_name < $1 || '/' and not starts_with(index_name, $2)
        """;

    /// <summary>How far the projection's past is kept.</summary>
    public async Task<long?> Position(IProjection projection, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand("select last_seq_id from public.mt_event_progression where name = $1");
        AddText(command, Row(projection));
        return await command.ExecuteScalarAsync(cancel) as long?;
    }

    /// <summary>Starts to keep the projection's past; what a former version of it left is cleared away.</summary>
    public async Task Begin(IProjection projection, CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var clear = new NpgsqlCommand(ClearSql, connection))
        {
            AddText(clear, projection.Name);
            AddText(clear, Prefix(projection));
            clear.Parameters.Add(new NpgsqlParameter<int> { TypedValue = projection.Version });
            await clear.ExecuteNonQueryAsync(cancel);
        }

        await using (var begin = new NpgsqlCommand(BeginSql, connection))
        {
            AddText(begin, Row(projection));
            await begin.ExecuteNonQueryAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
    }

    /// <summary>Writes what changed in a stretch of the log, once; false when another node was faster.</summary>
    public async Task<bool> Write(
        IProjection projection, long from, long upto, IReadOnlyList<ClosedPlace> closed, IReadOnlyList<OpenedPlace> opened,
        CancellationToken cancel)
    {
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var move = new NpgsqlCommand(MoveSql, connection))
        {
            AddText(move, Row(projection));
            move.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
            move.Parameters.Add(new NpgsqlParameter<long> { TypedValue = upto });
            if (await move.ExecuteNonQueryAsync(cancel) == 0)
                return false;
        }

        if (closed.Count > 0)
        {
            await using var close = new NpgsqlCommand(CloseSql, connection);
            AddPlaces(close, projection, [.. closed.Select(one => one.Place)]);
            AddEach(close, NpgsqlDbType.Bigint, closed, one => one.Position);
            await close.ExecuteNonQueryAsync(cancel);
        }

        if (opened.Count > 0)
        {
            await using var open = new NpgsqlCommand(OpenSql, connection);
            AddPlaces(open, projection, [.. opened.Select(one => one.Place)]);
            AddEach(open, NpgsqlDbType.Bigint, opened, one => one.From);
            AddEach(open, NpgsqlDbType.Bigint, opened, one => one.To);
            AddEach(open, NpgsqlDbType.Text, opened, one => one.Group);
            AddEach(open, NpgsqlDbType.Text, opened, one => one.Tenant.ToString());
            await open.ExecuteNonQueryAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
        return true;
    }

    /// <summary>What stood in an index at a position, in its order, after a place if one is given.</summary>
    public async Task<IReadOnlyList<StoodThere>> List(
        IProjection projection, string index, long position, StoodThere? after, int limit, bool descending, CancellationToken cancel)
    {
        var (beyond, order) = descending ? ("<", "desc") : (">", "asc");
        await using var command = pool.Source.CreateCommand(
            $"""
            select sort, key, group_id from eventfiles.past_places
            where index_name = $1 and from_position <= $2 and (to_position is null or to_position > $2)
              {(after is null ? "" : $"and (sort, key) {beyond} ($4, $5)")}
            order by sort {order}, key {order} limit $3
            """);
        AddText(command, Named(projection, index));
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        if (after is { } place)
        {
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = Bytes(place.Sort) });
            AddText(command, place.Key);
        }

        var found = new List<StoodThere>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            found.Add(Read(rows));
        return found;
    }

    private static StoodThere Read(NpgsqlDataReader row) => new(
        Encoding.BigEndianUnicode.GetString(row.GetFieldValue<byte[]>(0)), row.GetString(1), row.GetString(2));

    // As Marten names the rows of a projection's versions.
    private static string Row(IProjection projection) =>
        projection.Version == 1 ? $"Past.{projection.Name}:All" : $"Past.{projection.Name}:V{projection.Version}:All";

    private static string Prefix(IProjection projection) => $"{projection.Name}.{projection.Version}:";

    private static string Named(IProjection projection, string index) => Prefix(projection) + index;

    private static byte[] Bytes(string sort) => Encoding.BigEndianUnicode.GetBytes(sort);

    private static void AddPlaces(NpgsqlCommand command, IProjection projection, IReadOnlyList<PlaceInPast> places)
    {
        AddEach(command, NpgsqlDbType.Text, places, place => Named(projection, place.Index));
        AddEach(command, NpgsqlDbType.Bytea, places, place => Bytes(place.Sort));
        AddEach(command, NpgsqlDbType.Text, places, place => place.Key);
    }

    private static void AddText(NpgsqlCommand command, string text) =>
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });

    private static void AddEach<TItem, T>(NpgsqlCommand command, NpgsqlDbType type, IReadOnlyList<TItem> items, Func<TItem, T> value) =>
        command.Parameters.Add(new NpgsqlParameter<T[]>
        {
            TypedValue = [.. items.Select(value)],
            NpgsqlDbType = NpgsqlDbType.Array | type,
        });
}

/// <summary>A place in an index, and whose it is.</summary>
internal readonly record struct PlaceInPast(string Index, string Sort, string Key);

/// <summary>A place that was left at a position.</summary>
internal readonly record struct ClosedPlace(PlaceInPast Place, long Position);

/// <summary>A place that was taken at a position, and left again at another unless that is null.</summary>
internal readonly record struct OpenedPlace(PlaceInPast Place, long From, long? To, string Group, AccountId Tenant);

/// <summary>A view that stood in an index.</summary>
/// <param name="Group">The streams that tell of it.</param>
internal readonly record struct StoodThere(string Sort, string Key, string Group);
