using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>Transactions that wait for a lane share a commit, and nothing else.</summary>
public sealed class AppendTogetherTests(PostgresFixture postgres)
{
    private const int Writers = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_who_wait_share_a_commit()
    {
        await using var store = new Store(await postgres.CreateDatabase());

        var all = new Meeting(Writers);

        var answers = await Task.WhenAll(NotesApart().Select(note => store.Streams.Transact<string>(
            async transaction =>
            {
                var no = await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand("hello"));
                await all.Arrive();
                return no is null ? "" : no;
            },
            Cancel)));

        Assert.All(answers, answer => Assert.IsType<Answer<string>.Yes>(answer));
        Assert.Equal(Writers, await store.Scalar<long>("select count(*) from mt_events"));
        Assert.InRange(await store.Scalar<long>("select count(distinct xmin::text) from mt_events"), 1, Writers / 2);
    }

    [Fact]
    public async Task Who_appends_does_not_go_through_the_connections_that_many_readers_opened()
    {
        await using var store = new Store(await postgres.CreateDatabase());
        await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => store.Scalar<string>("select pg_sleep(0.2)::text")));
        var servers = new HashSet<int>();

        for (var number = 0; number < 60; number++)
        {
            await store.Write($"note-{number}", "hello");
            servers.Add(await store.Scalar<int>(
                """
                select pid from pg_stat_activity
                where datname = current_database() and query like '%into public.mt_events%' and pid <> pg_backend_pid()
                order by query_start desc limit 1
                """));
        }

        Assert.InRange(servers.Count, 1, 2);
    }

    [Fact]
    public async Task Each_is_told_its_own_position()
    {
        await using var store = new Store(await postgres.CreateDatabase());

        var answers = await Task.WhenAll(Enumerable.Range(0, Writers).Select(number => Two(store, $"note-{number}")));

        for (var number = 0; number < Writers; number++)
        {
            var told = Assert.IsType<Answer<string>.Yes>(answers[number]).Position;
            Assert.Equal(
                told, await store.Scalar<long>("select seq_id from mt_events where stream_id = $1 and version = 2", $"note-{number}"));
        }
    }

    [Fact]
    public async Task Who_is_refused_takes_nobody_along()
    {
        await using var store = new Store(await postgres.CreateDatabase());
        Assert.IsType<Answer<string>.Yes>(await Title(store, "note-first", "taken"));

        var answers = await Task.WhenAll(Enumerable.Range(0, Writers).Select(number =>
            Title(store, $"note-{number}", number % 3 == 0 ? "taken" : $"title {number}")));

        Assert.All(
            answers.Index(),
            one => Assert.Equal(one.Index % 3 == 0 ? Note.TitleTaken : null, one.Item.Refusal));
        Assert.Equal(1 + answers.Count(answer => answer.Refusal is null), await store.Scalar<long>("select count(*) from mt_events"));
    }

    [Fact]
    public async Task Of_those_who_want_the_same_name_at_once_one_gets_it()
    {
        await using var store = new Store(await postgres.CreateDatabase());

        var answers = await Task.WhenAll(Enumerable.Range(0, Writers).Select(number => Title(store, $"note-{number}", $"title {number % 10}")));

        Assert.Equal(10, answers.Count(answer => answer.Refusal is null));
        Assert.Equal(10L, await store.Scalar<long>("select count(*) from eventfiles.claims"));
    }

    [Fact]
    public async Task Another_node_in_between_is_noticed_by_each()
    {
        var database = await postgres.CreateDatabase();
        await using var one = new Store(database);
        await using var other = new Store(database);

        // Both know the streams from memory, and each is wrong about what the other has written.
        for (var round = 0; round < 5; round++)
        {
            var text = $"round {round}";
            await Task.WhenAll(Enumerable.Range(0, 2 * Writers).Select(number =>
                (number % 2 == 0 ? one : other).Write($"note-{number / 2}", $"{text} by {number % 2}")));
        }

        Assert.Equal(5L * 2 * Writers, await one.Scalar<long>("select count(*) from mt_events"));
        Assert.Equal(0L, await one.Scalar<long>("select count(*) from mt_streams s where version <> (select count(*) from mt_events where stream_id = s.id)"));
    }

    [Fact]
    public async Task A_stream_that_all_look_at_may_be_looked_at_by_all()
    {
        await using var store = new Store(await postgres.CreateDatabase());
        await store.Write("folder", "here");
        var all = new Meeting(Writers);

        var answers = await Task.WhenAll(NotesApart().Select(note => store.Streams.Transact<string>(
            async transaction =>
            {
                var folder = await transaction.Load(Note.Of("folder"), Note.Decider);
                var no = await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand(folder.Text));
                await all.Arrive();
                return no is null ? "" : no;
            },
            Cancel)));

        Assert.All(answers, answer => Assert.Null(answer.Refusal));
        Assert.InRange(await store.Scalar<long>("select count(distinct xmin::text) from mt_events"), 1, Writers / 2);
    }

    [Fact]
    public async Task Who_waits_for_a_lock_holds_nobody_up()
    {
        // However long the others take, those who wait do not give up before.
        await using var store = new Store(await postgres.CreateDatabase() + ";Command Timeout=600");
        // In one process two streams may share a lock: those who are not held must not share one with those who are.
        string[] waiting = [.. Enumerable.Range(0, 4).Select(number => $"note-held-{number}")];
        var locks = waiting.Select(StreamLocks.NumberOf).ToHashSet();
        var free = Enumerable.Range(0, Writers).Select(number => $"note-{number}").Where(note => !locks.Contains(StreamLocks.NumberOf(note)));
        foreach (var note in waiting)
            await store.Write(note, "first");
        await using var other = await store.Database.OpenConnectionAsync(Cancel);
        await using var holding = await other.BeginTransactionAsync(Cancel);
        await using var hold = new NpgsqlCommand("set local idle_in_transaction_session_timeout = 0; select from mt_streams for update", other);
        await hold.ExecuteNonQueryAsync(Cancel);
        var held = waiting.Select(note => store.Write(note, "second")).ToList();

        await Task.WhenAll(free.Select(note => store.Write(note, "hello")));

        Assert.All(held, one => Assert.False(one.IsCompleted));
        await holding.RollbackAsync(Cancel);
        Assert.All(await Task.WhenAll(held), answer => Assert.Null(answer.Refusal));
    }

    [Fact]
    public void Nobody_goes_with_one_who_could_make_it_fail()
    {
        Assert.True(Together(Writes("a"), Writes("b")));
        Assert.False(Together(Writes("a"), Writes("a")));
        Assert.True(Together(Reads("b", "a"), Reads("c", "a")));
        Assert.False(Together(Reads("b", "a"), Writes("a")));
        Assert.False(Together(Writes("a"), Reads("b", "a")));
        Assert.True(Together(Claims("a", Claim.Of("a", "titles", "x", Note.TitleTaken)), Claims("b", Claim.Of("b", "titles", "y", Note.TitleTaken))));
        Assert.False(Together(Claims("a", Claim.Of("a", "titles", "x", Note.TitleTaken)), Claims("b", Claim.Of("b", "titles", "x", Note.TitleTaken))));
        Assert.False(Together(Claims("a", Claim.None("a")), Claims("b", Claim.None("a"))));
        Assert.False(Together(Writes("b"), Claims("a", Claim.Close("a", "titles", Note.TitlesHeld))));
        Assert.False(Together(Claims("a", Claim.Close("a", "titles", Note.TitlesHeld)), Writes("b")));
    }

    private static bool Together(AppendRows one, AppendRows other)
    {
        var company = new AppendCompany();
        Assert.True(company.Admits(one));
        return company.Admits(other);
    }

    private static AppendRows Writes(string stream) => Rows([Seen(stream, 1, 2)]);

    private static AppendRows Reads(string written, string read) => Rows([Seen(written, 1, 2), Seen(read, 7, 7)]);

    private static AppendRows Claims(string stream, Claim claim) => Rows([Seen(stream, 1, 2)], (claim, Note.Owner));

    private static AppendRows Rows(Touched[] streams, params (Claim, AccountId)[] claims) =>
        new(DateTimeOffset.UnixEpoch, new Origin(null, null, null), streams, [], claims);

    private static Touched Seen(string stream, long loaded, long becomes) =>
        new(Note.Of(stream), States.KeyOf<NoteState>(Note.Of(stream)), new StreamState(loaded, new NoteState("", 0)), null) { Version = becomes };

    // No two of them wait for each other.
    private static IEnumerable<string> NotesApart() => Enumerable.Range(0, int.MaxValue).Select(number => $"note-{number}")
        .DistinctBy(note => StreamLocks.NumberOf(Note.Of(note).Name)).Take(Writers);

    private static Task<Answer<string>> Two(Store store, string note) => store.Streams.Transact<string>(
        async transaction =>
            await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand("one")) is { } no ? no
            : await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand("two")) is { } not ? not
            : note,
        Cancel);

    private static Task<Answer<string>> Title(Store store, string note, string title) =>
        store.Write(note, new NoteCommand("", new NoteEvent.Titled(note, title)));

    /// <summary>All have decided before the first of them writes: else a slow machine lets each write alone.</summary>
    private sealed class Meeting(int all)
    {
        private readonly TaskCompletionSource everybody = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int here;

        public Task Arrive()
        {
            if (Interlocked.Increment(ref here) >= all)
                everybody.TrySetResult();
            return everybody.Task;
        }
    }
}
