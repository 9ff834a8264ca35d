namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class ClaimsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Store store = null!;

    public async ValueTask InitializeAsync() => store = new Store(await postgres.CreateDatabase());

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_name_has_one_holder_and_the_second_one_leaves_nothing_behind()
    {
        await Titled("note-1", "Plans");

        var second = await store.Streams.Transact<string>(async transaction =>
        {
            await transaction.Decide(Note.Of("note-other"), Note.Decider, new NoteCommand("along with it"));
            await transaction.Decide(Note.Of("note-2"), Note.Decider, new NoteCommand("", new NoteEvent.Titled("note-2", "Plans")));
            return "done";
        }, Cancel);

        Assert.Equal(Note.TitleTaken, second.Refusal);
        Assert.Equal(1L, await store.Scalar<long>("select count(*) from mt_events"));
        Assert.Equal(1L, await store.Scalar<long>("select count(*) from mt_streams"));
        Assert.Equal(
            [KeyValuePair.Create("Plans", "note-1")],
            await store.Streams.Holders("titles", ["Plans", "Ideas"], Cancel));
    }

    [Fact]
    public async Task A_new_claim_replaces_the_old_one_and_a_given_up_one_is_free()
    {
        await Titled("note-1", "Plans");
        await Titled("note-1", "Ideas");
        Assert.Null((await Titled("note-2", "Plans")).Refusal);
        await store.Write("note-2", new NoteCommand("", new NoteEvent.Untitled("note-2")));
        Assert.Null((await Titled("note-3", "Plans")).Refusal);

        var holders = await store.Streams.Holders("titles", ["Plans", "Ideas"], Cancel);

        Assert.Equal(("note-3", "note-1"), (holders["Plans"], holders["Ideas"]));
    }

    [Fact]
    public async Task Two_holders_may_exchange_their_names_in_one_transaction()
    {
        await Titled("note-1", "Plans");
        await Titled("note-2", "Ideas");

        var answer = await store.Streams.Transact<Done>(async transaction =>
        {
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("", new NoteEvent.Titled("note-1", "Ideas")));
            await transaction.Decide(Note.Of("note-2"), Note.Decider, new NoteCommand("", new NoteEvent.Titled("note-2", "Plans")));
            return default(Done);
        }, Cancel);

        Assert.Null(answer.Refusal);
        Assert.Equal("note-2", (await store.Streams.Holders("titles", ["Plans"], Cancel))["Plans"]);
    }

    [Fact]
    public async Task Of_many_who_claim_one_name_at_once_one_gets_it()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(number => Titled($"note-{number}", "Plans")));

        Assert.Equal(1, answers.Count(answer => answer.Refusal is null));
        Assert.Equal(1L, await store.Scalar<long>("select count(*) from mt_events"));
    }

    [Fact]
    public async Task A_scope_is_closed_when_nobody_holds_anything_in_it()
    {
        await Titled("note-1", "Plans");
        Assert.Equal(Note.TitlesHeld, (await Close("note-board")).Refusal);
        Assert.Equal(1L, await store.Scalar<long>("select count(*) from mt_events"));

        await store.Write("note-1", new NoteCommand("", new NoteEvent.Untitled("note-1")));
        Assert.Null((await Close("note-board")).Refusal);
    }

    [Fact]
    public async Task Whoever_closes_a_scope_may_hold_the_last_claim_in_it()
    {
        await Titled("note-1", "Plans");
        Assert.Null((await Close("note-1")).Refusal);
        Assert.Empty(await store.Streams.Holders("titles", ["Plans"], Cancel));
    }

    [Fact]
    public async Task A_claim_and_a_closing_at_once_never_both_succeed()
    {
        for (var round = 0; round < 64; round++)
        {
            var (note, board) = ($"note-{round}", $"note-board{round}");
            await store.Write(board, "open");
            Func<Task<Answer<string>>>[] racers = [() => TitledOn(board, note, $"{round}"), () => Close(board)];
            var answers = await Task.WhenAll(racers.Select(race => Task.Run(race, Cancel)));

            Assert.Single(answers, answer => answer.Refusal is null);
            Assert.Equal(answers[0].Refusal is null ? 1 : 0, (await store.Streams.Holders("titles", [$"{round}"], Cancel)).Count);
            await store.Write(note, new NoteCommand("", new NoteEvent.Untitled(note)));
        }
    }

    private Task<Answer<string>> Close(string board) => store.Write(board, new NoteCommand("", new NoteEvent.Closed(board)));

    // As every claimer in a scope that can be closed: it loads the stream that a closing appends to.
    private Task<Answer<string>> TitledOn(string board, string note, string title) =>
        store.Streams.Transact<string>(async transaction =>
            (await transaction.Load(Note.Of(board), Note.Decider)).Events > 1
                ? Note.TitleTaken
                : await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand("", new NoteEvent.Titled(note, title))) is { } no
                    ? no
                    : title, Cancel);

    private Task<Answer<string>> Titled(string note, string title) =>
        store.Write(note, new NoteCommand("", new NoteEvent.Titled(note, title)));
}
