using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// States of long streams, kept beside the log. Written in the background by whoever folded them, and worth nothing but
/// time: one that is missing, of another shape or not of this log's past is as good as none.
/// </summary>
internal sealed class Snapshots(EventPool pool, ILogger<Snapshots> log) : IAsyncDisposable
{
    /// <summary>After so many events a state is worth keeping again.</summary>
    public const int Every = 500;

    private const string FindSql =
        """
        select s.version, s.event_id, s.state from eventfiles.snapshots s
        join public.mt_events e on e.stream_id = s.stream_id and e.version = s.version and e.id = s.event_id
        where s.stream_id = $1 and s.name = $2 and s.state_version = $3
        """;

    // A node of an older program must not take the place of what a newer one keeps.
    private const string KeepSql =
        """
        insert into eventfiles.snapshots as s (stream_id, name, state_version, version, event_id, state, tenant_id)
        select $1, $2, $3, $4, $5, $6, $7
        where exists (select from public.mt_events where stream_id = $1 and version = $4 and id = $5 and is_archived is not true)
        on conflict (stream_id, name) do update
        set state_version = excluded.state_version, version = excluded.version, event_id = excluded.event_id,
            state = excluded.state, tenant_id = excluded.tenant_id, taken_at = excluded.taken_at
        where (s.state_version, s.version) < (excluded.state_version, excluded.version)
        """;

    // What does not fit is dropped: the next writer of the stream offers its state again.
    private readonly Channel<Offer> offers = Channel.CreateBounded<Offer>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private Task? writing;

    /// <summary>The state kept last, if it is of this shape and of this stream's past.</summary>
    public async Task<StreamState?> Find<TState>(StreamId stream, SnapshotShape shape, CancellationToken cancel)
        where TState : class
    {
        await using var command = pool.Source.CreateCommand(FindSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = shape.Name });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = shape.Version });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        if (!await rows.ReadAsync(cancel))
            return null;

        try
        {
            var state = JsonSerializer.Deserialize<TState>(await rows.GetFieldValueAsync<byte[]>(2, cancel), EventTypes.Json);
            return state is null ? null : new StreamState(rows.GetInt64(0), state)
            {
                LastEvent = rows.GetGuid(1),
                Kept = rows.GetInt64(0),
            };
        }
        catch (JsonException unreadable)
        {
            log.LogWarning(unreadable, "The snapshot {Name} of {Stream} cannot be read; the stream is read from its beginning", shape.Name, stream.Name);
            return null;
        }
    }

    /// <summary>Keeps the state some time soon if it is far enough from the one kept last. Never waits.</summary>
    /// <returns>The state, which knows whether it is kept.</returns>
    public StreamState Keep(StreamId stream, SnapshotShape? shape, StreamState state)
    {
        if (shape is null || state.Version - state.Kept < Every || !offers.Writer.TryWrite(new Offer(stream, shape, state)))
            return state;
        lock (gate)
            writing ??= Task.Run(Write);
        return state with { Kept = state.Version };
    }

    public async ValueTask DisposeAsync()
    {
        offers.Writer.TryComplete();
        await stopping.CancelAsync();
        if (writing is not null)
            await writing;
        stopping.Dispose();
    }

    private async Task Write()
    {
        try
        {
            await foreach (var offer in offers.Reader.ReadAllAsync(stopping.Token))
                await Write(offer);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next node keeps them.
        }
    }

    private async Task Write(Offer offer)
    {
        var (stream, shape, state) = offer;
        try
        {
            await using var command = pool.Source.CreateCommand(KeepSql);
            var all = command.Parameters;
            all.Add(new NpgsqlParameter<string> { TypedValue = stream.Name });
            all.Add(new NpgsqlParameter<string> { TypedValue = shape.Name });
            all.Add(new NpgsqlParameter<int> { TypedValue = shape.Version });
            all.Add(new NpgsqlParameter<long> { TypedValue = state.Version });
            all.Add(new NpgsqlParameter<Guid> { TypedValue = state.LastEvent });
            all.Add(new NpgsqlParameter<byte[]>
            {
                TypedValue = JsonSerializer.SerializeToUtf8Bytes(state.State, state.State.GetType(), EventTypes.Json),
                NpgsqlDbType = NpgsqlDbType.Json,
            });
            all.Add(new NpgsqlParameter<string> { TypedValue = stream.Tenant.ToString() });
            await command.ExecuteNonQueryAsync(stopping.Token);
        }
        catch (Exception failed) when (failed is NpgsqlException or JsonException or NotSupportedException)
        {
            log.LogWarning(failed, "The state of {Stream} could not be kept; it is offered again later", stream.Name);
        }
    }

    private sealed record Offer(StreamId Stream, SnapshotShape Shape, StreamState State);
}
