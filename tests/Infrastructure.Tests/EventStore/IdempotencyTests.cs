using System.Text;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Pipeline;

namespace EventFiles.Infrastructure.Tests.EventStore;

/// <summary>A request that bears a key has its effect once, on whichever nodes and however often it comes.</summary>
public sealed class IdempotencyTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Store store = null!;
    private Store otherNode = null!;

    public async ValueTask InitializeAsync()
    {
        store = new Store(await postgres.CreateDatabase());
        otherNode = new Store(store.ConnectionString);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await otherNode.DisposeAsync();
    }

    [Fact]
    public async Task Repeated_with_its_key_it_gets_the_same_answer_and_position_from_any_node()
    {
        var first = Assert.IsType<Answer<string>.Yes>(await Ask(store, "key", "note-1", "hello"));
        await store.Write("note-1", "something else meanwhile");

        Assert.Equal(first, await Ask(store, "key", "note-1", "hello"));
        Assert.Equal(first, await Ask(otherNode, "key", "note-1", "hello"));
        Assert.True(first.Position > 0);
        Assert.Equal(2L, await Events());
    }

    // So no crash can come between the two.
    [Fact]
    public async Task The_key_is_written_by_the_transaction_that_writes_the_events()
    {
        await Ask(store, "key", "note-1", "hello");

        Assert.True(await store.Scalar<bool>(
            "select k.xmin = e.xmin from eventfiles.idempotency_keys k join mt_events e on e.seq_id = k.position"));
    }

    [Fact]
    public async Task Of_sixty_four_repeats_on_two_nodes_one_has_an_effect()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(async number =>
        {
            await Task.Yield();
            return await Ask(number % 2 == 0 ? store : otherNode, "key", $"note-{Guid.NewGuid()}", "hello");
        }));

        var done = Assert.IsType<Answer<string>.Yes>(answers.First(answer => answer.Refusal is null));
        Assert.All(answers, answer => Assert.True(done.Equals(answer) || answer.Refusal == IdempotencyRejection.UnderWay));
        Assert.Equal(1L, await Events());
        Assert.Equal(done, await Ask(otherNode, "key", "note-x", "hello"));
    }

    // The two nodes know nothing of each other: what decides is the key in the append's own transaction.
    [Fact]
    public async Task Who_decides_while_another_node_is_faster_has_no_effect_and_gets_its_answer()
    {
        Answer<string>? faster = null;

        var slower = await store.Once.Ask(Request("key", "hello"), async () => await store.Streams.Transact<string>(
            async transaction =>
            {
                await transaction.Decide(Note.Of("note-1"), Note.Decider, new NoteCommand("mine"));
                faster ??= await Ask(otherNode, "key", "note-2", "hello");
                return "mine";
            },
            Cancel), null, Cancel);

        Assert.Null(faster!.Refusal);
        Assert.Equal(faster, slower);
        Assert.Equal(1L, await Events());
        Assert.Equal(0L, await store.Scalar<long>("select count(*) from mt_streams where id = 'note-1'"));
    }

    [Fact]
    public async Task Another_request_under_the_same_key_is_refused_and_another_accounts_key_is_another_key()
    {
        await Ask(store, "key", "note-1", "hello");

        Assert.Equal(IdempotencyRejection.Reused, (await Ask(store, "key", "note-1", "good-bye")).Refusal);
        Assert.Equal(IdempotencyRejection.Reused, (await Ask(otherNode, "key", "note-1", "good-bye")).Refusal);
        Assert.Null((await Ask(store, "key", "note-1", "good-bye", new AccountId(Guid.CreateVersion7()))).Refusal);
        Assert.Null((await Ask(store, "other key", "note-1", "good morning")).Refusal);
        Assert.Equal(3L, await Events());
    }

    [Fact]
    public async Task A_refusal_is_not_remembered()
    {
        await Title("note-1", "taken");

        Assert.Equal(Note.TitleTaken, (await Ask(store, "key", () => Title("note-2", "taken"), "title")).Refusal);
        Assert.Equal(0L, await Keys());
        await store.Write("note-1", new NoteCommand("", new NoteEvent.Untitled("note-1")));

        Assert.Null((await Ask(store, "key", () => Title("note-2", "taken"), "title")).Refusal);
        Assert.Equal(1L, await Keys());
    }

    [Fact]
    public async Task What_was_already_so_is_remembered_too()
    {
        await store.Write("note-1", "hello");
        var first = Assert.IsType<Answer<string>.Yes>(await Ask(store, "key", "note-1", "hello"));
        await store.Write("note-1", "good-bye");

        Assert.Equal(0, first.Position);
        Assert.Equal(first, await Ask(otherNode, "key", "note-1", "hello"));
        Assert.Equal(2L, await Events());
    }

    [Fact]
    public async Task Those_who_share_a_commit_keep_their_own_answers()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Ask(store, $"key {number}", $"note-{number}", "hello")));

        Assert.InRange(await store.Scalar<long>("select count(distinct xmin::text) from eventfiles.idempotency_keys"), 1, 100);
        for (var number = 0; number < answers.Length; number++)
        {
            Assert.Equal(answers[number], await Ask(otherNode, $"key {number}", $"note-{number}", "hello"));
            Assert.Equal(
                answers[number].EventPosition,
                await store.Scalar<long>("select seq_id from mt_events where stream_id = $1", $"note-{number}"));
        }
    }

    [Fact]
    public async Task Beside_the_events_stands_nothing_that_could_be_read()
    {
        await Ask(store, "a secret key", "note-1", "a secret word");

        var row = await store.Scalar<string>(
            "select concat_ws('|', tenant_id, encode(key_hash, 'escape'), encode(fingerprint, 'escape'), encode(answer, 'escape')) from eventfiles.idempotency_keys");
        Assert.DoesNotContain("secret", row, StringComparison.Ordinal);
        Assert.StartsWith(Note.Owner.ToString(), row, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_forgotten_when_its_day_is_over()
    {
        await Ask(store, "old", "note-1", "hello");
        await PostgresFixture.AsOwner(store.ConnectionString, "update eventfiles.idempotency_keys set answered_at = now() - interval '25 hours'");
        await Ask(store, "new", "note-2", "hello");

        Assert.Equal(1, await store.Answered.Forget(DateTimeOffset.UtcNow - KeyExpiry.Life, 1000, Cancel));

        Assert.Equal(1L, await Keys());
        Assert.Equal(IdempotencyRejection.Reused, (await Ask(store, "new", "note-2", "good-bye")).Refusal);
        Assert.Null((await Ask(store, "old", "note-1", "good-bye")).Refusal);
    }

    private static RepeatableRequest Request(string key, string request, AccountId? account = null) =>
        RepeatableRequest.Of(account ?? Note.Owner, key, Encoding.UTF8.GetBytes(request), typeof(string));

    private static Task<Answer<string>> Ask(Store node, string key, string note, string text, AccountId? account = null) =>
        node.Once.Ask(Request(key, text, account), () => node.Write(note, text), null, Cancel);

    private static Task<Answer<string>> Ask(Store node, string key, Func<Task<Answer<string>>> ask, string request) =>
        node.Once.Ask(Request(key, request), ask, null, Cancel);

    private Task<Answer<string>> Title(string note, string title) =>
        store.Write(note, new NoteCommand("", new NoteEvent.Titled(note, title)));

    private Task<long> Events() => store.Scalar<long>("select count(*) from mt_events");

    private Task<long> Keys() => store.Scalar<long>("select count(*) from eventfiles.idempotency_keys");
}
