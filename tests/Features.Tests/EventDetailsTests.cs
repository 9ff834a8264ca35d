using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests;

public sealed class EventDetailsTests
{
    [Fact]
    public void An_event_shows_its_fields_as_words() => Assert.Equal(
        "{\"on\":{\"id\":\"00000000-0000-7000-8000-0000000000f1\",\"isFolder\":false},\"share\":\"00000000-0000-7000-8000-0000000000f2\","
        + "\"grantee\":{\"id\":\"00000000-0000-7000-8000-0000000000a2\",\"isGroup\":false},\"role\":\"editor\",\"until\":null,"
        + "\"mayShare\":false,\"by\":null}",
        EventDetails.Of(
            new ShareEvent.Granted(Photo, new ShareId(Letter.Value), Ravi, ShareRole.Editor, Until: null)).GetRawText());

    [Fact]
    public void The_owner_sees_what_is_personal() => Assert.Equal(
        "photo.jpg", EventDetails.Of(Begun("digest")).GetProperty("name").GetString());

    [Fact]
    public void The_digest_of_a_secret_is_never_shown()
    {
        var link = new LinkEvent.Created(
            Photo, new LinkId(Letter.Value), "secret-digest", HasPassword: true, LinkRole.Viewer, Until: null, MaxDownloads: 1);

        Assert.DoesNotContain("digest", EventDetails.Of(link).GetRawText(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("digest", EventDetails.Of(Begun("secret-digest")).GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    private static UploadEvent.Begun Begun(string digest) => new(
        new UploadId(Photo.Value), Photo, FolderId.RootOf(Olga), "photo.jpg", "image/jpeg", 3, digest, NameConflict.Rename, Noon);
}
