using EventFiles.Features.Quota;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class StreamsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Store store = null!;

    public async ValueTask InitializeAsync() => store = new Store(await postgres.CreateDatabase());

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task What_was_decided_is_read_back_with_all_that_is_known_of_it()
    {
        var actor = new AccountId(Guid.CreateVersion7());
        Origin.Current = new Origin(actor, "trace", "cause");
        var before = DateTimeOffset.UtcNow.AddMilliseconds(-1);

        var answer = Assert.IsType<Answer<string>.Yes>(await store.Write("note-1", "first"));
        await store.Write("note-1", "second");

        var events = await store.Streams.Read("note-1", 0, Cancel).ToListAsync(Cancel);
        Assert.Equal([new NoteEvent.Written("first"), new NoteEvent.Written("second")], events.Select(happened => happened.Fact));
        Assert.Equal([1, 2], events.Select(happened => happened.Version));
        Assert.Equal(answer.Position, events[0].Position);
        Assert.True(events[1].Position > events[0].Position);
        Assert.All(events, happened =>
        {
            Assert.Equal(Note.Of("note-1"), happened.Stream);
            Assert.Equal("notes.written.v1", happened.Name);
            Assert.Equal(7, happened.Id.Version);
            Assert.InRange(happened.At, before, DateTimeOffset.UtcNow);
            Assert.Equal((actor, "trace", "cause"), (happened.Actor, happened.CorrelationId, happened.CausationId));
        });
    }

    [Fact]
    public async Task A_stream_row_says_how_far_its_stream_is()
    {
        await store.Write("note-1", "first");
        await store.Write("note-1", "second");

        Assert.Equal(
            $"note-1|2|{Note.Owner}|false",
            await store.Scalar<string>("select concat_ws('|', id, version, tenant_id, is_archived::text) from mt_streams"));
        Assert.Equal(0L, await store.Scalar<long>("select count(*) from mt_events where mt_dotnet_type is not null"));
    }

    [Fact]
    public async Task What_is_already_so_appends_nothing_and_has_no_position()
    {
        await store.Write("note-1", "same");

        var again = Assert.IsType<Answer<string>.Yes>(await store.Write("note-1", "same"));

        Assert.Equal(0, again.Position);
        Assert.Single(await store.Streams.Read("note-1", 0, Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_refusal_appends_nothing_of_what_was_decided_before()
    {
        var answer = await store.Streams.Transact<string>(async transaction =>
        {
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("yes"));
            return await transaction.Decide(Note.Of("note-2"), Note.Decider, new NoteCommand("")) is { } no ? no : "";
        }, Cancel);

        Assert.Equal(Note.Empty, answer.Refusal);
        Assert.Equal(0L, await store.Scalar<long>("select count(*) from mt_events"));
    }

    [Fact]
    public async Task A_later_decision_in_a_transaction_sees_the_earlier_one()
    {
        await store.Streams.Transact<string>(async transaction =>
        {
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("one"));
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("one"));
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("two"));
            return (await transaction.Load(Note.Of("note-1"), Note.Decider)).Text;
        }, Cancel);

        Assert.Equal(2, (await store.Streams.Load(Note.Of("note-1"), Note.Decider, Cancel)).Events);
    }

    [Fact]
    public async Task Whoever_meets_a_faster_writer_decides_anew_on_what_that_one_wrote()
    {
        await store.Write("note-1", "first");
        await using var otherNode = new Store(store.ConnectionString);
        var seen = new List<string>();

        var answer = await store.Streams.Transact<string>(async transaction =>
        {
            seen.Add((await transaction.Load(Note.Of("note-1"), Note.Decider)).Text);
            if (seen.Count == 1)
                await otherNode.Write("note-1", "faster");
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("mine"));
            return "done";
        }, Cancel);

        Assert.True(answer is Answer<string>.Yes);
        Assert.Equal(["first", "faster"], seen);
        Assert.Equal([1, 2, 3], await store.Streams.Read("note-1", 0, Cancel).Select(happened => happened.Version).ToListAsync(Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_was_only_loaded_must_not_have_changed_either(bool itExists)
    {
        if (itExists)
            await store.Write("note-read", "old");
        await using var otherNode = new Store(store.ConnectionString);
        var seen = new List<string>();

        await store.Streams.Transact<string>(async transaction =>
        {
            seen.Add((await transaction.Load(Note.Of("note-read"), Note.Decider)).Text);
            if (seen.Count == 1)
                await otherNode.Write("note-read", "new");
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("follows " + seen[^1]));
            return "done";
        }, Cancel);

        Assert.Equal([itExists ? "old" : "", "new"], seen);
        Assert.Equal("follows new", (await store.Streams.Load(Note.Of("note-1"), Note.Decider, Cancel)).Text);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Of_two_deciders_on_one_stream_the_one_that_added_tells_where_it_stands(bool itExists, bool othersFirst)
    {
        if (itExists)
            await store.Write("note-1", "first");
        var attempts = 0;

        var answer = await store.Streams.Transact<string>(async transaction =>
        {
            attempts++;
            if (othersFirst)
                await transaction.Load(Note.Of("note-1"), Counter);
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("mine"));
            if (!othersFirst)
                await transaction.Load(Note.Of("note-1"), Counter);
            return "done";
        }, Cancel);

        Assert.True(answer is Answer<string>.Yes { Position: > 0 });
        Assert.Equal(1, attempts);
        var version = itExists ? 2 : 1;
        Assert.Equal((long)version, await store.Scalar<long>("select version from mt_streams where id = 'note-1'"));
        await store.Write("note-1", "and more");
        Assert.Equal(version + 1, (await store.Streams.Load(Note.Of("note-1"), Counter, Cancel)).Count);
    }

    [Fact]
    public async Task Of_two_deciders_on_one_stream_neither_may_know_less_than_the_log()
    {
        await store.Write("note-1", "first");
        await store.Streams.Load(Note.Of("note-1"), Counter, Cancel);
        // Memory is now newer for the one than for the other.
        await store.Write("note-1", "second");
        var seen = new List<int>();

        await store.Streams.Transact<string>(async transaction =>
        {
            seen.Add((await transaction.Load(Note.Of("note-1"), Counter)).Count);
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand($"after {seen[^1]}"));
            return "done";
        }, Cancel);

        Assert.Equal("after 2", (await store.Streams.Load(Note.Of("note-1"), Note.Decider, Cancel)).Text);
        Assert.Equal([1, 2], seen);
    }

    [Fact]
    public async Task Two_deciders_that_add_to_one_stream_are_a_mistake()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.Streams.Transact<string>(async transaction =>
        {
            await transaction.Decide(Note.Of("note-1"), Adder, new NoteCommand("one"));
            return await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("two")) is { } no ? no : "";
        }, Cancel));
        Assert.Equal(0L, await store.Scalar<long>("select count(*) from mt_events"));
    }
    [Fact]
    public async Task No_is_said_on_the_newest_state_only()
    {
        await store.Write("note-1", "here");
        await using var otherNode = new Store(store.ConnectionString);
        await otherNode.Write("note-1", "there");

        var answer = Assert.IsType<Answer<string>.Yes>(await store.Write("note-1", "here"));

        Assert.NotEqual(0, answer.Position);
        Assert.Equal(3, (await store.Streams.Load(Note.Of("note-1"), Note.Decider, Cancel)).Events);
    }

    [Fact]
    public async Task A_state_is_what_another_node_has_just_written()
    {
        await store.Write("note-1", "here");
        await using var otherNode = new Store(store.ConnectionString);
        await otherNode.Write("note-1", "there");

        Assert.Equal("there", (await store.Streams.Load(Note.Of("note-1"), Note.Decider, Cancel)).Text);
    }

    [Fact]
    public async Task Memory_that_contradicts_the_log_is_thrown_away()
    {
        await store.Write("note-1", "one");
        await store.Write("note-1", "two");
        await PostgresFixture.AsOwner(store.ConnectionString, "delete from mt_events where version = 2; update mt_streams set version = 1");

        await store.Write("note-1", "three");

        Assert.Equal(
            [new NoteEvent.Written("one"), new NoteEvent.Written("three")],
            await store.Streams.Read("note-1", 0, Cancel).Select(happened => happened.Fact).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Work_that_is_overtaken_for_ever_gives_up()
    {
        await store.Write("note-1", "0");
        await using var otherNode = new Store(store.ConnectionString);
        var attempts = 0;

        await Assert.ThrowsAsync<TransientException>(() => store.Streams.Transact<string>(async transaction =>
        {
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("mine"));
            await otherNode.Write("note-1", $"{++attempts}");
            return "done";
        }, Cancel));

        Assert.Equal(12, attempts);
    }

    [Fact]
    public async Task Sixty_four_uploads_at_once_never_take_more_than_the_limit()
    {
        var owner = new AccountId(Guid.CreateVersion7());
        var stream = QuotaDecider.StreamOf(owner);
        await using var otherNode = new Store(store.ConnectionString);
        await Ask(store, new QuotaCommand.SetLimit(1000));

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(async number =>
        {
            await Task.Yield();
            var node = number % 4 == 0 ? otherNode : store;
            return await Ask(node, new QuotaCommand.Reserve(new(Guid.CreateVersion7()), 30, DateTimeOffset.UtcNow));
        }));

        Assert.Equal(33, answers.Count(answer => answer.Refusal is null));
        Assert.All(answers.Where(answer => answer.Refusal is not null), answer => Assert.Equal(QuotaRejection.Exceeded, answer.Refusal));
        var space = await store.Streams.Load(stream, QuotaDecider.Decider, Cancel);
        Assert.Equal(990, space.Balance.ReservedBytes);
        Assert.Equal(34, await store.Streams.Read(stream.Name, 0, Cancel).CountAsync(Cancel));

        Task<Answer<Done>> Ask(Store node, QuotaCommand command) => node.Streams.Transact<Done>(async transaction =>
        {
            // As an upload does: its own stream first, then the owner's space.
            await transaction.Decide(Note.Of("upload-" + Guid.NewGuid()), Note.Decider, new NoteCommand("begun"));
            return await transaction.Decide(stream, QuotaDecider.Decider, command) is { } no ? no : default(Done);
        }, Cancel);
    }

    [Fact]
    public async Task Writers_that_touch_the_same_streams_in_opposite_orders_all_come_through()
    {
        var runs = await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            await Task.Yield();
            string[] names = number % 2 == 0 ? ["note-a", "note-b", "note-c"] : ["note-c", "note-b", "note-a"];
            return await store.Streams.Transact<Done>(async transaction =>
            {
                foreach (var name in names)
                    await transaction.Decide(Note.Of(name), Note.Decider, new NoteCommand($"{number}"));
                return default(Done);
            }, Cancel);
        }));

        Assert.All(runs, answer => Assert.Null(answer.Refusal));
        Assert.Equal(600L, await store.Scalar<long>("select count(*) from mt_events"));
        Assert.Equal(3L, await store.Scalar<long>("select count(*) from mt_streams where version = 200"));
    }

    [Fact]
    public async Task A_statement_that_waits_too_long_leaves_nothing_locked_here()
    {
        await store.Write("note-1", "first");
        await using var impatient = new Store(store.ConnectionString + ";Command Timeout=1");
        await using var other = await store.Database.OpenConnectionAsync(Cancel);
        await using var holding = await other.BeginTransactionAsync(Cancel);
        await using var hold = new NpgsqlCommand("select from mt_streams for update", other);
        await hold.ExecuteNonQueryAsync(Cancel);

        await Assert.ThrowsAsync<NpgsqlException>(() => impatient.Write("note-1", "late"));
        await holding.RollbackAsync(Cancel);

        Assert.Null((await impatient.Write("note-1", "second")).Refusal);
    }

    // Another look at the same events, as a slice has that decides by what it needs of another's stream.
    private static readonly Decider<NoteCommand, NoteCount, NoteEvent> Counter = new(
        new NoteCount(0), (state, _) => new NoteCount(state.Count + 1), (_, _, _) => Decision<NoteEvent>.AlreadySo);

    private static readonly Decider<NoteCommand, NoteCount, NoteEvent> Adder =
        Counter with { Decide = (_, command, _) => new NoteEvent.Written(command.Text) };

    private sealed record NoteCount(int Count);
}
