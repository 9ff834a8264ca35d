namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class EventReaderTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Store store = null!;

    public async ValueTask InitializeAsync() => store = new Store(await postgres.CreateDatabase());

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_history_is_merged_from_its_streams_by_position()
    {
        string[] order = ["file-1", "share-1-b", "file-1-x", "share-1", "file-1", "share-10", "file-2", "share-1-a"];
        foreach (var stream in order)
            await store.Write(stream, stream + Guid.NewGuid());

        var merged = await store.Streams.ReadMerged(["share-1", "file-1", "file-1-x", "nothing"], Cancel).ToListAsync(Cancel);

        Assert.Equal(
            ["file-1", "share-1-b", "file-1-x", "share-1", "file-1", "share-1-a"],
            merged.Select(happened => happened.Stream.Name),
            StringComparer.Ordinal);
        Assert.Equal(merged.Select(happened => happened.Position).Order(), merged.Select(happened => happened.Position));
    }

    [Fact]
    public async Task Long_streams_are_read_page_by_page_to_their_end()
    {
        await WriteMany("note-long", 1234);

        var versions = await store.Streams.Read("note-long", 10, Cancel).Select(happened => happened.Version).ToListAsync(Cancel);

        Assert.Equal(Enumerable.Range(11, 1224).Select(version => (long)version), versions);
        Assert.Equal(1234, await store.Streams.ReadMerged(["note-long"], Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task Many_who_ask_for_one_long_stream_read_it_once()
    {
        await WriteMany("note-long", 2000);
        await using var fresh = new Store(store.ConnectionString);
        var folds = 0;
        var counting = Note.Decider with
        {
            Evolve = (state, happened) =>
            {
                Interlocked.Increment(ref folds);
                return Note.Decider.Evolve(state, happened);
            },
        };

        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => fresh.Streams.Load(Note.Of("note-long"), counting, Cancel)));

        Assert.Equal(2000, folds);
    }

    [Fact]
    public async Task All_events_of_a_type_are_read_to_the_end_of_the_log()
    {
        await WriteMany("note-long", 1100);
        await store.Write("note-b", new NoteCommand("", new NoteEvent.Titled("note-b", "Plans")));
        await WriteMany("note-c", 3);

        var written = await store.Streams.ReadAll([typeof(NoteEvent.Written)], Cancel).ToListAsync(Cancel);
        Assert.Equal(1103, written.Count);
        Assert.Equal(written.Select(happened => happened.Position).Order(), written.Select(happened => happened.Position));
        Assert.Equal(
            "note-b", (await store.Streams.ReadAll([typeof(NoteEvent.Titled)], Cancel).SingleAsync(Cancel)).Stream.Name);
    }

    private Task<Answer<Done>> WriteMany(string note, int count) => store.Streams.Transact<Done>(async transaction =>
    {
        for (var number = 0; number < count; number++)
            await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand($"{number}"));
        return default(Done);
    }, Cancel);
}
