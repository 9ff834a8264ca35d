using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class ArchiveTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly Decider<NoteCommand, NoteState, NoteEvent> Kept = Note.Decider with { Snapshots = new("note", 1) };

    private string database = "";
    private Store store = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateDatabase();
        store = Node();
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task A_stream_is_archived_when_it_has_been_over_for_the_grace_and_no_sooner()
    {
        await End("note-1");
        await store.Write("note-2", "goes on");

        Assert.Empty(await Archived(TimeSpan.FromDays(1)));
        Assert.Equal(["note-1"], await Archived(TimeSpan.Zero, isDryRun: true));
        Assert.Equal("", await Marks());
        Assert.Equal(["note-1"], await Archived(TimeSpan.Zero));
        Assert.Equal("note-1:2", await Marks());
        Assert.Empty(await Archived(TimeSpan.Zero));
        Assert.Equal(0L, await store.Scalar<long>("select count(*) from eventfiles.endings"));
    }

    [Fact]
    public async Task What_is_not_over_after_all_stays_and_is_asked_again()
    {
        await End("note-1");
        await store.Write("note-1", "no, it goes on");
        Assert.Empty(await Archived(TimeSpan.Zero));

        await store.Write("note-1", "over");

        Assert.Equal(["note-1"], await Archived(TimeSpan.Zero));
        Assert.Equal("note-1:4", await Marks());
    }

    [Fact]
    public async Task Nothing_is_added_to_an_archived_stream_whatever_a_node_remembers()
    {
        await End("note-1");
        await using var other = Node();
        await other.Streams.Load(Note.Of("note-1"), Note.Decider, Cancel);
        await Archived(TimeSpan.Zero);

        foreach (var node in new[] { store, other })
        {
            Assert.Equal(StreamsRejection.Archived, (await node.Write("note-1", "late")).Refusal);
            // With another stream, and with a claim: by other statements.
            Assert.Equal(StreamsRejection.Archived, (await WriteBoth(node, "note-1", "note-2")).Refusal);
            Assert.Equal(StreamsRejection.Archived, (await node.Write("note-1", new NoteCommand("", new NoteEvent.Titled("note-1", "late")))).Refusal);
        }

        Assert.Equal("over", (await other.Streams.Load(Note.Of("note-1"), Note.Decider, Cancel)).Text);
        Assert.Equal(2L, await store.Scalar<long>("select count(*) from mt_events"));
        Assert.Equal(0L, await store.Scalar<long>("select count(*) from eventfiles.claims"));
        // What was so already is so still, and who only looks may look.
        Assert.Null((await store.Write("note-1", "over")).Refusal);
        Assert.Null((await Look(store, "note-1", "note-3")).Refusal);
    }

    [Fact]
    public async Task Who_writes_at_the_same_time_is_not_refused_along_with_it()
    {
        await End("note-over");
        await Archived(TimeSpan.Zero);
        for (var round = 0; round < 5; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => store.Write(n % 8 == 0 ? "note-over" : $"note-{n}", $"{round}")));

            Assert.All(answers, (answer, n) => Assert.Equal(n % 8 == 0 ? StreamsRejection.Archived : null, answer.Refusal));
        }
    }

    [Fact]
    public async Task A_writer_and_the_archive_never_both_have_their_way()
    {
        await using var other = Node();
        for (var round = 0; round < 20; round++)
        {
            var note = $"note-{round}";
            await End(note);
            var (writing, archiving) = (other.Write(note, "late"), Archived(TimeSpan.Zero));

            var (isWritten, isArchived) = ((await writing).Refusal is null, (await archiving).Contains(note));

            Assert.True(isWritten != isArchived, $"{note}: written {isWritten}, archived {isArchived}");
        }
    }

    [Fact]
    public async Task What_made_it_fast_is_gone_and_does_not_come_back()
    {
        await Fill("note-1");
        await Fill("note-2");
        await Wait.Until(() => HasSnapshots(store, 2), "both are kept");
        await End("note-1");
        await Archived(TimeSpan.Zero);

        Assert.Null(store.Memory.Find(States.KeyOf<NoteState>(Note.Of("note-1"))));
        Assert.NotNull(store.Memory.Find(States.KeyOf<NoteState>(Note.Of("note-2"))));
        Assert.Equal("note-2", await store.Scalar<string>("select string_agg(stream_id, ' ') from eventfiles.snapshots"));

        // Read again it is long enough to be kept again; what is read after it is kept after it.
        await using var other = Node();
        Assert.Equal("over", (await other.Streams.Load(Note.Of("note-1"), Kept, Cancel)).Text);
        await Fill("note-3", other);
        await Wait.Until(() => HasSnapshots(store, 2), "the third is kept");
        Assert.Equal("note-2 note-3", await store.Scalar<string>("select string_agg(stream_id, ' ' order by stream_id) from eventfiles.snapshots"));
    }

    [Fact]
    public async Task Whoever_reads_the_log_reads_it_as_before()
    {
        await End("note-1");
        await store.Write("note-2", "goes on");
        var before = await Log();

        await Archived(TimeSpan.Zero);

        Assert.Equal(before, await Log());
        Assert.Equal(2, await store.Streams.Read("note-1", 0, Cancel).CountAsync(Cancel));
        Assert.Equal(2, await store.Streams.ReadMerged(["note-1"], Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task One_that_cannot_be_read_keeps_no_other_from_being_archived()
    {
        await End("note-1");
        await End("note-2");
        await PostgresFixture.AsOwner(database, "update mt_events set data = '[]' where stream_id = 'note-1' and version = 1");

        Assert.Equal(["note-2"], await Archived(TimeSpan.Zero));
        Assert.Equal("note-2:2", await Marks());
    }

    private Store Node() => new(
        database,
        new Slice("notes")
            .Stores<NoteEvent.Written>("notes.written.v1")
            .Stores<NoteEvent.Titled>("notes.titled.v1")
            .Stores<NoteEvent.SentTo>("notes.sent.v1")
            .Claiming<NoteEvent.Titled>(titled => Claim.Of(titled.Note, "titles", titled.Title, Note.TitleTaken))
            .Archives<NoteEvent.SentTo>((_, happened) => happened.Stream.Name, Note.Decider.Until(note => note.Text == "over"))
            .Archives<NoteEvent.Titled>((titled, _) => titled.Note, Note.Decider.Until(note => note.Text == "over")));

    private async Task End(string note)
    {
        await store.Write(note, "over");
        await store.Write(note, new NoteCommand("", new NoteEvent.SentTo([], null, default)));
    }

    private static async Task Fill(string note, Store node) => await node.Streams.Transact<Done>(
        async transaction =>
        {
            for (var n = 0; n < Snapshots.Every; n++)
                await transaction.Decide(Note.Of(note), Kept, new NoteCommand($"{n}"));
            return default(Done);
        },
        Cancel);

    private Task Fill(string note) => Fill(note, store);

    private static Task<Answer<Done>> WriteBoth(Store node, params string[] notes) => node.Streams.Transact<Done>(
        async transaction =>
        {
            foreach (var note in notes)
                await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand("late"));
            return default(Done);
        },
        Cancel);

    private static Task<Answer<Done>> Look(Store node, string at, string write) => node.Streams.Transact<Done>(
        async transaction =>
        {
            await transaction.Load(Note.Of(at), Note.Decider);
            return await transaction.Decide(Note.Of(write), Note.Decider, new NoteCommand("seen")) is { } no ? no : default(Done);
        },
        Cancel);

    private async Task<List<string>> Archived(TimeSpan grace, bool isDryRun = false) =>
        await store.Archive.Run(grace, isDryRun, Cancel).ToListAsync(Cancel);

    private async Task<string> Marks() => await store.Scalar<string>(
        """
        select coalesce(string_agg(s.id || ':' || (select count(*) from mt_events e where e.stream_id = s.id and e.is_archived), ' '), '')
        from mt_streams s where s.is_archived
        """);

    private async Task<List<string>> Log()
    {
        var page = await store.Feed.After(0, 1000, null, TimeSpan.FromSeconds(60), Cancel);
        return [.. page.Events.Select(happened => $"{happened.Position} {happened.Stream} {happened.Version} {happened.Id} {happened.Fact}")];
    }

    private static async Task<bool> HasSnapshots(Store of, long count) =>
        await of.Scalar<long>("select count(*) from eventfiles.snapshots") >= count;
}
