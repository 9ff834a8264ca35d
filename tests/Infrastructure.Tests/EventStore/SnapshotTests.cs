using System.Text.Json;
using EventFiles.Features.Quota;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class SnapshotTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int Many = 2300;

    private static readonly AccountId Owner = new(Guid.Parse("00000000-0000-7000-8000-00000000000b"));
    private static readonly StreamId Space = QuotaDecider.StreamOf(Owner);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Store store = null!;

    public async ValueTask InitializeAsync() => store = new Store(await postgres.CreateDatabase());

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_long_stream_is_read_from_its_last_snapshot()
    {
        await Grow(Many);
        var kept = await Kept();
        Assert.InRange(kept, Many - Snapshots.Every, Many);

        await using var wire = new Wire(store.ConnectionString);
        await using var node = new Store(wire.ConnectionString);
        await node.Connect();
        var all = Written(await Folded(store));
        var (_, rows) = await wire.During(async () => Assert.Equal(all, Written(await Load(node))));

        // The snapshot's row, and the events after it.
        Assert.Equal(1 + Many - kept, rows);
    }

    [Fact]
    public async Task A_stream_that_is_always_in_memory_is_kept_too()
    {
        await Grow(Snapshots.Every);
        Assert.Equal(Snapshots.Every, await Kept());
        await Grow(Snapshots.Every);
        Assert.Equal(2 * Snapshots.Every, await Kept());
    }

    [Fact]
    public async Task A_stream_that_was_read_from_its_beginning_is_kept_by_who_read_it()
    {
        await Grow(Many);
        await Kept();
        await Run("delete from eventfiles.snapshots");

        await using var node = new Store(store.ConnectionString);
        Assert.Equal(Written(await Folded(store)), Written(await Load(node)));
        Assert.Equal(Many, await Kept());
    }

    [Theory]
    [InlineData("delete from eventfiles.snapshots")]
    [InlineData("update eventfiles.snapshots set state_version = 0")]
    [InlineData("update eventfiles.snapshots set state_version = 99")]
    [InlineData("update eventfiles.snapshots set name = 'other'")]
    [InlineData("update eventfiles.snapshots set state = '{\"balance\":7}'")]
    [InlineData("update eventfiles.snapshots set state = 'null'")]
    public async Task Without_a_snapshot_of_use_the_stream_is_read_from_its_beginning(string done)
    {
        await Grow(Snapshots.Every + 20);
        await Kept();
        await Run(done);

        await using var wire = new Wire(store.ConnectionString);
        await using var node = new Store(wire.ConnectionString);
        await node.Connect();
        var (_, rows) = await wire.During(async () => Assert.Equal(Written(await Load(store)), Written(await Load(node))));

        Assert.InRange(rows, Snapshots.Every + 20, Snapshots.Every + 21);
        Assert.Null((await Ask(node, new QuotaCommand.SetLimit(5))).Refusal);
    }

    // A restored backup ends before the snapshot was taken, and other things happen then.
    [Fact]
    public async Task A_snapshot_of_a_past_that_never_was_is_ignored()
    {
        await Grow(Snapshots.Every + 20);
        Assert.InRange(await Kept(), Snapshots.Every, Snapshots.Every + 20);
        await PostgresFixture.AsOwner(
            store.ConnectionString, "delete from mt_events where version > 100; update mt_streams set version = 100");

        await using (var node = new Store(store.ConnectionString))
        {
            Assert.Equal(Written(await Folded(node)), Written(await Load(node)));
            for (var after = 100; after < Snapshots.Every + 30; after++)
                Assert.Null((await Ask(node, new QuotaCommand.SetLimit(1_000_000 + after))).Refusal);
        }

        await using var another = new Store(store.ConnectionString);
        Assert.Equal(Written(await Folded(another)), Written(await Load(another)));
    }

    [Fact]
    public async Task A_node_of_an_older_program_leaves_a_newer_ones_snapshot_alone()
    {
        await Grow(Snapshots.Every);
        await Kept();
        await Run("update eventfiles.snapshots set state_version = 99, state = '{}'");
        await Grow(Snapshots.Every);
        var another = QuotaDecider.StreamOf(new(Guid.CreateVersion7()));
        await Grow(Snapshots.Every, another);

        // States are kept in the order in which they were offered.
        await Wait.Until(
            async () => await store.Scalar<bool>("select exists (select from eventfiles.snapshots where stream_id = $1)", another.Name),
            "the later state is kept");
        Assert.Equal(99, await store.Scalar<int>("select state_version from eventfiles.snapshots where stream_id = $1", Space.Name));
    }

    [Fact]
    public async Task A_snapshot_is_its_owners_and_can_be_found_by_that()
    {
        await Grow(Snapshots.Every);
        await Kept();

        var kept = QuotaDecider.Decider.Snapshots!;
        Assert.Equal($"{Owner}|{kept.Name}|{kept.Version}", await store.Scalar<string>("select concat_ws('|', tenant_id, name, state_version) from eventfiles.snapshots"));
    }

    [Fact]
    public async Task Short_streams_and_those_that_asked_for_none_have_none()
    {
        await Grow(Snapshots.Every - 1);
        for (var number = 0; number <= Snapshots.Every; number++)
            await store.Write("note-1", $"{number}");
        await Grow(1);

        Assert.Equal(Snapshots.Every, await Kept());
        Assert.Equal(1L, await store.Scalar<long>("select count(*) from eventfiles.snapshots"));
    }

    private async Task Grow(int events, StreamId? of = null)
    {
        var random = new Random(events);
        for (var left = events; left > 0;)
        {
            var some = Math.Min(left, 100);
            await store.Streams.Transact<Done>(async transaction =>
            {
                for (var number = 0; number < some; number++)
                {
                    var upload = new UploadId(Guid.CreateVersion7());
                    QuotaCommand command = random.Next(3) == 0
                        ? new QuotaCommand.SetLimit(random.NextInt64(1L << 40, 1L << 50))
                        : new QuotaCommand.Charge(upload, new(upload.Value), random.Next(1, 1000));
                    Assert.Null(await transaction.Decide(of ?? Space, QuotaDecider.Decider, command));
                }

                return default(Done);
            }, Cancel);
            left -= some;
        }
    }

    // As soon as there is one that is no more than the distance away from the stream's end.
    private async Task<long> Kept()
    {
        await Wait.Until(
            async () => await store.Scalar<bool>(
                "select exists (select from eventfiles.snapshots s join mt_streams t on t.id = s.stream_id where t.version - s.version < $1)",
                (long)Snapshots.Every),
            "the snapshot is written");
        return await store.Scalar<long>("select version from eventfiles.snapshots");
    }

    private static Task<Answer<Done>> Ask(Store node, QuotaCommand command) => node.Streams.Transact<Done>(
        async transaction => await transaction.Decide(Space, QuotaDecider.Decider, command) is { } no ? no : default(Done), Cancel);

    private static Task<QuotaState> Load(Store node) => node.Streams.Load(Space, QuotaDecider.Decider, Cancel);

    private static async Task<QuotaState> Folded(Store node) => QuotaDecider.Decider.Fold(
        await node.Streams.Read(Space.Name, 0, Cancel).Select(happened => (QuotaEvent)happened.Fact).ToListAsync(Cancel));

    private static string Written(QuotaState state) => JsonSerializer.Serialize(state, EventTypes.Json);

    private async Task Run(string sql)
    {
        await using var command = store.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}
