using System.Text.Json;
using EventFiles.Features.Accounts;
using EventFiles.Features.Audit;
using EventFiles.Features.Export;
using EventFiles.Features.Files;
using EventFiles.Features.Hold;
using EventFiles.Features.Share;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Export;

public sealed class ExportLinesTests
{
    private static readonly FilesEvent.Renamed Renamed = new(Photo, FolderId.RootOf(Olga), "dusk.jpg");

    private static readonly ShareEvent.Offered Offered = new(
        Photo, new ShareId(Letter.Value), "mei@example.org", "mei@example.org", ShareRole.Viewer, null, false, null);

    [Fact]
    public void What_happened_to_ones_own_is_told_in_clear() =>
        Assert.Equal("dusk.jpg", Details(Olga, Renamed, Olga, Ravi).GetProperty("name").GetString());

    [Fact]
    public void What_one_did_to_anothers_is_told_without_what_is_personal_to_them()
    {
        var told = Details(Ravi, Renamed, Olga, Ravi);
        Assert.Equal(EventDetails.Withheld, told.GetProperty("name").GetString());
        Assert.Equal(Photo.Value, told.GetProperty("file").GetGuid());
    }

    [Fact]
    public void Addresses_of_others_are_nobodys_to_take_along()
    {
        var told = Details(Olga, Offered, Olga, Olga);
        Assert.Equal((EventDetails.Withheld, EventDetails.Withheld), (told.GetProperty("email").GetString(), told.GetProperty("key").GetString()));
        var invited = new InvitationEvent.Invited(new InvitationId(Letter.Value), "mei@example.org", Olga, Noon);
        Assert.Equal(EventDetails.Withheld, Details(Olga, invited, Olga, Olga).GetProperty("email").GetString());
    }

    [Fact]
    public void Where_somebody_was_and_what_they_said_is_told_to_them_alone()
    {
        var refused = new AuditEvent.Refused(Letter.Value, "Login", "sessions.wrong", null, null, Olga, "192.0.2.7");
        Assert.Equal("192.0.2.7", Details(Olga, refused, Olga, Olga).GetProperty("address").GetString());
        Assert.Equal(EventDetails.Withheld, Details(Olga, refused, Olga, null).GetProperty("address").GetString());
        var held = new HoldEvent.Placed(new HoldId(Letter.Value), HoldKind.File, Photo.Value, Mei, "Case 1");
        Assert.Equal(EventDetails.Withheld, Details(Olga, held, Olga, Mei).GetProperty("reason").GetString());
    }

    [Fact]
    public void Digests_of_secrets_are_left_out_and_what_was_erased_stays_so()
    {
        var link = new LinkEvent.Created(Photo, new LinkId(Letter.Value), "secret-digest", HasPassword: true, LinkRole.Viewer, null, null);
        Assert.DoesNotContain("secret-digest", Details(Olga, link, Olga, Olga).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(
            PersonalAttribute.Erased,
            Details(Ravi, Renamed with { Name = PersonalAttribute.Erased }, Olga, Ravi).GetProperty("name").GetString());
    }

    [Fact]
    public async Task Lines_come_whole_however_they_are_read()
    {
        await using var stream = new LineStream(new[] { "one\n"u8.ToArray(), [], "two\n"u8.ToArray() }.ToAsyncEnumerable());
        var (read, piece) = (new List<byte>(), new byte[3]);
        while (await stream.ReadAsync(piece, TestContext.Current.CancellationToken) is var count and > 0)
            read.AddRange(piece[..count]);
        Assert.Equal("one\ntwo\n"u8.ToArray(), read);
    }

    private static JsonElement Details(AccountId person, object fact, AccountId owner, AccountId? actor)
    {
        var happened = new RecordedEvent(7, new StreamId("stream-1", owner), 1, Guid.Empty, "fact.v1", Noon, fact) { Actor = actor };
        var line = JsonDocument.Parse(ExportLines.Line(person, happened)).RootElement;
        Assert.Equal((7, owner.Value), (line.GetProperty("position").GetInt64(), line.GetProperty("owner").GetGuid()));
        return line.GetProperty("details");
    }
}
