using System.Text.Json.Nodes;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>One log, written by three programs, each newer than the one before.</summary>
public sealed class UpcastTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly StreamId Stream = new("letter-1", Note.Owner);

    private string database = null!;
    private Store today = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateDatabase();
        await Write(new Slice("letters").Stores<First.Sent>("letters.sent.v1"), new First.Sent("a@example.org", "Two words", 3));
        await Write(
            new Slice("letters").Stores<Second.Sent>("letters.sent.v2").Upcasts("letters.sent.v1", IntoSecond, "/to", "/subject"),
            new Second.Sent([new Receiver("b@example.org"), new Receiver("c@example.org")], "Three more words", 4));
        await Write(Today(), new Letter.Sent([new Receiver("d@example.org")], "Plans", 2));
        today = new Store(database, Today());
    }

    public ValueTask DisposeAsync() => today.DisposeAsync();

    [Fact]
    public async Task Every_event_is_read_in_the_newest_shape_through_all_that_lie_between()
    {
        var history = await today.Streams.Read(Stream.Name, 0, Cancel).ToListAsync(Cancel);

        Assert.All(history, happened => Assert.Equal("letters.sent.v3", happened.Name));
        Assert.Equal(
            ["a@example.org: Two words (3 pages)", "b@example.org, c@example.org: Three more words (4 pages)", "d@example.org: Plans (2 pages)"],
            history.Select(happened => happened.Fact.ToString()));
    }

    [Fact]
    public async Task The_feed_finds_a_fact_under_all_its_names()
    {
        var page = await today.Feed.After(0, 10, new HashSet<Type> { typeof(Letter.Sent) }, TimeSpan.FromSeconds(60), Cancel);

        Assert.Equal([1, 2, 3], page.Events.Select(happened => happened.Version));
        Assert.All(page.Events, happened => Assert.IsType<Letter.Sent>(happened.Fact));
    }

    [Fact]
    public async Task A_state_is_folded_from_the_newest_shape()
    {
        var decider = new Decider<Letter, string, Letter>("", (state, sent) => $"{state}{((Letter.Sent)sent).Pages}", (_, letter, _) => letter);
        Assert.Equal("342", await today.Streams.Load(Stream, decider, Cancel));
        Assert.Equal(3, await today.Streams.ReadMerged(["letter"], Cancel).CountAsync(Cancel));
    }

    [Fact]
    public async Task What_was_personal_then_is_erased_with_its_private_row()
    {
        await today.Scalar<object>("with gone as (delete from eventfiles.event_private returning 1) select count(*) from gone");

        var history = await today.Streams.Read(Stream.Name, 0, Cancel).ToListAsync(Cancel);

        Assert.Equal(
            ["[erased]: [erased] (3 pages)", "[erased], [erased]: [erased] (4 pages)", "[erased]: [erased] (2 pages)"],
            history.Select(happened => happened.Fact.ToString()));
    }

    [Fact]
    public async Task The_log_keeps_what_was_written()
    {
        var before = await Log();
        await today.Streams.Read(Stream.Name, 0, Cancel).CountAsync(Cancel);
        await today.Streams.Transact<Done>(async transaction =>
        {
            await transaction.Decide(Stream, Echo<Letter>(), new Letter.Sent([], "One more", 1));
            return default(Done);
        }, Cancel);

        Assert.StartsWith(before, await Log(), StringComparison.Ordinal);
        Assert.Contains("letters.sent.v1", before, StringComparison.Ordinal);
        Assert.Contains("letters.sent.v2", before, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fields_name_may_hold_what_pointers_escape()
    {
        var types = new EventTypes(new Slices([
            new Slice("letters").Stores<Letter.Sent>("letters.sent.v3")
                .Upcasts("letters.sent.v0", json => new() { ["receivers"] = new JsonArray(), ["about"] = json["a/b~c"]!.GetValue<string>(), ["pages"] = 1 }, "/a~1b~0c"),
        ]));
        var read = EventJson.Read(
            types.Named("letters.sent.v0"), """{"a/b~c":"commitment"}"""u8.ToArray(),
            new PrivateRow([], System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["/a~1b~0c"] = "the value" })));

        Assert.Equal("the value", ((Letter.Sent)read).About);
    }

    private Task<string> Log() => today.Scalar<string>(
        "select string_agg(type || data::text || coalesce((select fields::text from eventfiles.event_private p where p.seq_id = e.seq_id), ''), e'\n' order by seq_id) from mt_events e");

    private async Task Write<TEvent>(Slice program, TEvent happened) where TEvent : class
    {
        await using var store = new Store(database, program);
        var answer = await store.Streams.Transact<Done>(async transaction =>
        {
            await transaction.Decide(Stream, Echo<TEvent>(), happened);
            return default(Done);
        }, Cancel);
        Assert.Null(answer.Refusal);
    }

    private static Decider<TEvent, object, TEvent> Echo<TEvent>() where TEvent : class =>
        new(new object(), (state, _) => state, (_, happened, _) => happened);

    private static Slice Today() => new Slice("letters")
        .Stores<Letter.Sent>("letters.sent.v3")
        .Upcasts("letters.sent.v2", IntoThird, "/receivers/*/email", "/subject")
        .Upcasts("letters.sent.v1", IntoSecond, "/to", "/subject");

    private static JsonObject IntoSecond(JsonObject json) => new()
    {
        ["receivers"] = new JsonArray(new JsonObject { ["email"] = json["to"]!.GetValue<string>() }),
        ["subject"] = json["subject"]!.GetValue<string>(),
        ["pages"] = json["pages"]!.GetValue<int>(),
    };

    // A change may also work on what it is given.
    private static JsonObject IntoThird(JsonObject json)
    {
        json["about"] = json["subject"]!.GetValue<string>();
        json.Remove("subject");
        return json;
    }

    private static class First
    {
        internal sealed record Sent([Personal] string To, [Personal] string Subject, int Pages);
    }

    private static class Second
    {
        internal sealed record Sent(Receiver[] Receivers, [Personal] string Subject, int Pages);
    }

    private abstract record Letter
    {
        internal sealed record Sent(Receiver[] Receivers, [Personal] string About, int Pages) : Letter
        {
            public override string ToString() => $"{string.Join(", ", Receivers.Select(one => one.Email))}: {About} ({Pages} pages)";
        }
    }

    private sealed record Receiver([Personal] string Email);
}
