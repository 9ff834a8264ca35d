using System.Text;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>What an append costs on the wire, what it leaves in the columns, and how it goes on when another was faster.</summary>
public sealed class AppendTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Wire wire = null!;
    private Store store = null!;

    public async ValueTask InitializeAsync()
    {
        wire = new Wire(await postgres.CreateDatabase());
        store = new Store(wire.ConnectionString);
        await store.Connect();
        foreach (var note in Notes)
            await store.Write(note, "first");
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await wire.DisposeAsync();
    }

    private static readonly string[] Notes = ["note-1", "note-2", "note-3"];

    private static readonly NoteEvent Personal = new NoteEvent.SentTo([new("olga@example.org", 1)], "remark", NameConflict.Fail);

    /// <summary>What is appended, and how many events that are.</summary>
    public static TheoryData<string, int> Kinds => new()
    {
        { "one event", 1 },
        { "one event on a new stream", 1 },
        { "one personal event", 1 },
        { "several streams", 3 },
        { "several streams, personal", 3 },
        { "a claim", 1 },
        { "a key", 1 },
        { "all at once", 3 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_append_is_one_round_trip(string kind, int events)
    {
        var before = await store.Scalar<long>("select count(*) from mt_events");
        if (kind is "a key" or "all at once")
            RepeatableRequest.Current = RepeatableRequest.Of(Note.Owner, "key", Encoding.UTF8.GetBytes(kind), typeof(string));

        var (roundTrips, _) = await wire.During(async () => Assert.Null((await Append(kind)).Refusal));

        Assert.Equal(1, roundTrips);
        Assert.Equal(before + events, await store.Scalar<long>("select count(*) from mt_events"));
        Assert.Equal(kind is "a key" or "all at once" ? 1L : 0L, await store.Scalar<long>("select count(*) from eventfiles.idempotency_keys"));
        Assert.Equal(kind is "a claim" or "all at once" ? 1L : 0L, await store.Scalar<long>("select count(*) from eventfiles.claims"));
    }

    [Theory]
    [InlineData("one event")]
    [InlineData("one personal event")]
    [InlineData("several streams")]
    public async Task Who_and_why_and_by_which_door_stand_in_the_columns(string kind)
    {
        var actor = new AccountId(Guid.CreateVersion7());
        Origin.Current = new Origin(actor, "trace", "cause") { Via = "api", Request = "WriteNote" };
        var last = await store.Feed.Last(Cancel);

        await Append(kind);

        Assert.Equal(
            $"{actor}|trace|cause|{{\"via\": \"api\", \"request\": \"WriteNote\", \"version\": \"{EventHeaders.Version}\"}}",
            await store.Scalar<string>(
                "select string_agg(distinct concat_ws('|', user_name, correlation_id, causation_id, headers), ' and ') from mt_events where seq_id > $1",
                last));
    }

    [Fact]
    public async Task Of_several_streams_all_are_appended_to_or_none()
    {
        await using var otherNode = new Store(store.ConnectionString);
        var attempts = 0;

        var answer = await store.Streams.Transact<string>(async transaction =>
        {
            if (++attempts == 2)
                return Note.Empty;
            foreach (var note in Notes)
                await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand("mine"));
            await otherNode.Write(Notes[^1], "faster");
            return "mine";
        }, Cancel);

        Assert.Equal((Note.Empty, 2), (answer.Refusal, attempts));
        Assert.Equal(0L, await store.Scalar<long>("""select count(*) from mt_events where data @> '{"text":"mine"}'"""));
        Assert.Equal(2L, await store.Scalar<long>("select count(*) from mt_streams where version = 1"));
    }

    [Fact]
    public void Those_who_were_overtaken_wait_longer_each_time_within_bounds_and_never_the_same()
    {
        for (var attempt = 1; attempt < Streams.MaxAttempts; attempt++)
        {
            var waits = Enumerable.Range(0, 1000).Select(_ => Streams.Backoff(attempt)).ToList();
            var longest = Math.Min(250, 2 << attempt);

            Assert.All(waits, wait => Assert.InRange(wait.TotalMilliseconds, 0, longest));
            Assert.InRange(waits.Max().TotalMilliseconds, 0.9 * longest, longest);
            Assert.InRange(waits.Min().TotalMilliseconds, 0, 0.1 * longest);
            Assert.InRange(waits.Distinct().Count(), 900, 1000);
        }
    }

    [Fact]
    public async Task Two_who_are_overtaken_for_ever_do_not_wait_alike_and_give_up()
    {
        var (one, other) = (await WaitsOfOneOvertaken(), await WaitsOfOneOvertaken());

        // A wait of less than a millisecond needs no clock.
        Assert.InRange(one.Count, 5, Streams.MaxAttempts - 1);
        Assert.NotEqual(one, other);
        Assert.All(one.Concat(other), wait => Assert.InRange(wait.TotalMilliseconds, 1, 250));
    }

    private async Task<IReadOnlyList<TimeSpan>> WaitsOfOneOvertaken()
    {
        var time = new HurriedTime();
        await using var node = new Store(store.ConnectionString, time);
        var attempts = 0;
        await Assert.ThrowsAsync<TransientException>(() => node.Streams.Transact<string>(async transaction =>
        {
            await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("mine"));
            await store.Write("note-1", $"faster {++attempts}");
            return "mine";
        }, Cancel));
        Assert.Equal(Streams.MaxAttempts, attempts);
        return time.Waits;
    }

    private Task<Answer<string>> Append(string kind) => store.Streams.Transact<string>(
        async transaction =>
        {
            (string Note, NoteEvent Event)[] all = kind switch
            {
                "one event" or "a key" => [("note-1", new NoteEvent.Written("second"))],
                "one event on a new stream" => [("note-new", new NoteEvent.Written("first"))],
                "one personal event" => [("note-1", Personal)],
                "several streams" => [.. Notes.Select(note => (note, (NoteEvent)new NoteEvent.Written("second")))],
                "several streams, personal" => [.. Notes.Select(note => (note, Personal))],
                "a claim" => [("note-1", new NoteEvent.Titled("note-1", "title"))],
                _ => [("note-1", new NoteEvent.Titled("note-1", "title")), ("note-2", Personal), ("note-new", new NoteEvent.Written("first"))],
            };
            transaction.ExpectNew(Note.Of("note-new"));
            foreach (var (note, happened) in all)
                await transaction.Decide(Note.Of(note), Note.Decider, new NoteCommand("", happened));
            return "done";
        },
        Cancel);

    /// <summary>A clock that knows how long somebody wanted to wait, and lets nobody.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
