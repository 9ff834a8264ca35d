using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>The snapshots of streams, for whoever compares them with the log. What no reader would use is not among them.</summary>
public sealed class KeptStates(NpgsqlDataSource database)
{
    /// <summary>The streams whose names begin with a word and a dash, by name.</summary>
    public async Task<IReadOnlyList<StreamId>> StreamsOf(string word, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(
            "select id, tenant_id from public.mt_streams where id like $1 order by id");
        command.Parameters.AddWithValue($"{word}-%");
        var found = new List<StreamId>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            found.Add(new StreamId(rows.GetString(0), new AccountId(Guid.Parse(rows.GetString(1)))));
        return found;
    }

    /// <summary>The one that is kept of a stream; null when there is none that a reader would use.</summary>
    public async Task<KeptState?> Find(StreamId stream, SnapshotShape shape, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(shape);
        await using var command = database.CreateCommand(
            """
            select s.version, e.seq_id, s.state from eventfiles.snapshots s
            join public.mt_events e on e.stream_id = s.stream_id and e.version = s.version and e.id = s.event_id
            where s.stream_id = $1 and s.name = $2 and s.state_version = $3
            """);
        Name(command, stream, shape);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = shape.Version, NpgsqlDbType = NpgsqlDbType.Integer });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        return await rows.ReadAsync(cancel)
            ? new KeptState(rows.GetInt64(0), rows.GetInt64(1), await rows.GetFieldValueAsync<byte[]>(2, cancel))
            : null;
    }

    /// <summary>Forgets it: whoever needs the state reads the stream from its beginning.</summary>
    public async Task Forget(StreamId stream, SnapshotShape shape, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(shape);
        await using var command = database.CreateCommand("delete from eventfiles.snapshots where stream_id = $1 and name = $2");
        Name(command, stream, shape);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void Name(NpgsqlCommand command, StreamId stream, SnapshotShape shape)
    {
        command.Parameters.AddWithValue(stream.Name);
        command.Parameters.AddWithValue(shape.Name);
    }
}

/// <summary>A snapshot as it lies in the database.</summary>
/// <param name="Version">Of how many events of the stream.</param>
/// <param name="Position">The place of the last of them in the log.</param>
/// <param name="Json">The state.</param>
public sealed record KeptState(long Version, long Position, ReadOnlyMemory<byte> Json)
{
    /// <summary>Whether it is the state that follows from the events, whatever order its parts are written in.</summary>
    public bool Is<TState>(TState state) where TState : class => JsonNode.DeepEquals(
        JsonSerializer.SerializeToNode(state, EventTypes.Json), Parsed());

    /// <summary>A part of it; null when it is not there or cannot be read.</summary>
    public TPart? Read<TPart>(string name) where TPart : class
    {
        try
        {
            return Parsed()?[name].Deserialize<TPart>(EventTypes.Json);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private JsonNode? Parsed()
    {
        try
        {
            return JsonNode.Parse(Json.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
