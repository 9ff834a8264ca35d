using System.Text.Json;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.Tests.EventStore;

public sealed class PersonalFieldsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Canary = "CV of Ünal \"Bo\" 漢\U0001F600.pdf";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly UploadEvent.Completed Completed = new(
        new(Guid.CreateVersion7()), new(Guid.CreateVersion7()), 1, new(Guid.CreateVersion7()), Canary, "application/pdf", 12,
        new string('a', 64), new("objects/1"));

    private Store store = null!;

    public async ValueTask InitializeAsync() => store = new Store(await postgres.CreateDatabase());

    public ValueTask DisposeAsync() => store.DisposeAsync();

    [Fact]
    public async Task They_stand_nowhere_in_the_public_event_and_are_there_on_reading()
    {
        await Append(Completed);

        var publicJson = await store.Scalar<string>("select data::text from mt_events");
        Assert.DoesNotContain("Ünal", publicJson, StringComparison.Ordinal);
        Assert.DoesNotContain("aaaa", publicJson, StringComparison.Ordinal);
        Assert.Contains("application/pdf", publicJson, StringComparison.Ordinal);
        Assert.Equal(Completed, await Only());
    }

    [Fact]
    public async Task After_the_private_row_is_deleted_there_is_a_placeholder()
    {
        await Append(Completed);
        var before = await store.Scalar<string>("select data::text from mt_events");

        await using var erase = store.Database.CreateCommand("delete from eventfiles.event_private");
        await erase.ExecuteNonQueryAsync(Cancel);

        Assert.Equal(Completed with { Name = "[erased]", Sha256 = "[erased]" }, await Only());
        Assert.Equal(before, await store.Scalar<string>("select data::text from mt_events"));
    }

    [Fact]
    public async Task Who_has_value_and_salt_can_show_what_was_committed_to_and_nothing_else()
    {
        await Append(Completed);
        var id = await store.Scalar<Guid>("select id from mt_events");
        var salt = await store.Scalar<byte[]>("select salt from eventfiles.event_private");
        var name = await store.Scalar<string>("select data ->> 'name' from mt_events");

        Assert.Equal(name, PersonalFields.Commitment(id, "/name", salt, Canary));
        Assert.NotEqual(name, PersonalFields.Commitment(id, "/name", salt, Canary + "x"), StringComparer.Ordinal);
        Assert.NotEqual(name, PersonalFields.Commitment(id, "/sha256", salt, Canary), StringComparer.Ordinal);
        Assert.NotEqual(name, PersonalFields.Commitment(Guid.NewGuid(), "/name", salt, Canary), StringComparer.Ordinal);
        Assert.NotEqual(name, PersonalFields.Commitment(id, "/name", new byte[32], Canary), StringComparer.Ordinal);
    }

    [Fact]
    public void A_commitment_is_computed_as_documented() => Assert.Equal(
        // Computed apart from this program, with Python's hashlib and hmac.
        "Ytc8STMitqRgHSzAWWhvpopA1llSIn2MV3SMvwnsfV8",
        PersonalFields.Commitment(
            Guid.Parse("0192f0c1-2345-7678-9abc-def012345678"), "/name", Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), "Ünal.pdf"));

    [Fact]
    public async Task The_same_value_twice_cannot_be_recognised()
    {
        await Append(Completed);
        await Append(Completed);

        Assert.Equal(2L, await store.Scalar<long>("select count(distinct data ->> 'name') from mt_events"));
        Assert.Equal(2L, await store.Scalar<long>("select count(distinct salt) from eventfiles.event_private where tenant_id = $1", Note.Owner.ToString()));
    }

    [Fact]
    public async Task They_may_be_null_and_may_stand_within_lists()
    {
        var sent = new NoteEvent.SentTo([new("a@example.org", 1), new("b@example.org", 2)], null, NameConflict.NewVersion);
        await store.Write("note-1", new NoteCommand("", sent));

        using var data = JsonDocument.Parse(await store.Scalar<string>("select data::text from mt_events"));
        Assert.Equal(JsonValueKind.Null, data.RootElement.GetProperty("remark").ValueKind);
        Assert.Equal("newVersion", data.RootElement.GetProperty("onConflict").GetString());
        Assert.DoesNotContain("example.org", data.RootElement.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(2, data.RootElement.GetProperty("addressees")[1].GetProperty("copies").GetInt32());
        Assert.Equal(
            """{"/addressees/0/email":"a@example.org","/addressees/1/email":"b@example.org"}""",
            await store.Scalar<string>("select convert_from(fields, 'UTF8') from eventfiles.event_private"));
        var back = Assert.IsType<NoteEvent.SentTo>((await store.Streams.Read("note-1", 0, Cancel).SingleAsync(Cancel)).Fact);
        Assert.Equal(sent.Addressees, back.Addressees);
        Assert.Null(back.Remark);
    }

    [Fact]
    public void An_event_that_tells_nothing_of_a_person_has_no_private_row() =>
        Assert.Null(store.Json.Write(Guid.CreateVersion7(), new NoteEvent.Written("x"), null).Private);

    [Fact]
    public void Only_texts_can_be_personal() =>
        Assert.Throws<InvalidOperationException>(() => new EventTypes(new Slices([new Slice("bad").Stores<Aged>("bad.aged.v1")])).Of(typeof(Aged)).Personal);

    private Task<Answer<Done>> Append(UploadEvent happened) => store.Streams.Transact<Done>(
        async transaction =>
        {
            await transaction.Decide(new StreamId("upload-1", Note.Owner), Uploads, happened);
            return default(Done);
        },
        Cancel);

    private async Task<object> Only() => (await store.Streams.Read("upload-1", 0, Cancel).SingleAsync(Cancel)).Fact;

    private static readonly Decider<UploadEvent, object, UploadEvent> Uploads =
        new(new object(), (state, _) => state, (_, happened, _) => happened);

    private sealed record Aged([Personal] int Years);
}
