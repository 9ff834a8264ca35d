using System.Diagnostics;
using EventFiles.Features.Quota;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class EventFeedTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Store store = null!;

    public async ValueTask InitializeAsync() => store = new Store(await postgres.CreateDatabase());

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_page_ends_where_the_next_one_begins()
    {
        foreach (var number in Enumerable.Range(0, 7))
            await store.Write("note-1", $"{number}");

        var first = await store.Feed.After(0, 4, null, Long, Cancel);
        var second = await store.Feed.After(first.Upto, 4, null, Long, Cancel);

        Assert.Equal([1, 2, 3, 4], first.Events.Select(happened => happened.Version));
        Assert.Equal([5, 6, 7], second.Events.Select(happened => happened.Version));
        Assert.Equal(second.Events[^1].Position, second.Upto);
    }

    [Fact]
    public async Task Only_the_facts_that_were_asked_for_come_and_the_others_count_as_seen()
    {
        await store.Write("note-1", "x");
        await store.Write("note-1", new NoteCommand("", new NoteEvent.Titled("note-1", "T")));
        var last = await store.Write("note-1", "y");

        var page = await store.Feed.After(0, 10, new HashSet<Type> { typeof(NoteEvent.Titled) }, Long, Cancel);
        var other = await store.Feed.After(0, 10, new HashSet<Type> { typeof(QuotaEvent.Freed) }, Long, Cancel);

        Assert.Equal("T", Assert.IsType<NoteEvent.Titled>(Assert.Single(page.Events).Fact).Title);
        Assert.Empty(other.Events);
        Assert.Equal(last.EventPosition, page.Upto);
        Assert.Equal(last.EventPosition, other.Upto);
    }

    [Fact]
    public async Task What_cannot_be_read_stands_in_its_place_and_whoever_loads_its_stream_is_told()
    {
        await store.Write("note-1", "x");
        await PostgresFixture.AsOwner(
            store.ConnectionString, """update mt_events set data = '{"text": 7}' where stream_id = 'note-1'""");
        await store.Write("note-2", "y");

        var page = await store.Feed.After(0, 10, new HashSet<Type> { typeof(NoteEvent.Written) }, Long, Cancel);

        Assert.Equal(typeof(NoteEvent.Written), Assert.IsType<Unreadable>(page.Events[0].Fact).Fact);
        Assert.Equal(new NoteEvent.Written("y"), page.Events[1].Fact);
        await Assert.ThrowsAsync<System.Text.Json.JsonException>(
            async () => await store.Streams.Read("note-1", 0, Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_waiting_reader_is_woken_by_a_commit()
    {
        await store.Write("note-1", "first");
        var position = (await store.Feed.After(0, 10, null, Long, Cancel)).Upto;
        var waiting = store.Feed.After(position, 10, null, Long, Cancel);
        Assert.False(waiting.IsCompleted);
        var started = Stopwatch.GetTimestamp();

        await store.Write("note-1", "second");

        Assert.Equal(new NoteEvent.Written("second"), Assert.Single((await waiting).Events).Fact);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_commit_of_another_node_is_found_without_a_sound()
    {
        await using var otherNode = new Store(store.ConnectionString);
        var waiting = store.Feed.After(0, 10, null, Long, Cancel);

        await otherNode.Write("note-1", "from afar");

        Assert.Single((await waiting).Events);
    }

    [Fact]
    public async Task When_nothing_happens_the_page_is_empty_and_the_place_is_kept()
    {
        var position = (await store.Write("note-1", "x")).EventPosition;

        Assert.Equal(position, (await store.Feed.After(position, 10, null, TimeSpan.FromMilliseconds(50), Cancel)).Upto);
        Assert.Equal(position, (await store.Feed.After(0, 10, null, TimeSpan.Zero, Cancel)).Upto);
    }

    [Fact]
    public async Task Numbers_behind_an_open_transaction_wait_for_it()
    {
        await store.Write("note-1", "before");
        var position = (await store.Feed.After(0, 10, null, Long, Cancel)).Upto;
        await using var slow = await Writer(store.Database, "note-slow");
        await store.Write("note-1", "after");

        Assert.Empty((await store.Feed.After(position, 10, null, TimeSpan.FromMilliseconds(300), Cancel)).Events);
        await slow.Commit();

        var page = await store.Feed.After(position, 10, null, Long, Cancel);
        Assert.Equal(["note-slow", "note-1"], page.Events.Select(happened => happened.Stream.Name), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_new_reader_waits_for_open_transactions_too()
    {
        await using var slow = await Writer(store.Database, "note-slow");
        await store.Write("note-1", "after");
        await using var freshNode = new Store(store.ConnectionString);

        Assert.Empty((await freshNode.Feed.After(0, 10, null, TimeSpan.FromMilliseconds(300), Cancel)).Events);
        await slow.Commit();

        Assert.Equal(2, (await freshNode.Feed.After(0, 10, null, Long, Cancel)).Events.Count);
    }

    [Fact]
    public async Task A_number_that_was_rolled_back_is_not_waited_for()
    {
        await using (await Writer(store.Database, "note-gone"))
        {
            // Drawn and given up.
        }

        await store.Write("note-1", "after");

        Assert.Single((await store.Feed.After(0, 10, null, Long, Cancel)).Events);
    }

    [Fact]
    public async Task A_transaction_that_sits_idle_is_ended_and_readers_go_on()
    {
        await using var source = NpgsqlDataSource.Create(
            store.ConnectionString + ";Pooling=false;Options=-c idle_in_transaction_session_timeout=700ms");
        await store.Write("note-1", "before");
        var position = (await store.Feed.After(0, 10, null, Long, Cancel)).Upto;
        await using var forgotten = await Writer(source, "note-forgotten");
        await store.Write("note-1", "after");

        Assert.Empty((await store.Feed.After(position, 10, null, TimeSpan.FromMilliseconds(200), Cancel)).Events);
        Assert.Single((await store.Feed.After(position, 10, null, Long, Cancel)).Events);
    }

    [Fact]
    public async Task A_long_transaction_that_writes_something_else_holds_nobody_up()
    {
        await using var source = NpgsqlDataSource.Create(PostgresFixture.AsOwner(store.ConnectionString));
        await using var connection = await source.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        await using (var other = new NpgsqlCommand("create table elsewhere (n int); select nextval('mt_events_sequence')", connection))
            await other.ExecuteNonQueryAsync(Cancel);
        await store.Write("note-1", "after a gap");

        Assert.Single((await store.Feed.After(0, 10, null, Long, Cancel)).Events);
    }

    [Fact]
    public async Task How_far_the_log_is_settled_is_written_down()
    {
        var position = (await store.Write("note-1", "x")).EventPosition;
        await store.Feed.After(0, 10, null, Long, Cancel);

        // Readers go on before it is noted.
        await Wait.Until(
            async () =>
            {
                await store.Feed.After(position, 10, null, TimeSpan.FromMilliseconds(1), Cancel);
                return await store.Scalar<long>(
                    "select coalesce(max(last_seq_id), 0) from mt_event_progression where name = 'HighWaterMark'") == position;
            },
            "the note");
    }

    [Fact]
    public async Task A_checkpoint_is_moved_by_whoever_knows_where_it_is()
    {
        var checkpoints = store.Checkpoints;

        Assert.Equal(0, await checkpoints.Load("quota", Cancel));
        Assert.True(await checkpoints.Move("quota", 0, 10, Cancel));
        Assert.False(await checkpoints.Move("quota", 0, 20, Cancel));
        Assert.False(await checkpoints.Move("quota", 9, 20, Cancel));
        Assert.True(await checkpoints.Move("quota", 10, 20, Cancel));
        Assert.Equal(20, await checkpoints.Load("quota", Cancel));
        Assert.Equal(20L, await store.Scalar<long>("select last_seq_id from mt_event_progression where name = 'quota:All'"));
    }

    [Fact]
    public async Task Of_two_nodes_that_make_the_same_checkpoint_one_wins()
    {
        var moved = await Task.WhenAll(Enumerable.Range(1, 8).Select(to => store.Checkpoints.Move("new", 0, to, Cancel)));

        Assert.Equal(1, moved.Count(won => won));
    }

    // The youngest transaction holds the lowest number, and nothing younger has finished: it is at or above the xmax of
    // every snapshot, so a reader that goes by snapshots takes its number for a hole.
    [Fact]
    public async Task A_number_that_the_youngest_transaction_drew_is_waited_for()
    {
        Assert.Equal(0, (await store.Feed.After(0, 10, null, TimeSpan.Zero, Cancel)).Upto);
        await using var connection = await store.Database.OpenConnectionAsync(Cancel);
        await using var older = await connection.BeginTransactionAsync(Cancel);
        await using (var first = new NpgsqlCommand("insert into mt_streams (id, version) values ('note-older', 1)", connection))
            await first.ExecuteNonQueryAsync(Cancel);
        await using var younger = await Writer(store.Database, "note-younger");
        await using (var second = new NpgsqlCommand(EventByHand, connection) { Parameters = { new("stream", "note-older") } })
            await second.ExecuteNonQueryAsync(Cancel);
        await older.CommitAsync(Cancel);

        Assert.Empty((await store.Feed.After(0, 10, null, TimeSpan.FromMilliseconds(300), Cancel)).Events);
        await younger.Commit();

        var page = await store.Feed.After(0, 10, null, Long, Cancel);
        Assert.Equal(["note-younger", "note-older"], page.Events.Select(happened => happened.Stream.Name), StringComparer.Ordinal);
    }

    private const string EventByHand =
        """
        insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
        values (nextval('mt_events_sequence'), gen_random_uuid(), @stream, 1, '{"text":"slow"}', 'notes.written.v1', now())
        """;

    // An append by hand that has done everything but commit.
    private static async Task<OpenWriter> Writer(NpgsqlDataSource source, string stream)
    {
        var connection = await source.OpenConnectionAsync(Cancel);
        var writer = new OpenWriter(connection, await connection.BeginTransactionAsync(Cancel));
        await using var append = new NpgsqlCommand(
            "insert into mt_streams (id, version) values (@stream, 1);" + EventByHand, connection);
        append.Parameters.AddWithValue("stream", stream);
        await append.ExecuteNonQueryAsync(Cancel);
        return writer;
    }

    private sealed class OpenWriter(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public Task Commit() => transaction.CommitAsync(Cancel);

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
