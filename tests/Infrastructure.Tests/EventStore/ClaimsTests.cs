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

    private Task<Answer<string>> Titled(string note, string title) =>
        store.Write(note, new NoteCommand("", new NoteEvent.Titled(note, title)));
}
