using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>What a reader knows of open transactions must outlive a crash of the server. On a cluster of its own.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly PostgresFixture postgres = new();
    private string database = "";
    private Store store = null!;

    public async ValueTask InitializeAsync()
    {
        await postgres.InitializeAsync();
        database = await postgres.CreateDatabase();
        // What was answered is on the disk, as it is outside of tests.
        store = new Store(database + ";Options=-c synchronous_commit=on");
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await postgres.DisposeAsync();
    }

    // Prepared, a transaction outlives its session; after a restart its locks bear another name.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_writer_that_prepares_its_commit_is_waited_for_whatever_happens_to_the_server(bool itCrashes)
    {
        Assert.Equal(0, (await store.Feed.After(0, 10, null, TimeSpan.Zero, Cancel)).Upto);
        await using (var connection = await store.Database.OpenConnectionAsync(Cancel))
        {
            await Run(connection, "begin; insert into mt_streams (id, version) values ('note-slow', 1);" + EventByHand);
            await store.Write("note-1", "after");
            Assert.Empty((await store.Feed.After(0, 10, null, TimeSpan.Zero, Cancel)).Events);
            await Run(connection, "prepare transaction 'later'");
        }

        if (itCrashes)
            await Crash();

        Assert.Empty((await store.Feed.After(0, 10, null, TimeSpan.FromMilliseconds(300), Cancel)).Events);
        await using (var connection = await store.Database.OpenConnectionAsync(Cancel))
            await Run(connection, "commit prepared 'later'");
        var page = await store.Feed.After(0, 10, null, Long, Cancel);
        Assert.Equal(["note-slow", "note-1"], page.Events.Select(happened => happened.Stream.Name), StringComparer.Ordinal);
    }

    // Nobody waits until the end of a sequence is on the disk, only until a commit is. (The server may have written it
    // down all the same: then the number is a new one, and the test proves nothing this time.)
    [Fact]
    public async Task A_number_that_is_drawn_again_after_a_crash_is_read()
    {
        await store.Write("note-1", "before");
        await using (var connection = await store.Database.OpenConnectionAsync(Cancel))
        {
            await Run(
                connection,
                """
                begin; insert into mt_streams (id, version) values ('note-gone', 1);
                select nextval('mt_events_sequence') from generate_series(1, 100); rollback
                """);
        }

        // A reader that brings nothing to the disk: one that has written down its place a moment ago.
        await using var node = new Store(database);
        var reader = await node.Feed.After(0, 10, null, Long, Cancel);
        await Crash();
        node.Get<EventPool>().Clear();
        var again = (await store.Write("note-1", "after")).EventPosition;

        Assert.Equal(again, Assert.Single((await node.Feed.After(reader.Upto, 10, null, Long, Cancel)).Events).Position);
    }

    private const string EventByHand =
        """
        insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
        values (nextval('mt_events_sequence'), gen_random_uuid(), 'note-slow', 1, '{"text":"slow"}', 'notes.written.v1', now())
        """;

    private async Task Crash()
    {
        await postgres.Crash();
        store.Get<EventPool>().Clear();
    }

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
