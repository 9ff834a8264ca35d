using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Share.People;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Features.Tests.Share;

public sealed class AccessProjectionTests
{
    private static readonly ShareId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly UploadId Upload = new(Photo.Value);

    private static readonly UploadEvent.Begun Begun = new(
        Upload, Photo, FolderId.RootOf(Olga), "photo.jpg", "image/jpeg", 3, "digest", NameConflict.Fail, Noon);

    private static readonly UploadEvent.Completed Completed = new(
        Upload, Photo, 1, FolderId.RootOf(Olga), "photo.jpg", "image/jpeg", 3, "sha", ObjectKey.Raw(Upload));

    private static readonly UploadEvent.Abandoned Abandoned = new(Upload, Photo, "expired");
    private static readonly ShareEvent.Granted RaviMayEdit = new(Photo, First, Ravi, ShareRole.Editor, Until: null);
    private static readonly DeleteEvent.Trashed Trashed = new(Photo, Olga);
    private static readonly DeleteEvent.Restored Restored = new(Photo, Olga, FolderId.RootOf(Olga), "photo.jpg");
    private static readonly DeleteEvent.Requested Requested = new(Photo, Olga);

    [Fact]
    public void Whoever_begins_an_upload_owns_the_file() => Assert.Equal(Standing.Owner, After(Begun).StandingOf(Olga, Noon));

    [Fact]
    public void Everybody_else_is_a_stranger() => Assert.Equal(Standing.None, After(Begun, Completed).StandingOf(Ravi, Noon));

    [Fact]
    public void An_upload_that_ends_without_content_leaves_no_file() =>
        Assert.Equal(Standing.None, After(Begun, Abandoned).StandingOf(Olga, Noon));

    [Fact]
    public void A_version_that_never_came_leaves_the_file_as_it_was() =>
        Assert.Equal(Standing.Owner, After(Begun, Completed, Abandoned).StandingOf(Olga, Noon));

    [Fact]
    public void A_later_version_brings_no_other_owner()
    {
        var view = Fresh().After(Olga, Completed).After(Ravi, Completed with { Version = 2 }).Of(Photo.ToString())!;

        Assert.Equal(Olga, view.Owner);
    }

    [Fact]
    public void A_grant_counts_until_its_end_whether_or_not_that_was_noted()
    {
        var view = After(Completed, RaviMayEdit with { Until = Noon });

        Assert.Equal(Standing.Editor, view.StandingOf(Ravi, Noon.AddTicks(-1)));
        Assert.Equal(Standing.None, view.StandingOf(Ravi, Noon));
    }

    [Fact]
    public void A_changed_grant_replaces_the_former()
    {
        var view = After(Completed, RaviMayEdit, new ShareEvent.Changed(Photo, First, Ravi, ShareRole.Viewer, Until: null));

        Assert.Equal(Standing.Viewer, view.StandingOf(Ravi, Noon));
    }

    [Fact]
    public void A_grant_that_was_taken_back_does_not_count() =>
        Assert.Equal(Standing.None, After(Completed, RaviMayEdit, new ShareEvent.Revoked(Photo, First, Ravi)).StandingOf(Ravi, Noon));

    [Fact]
    public void A_grant_that_ended_does_not_count() =>
        Assert.Equal(Standing.None, After(Completed, RaviMayEdit, new ShareEvent.Ended(Photo, First, Ravi)).StandingOf(Ravi, Noon));

    [Fact]
    public void The_trash_can_be_left()
    {
        Assert.Equal(FileState.Trashed, After(Completed, Trashed).State);
        Assert.Equal(FileState.Present, After(Completed, Trashed, Restored).State);
    }

    [Fact]
    public void A_deleted_file_stays_deleted() => Assert.Equal(FileState.Deleted, After(Completed, Trashed, Requested, Restored).State);

    [Fact]
    public void A_grant_may_be_heard_before_the_upload_it_follows() =>
        Assert.Equal(Standing.Editor, After(RaviMayEdit, Completed).StandingOf(Ravi, Noon));

    [Fact]
    public void A_grant_for_a_file_nobody_heard_of_lets_nobody_in() =>
        Assert.Equal(Standing.None, After(RaviMayEdit).StandingOf(Ravi, Noon));

    public static TheoryData<string, object[]> Races => new()
    {
        { "upload and grant", [Completed, RaviMayEdit] },
        { "deletion and grant", [Requested, RaviMayEdit] },
        { "deletion and upload", [Requested, Completed] },
        { "trash and grant", [Trashed, RaviMayEdit] },
        { "trash and upload", [Trashed, Completed] },
        { "end of one upload and of another", [Abandoned, Completed] },
        { "beginning and end of an upload", [Begun, Completed] },
        { "beginning of an upload and its end without content", [Begun, Abandoned] },
    };

    [Theory]
    [MemberData(nameof(Races))]
    public void Facts_that_race_lead_to_the_same_view_in_either_order(string race, object[] facts)
    {
        Assert.NotEmpty(race);
        Assert.Equal(Fresh().After(Olga, facts).Text, Fresh().After(Olga, [.. facts.Reverse()]).Text);
    }

    [Theory]
    [MemberData(nameof(Races))]
    public void Facts_delivered_twice_lead_to_the_same_view(string race, object[] facts)
    {
        Assert.NotEmpty(race);
        Assert.Equal(
            Fresh().After(Olga, facts).Text,
            Fresh().After(Olga, [.. facts.SelectMany(fact => new[] { fact, fact })]).Text);
    }

    [Fact]
    public void A_file_is_where_it_was_put_last()
    {
        var elsewhere = new FolderId(Guid.Parse("00000000-0000-7000-8000-0000000000d1"));
        var moved = new EventFiles.Features.Files.FilesEvent.Moved(Photo, elsewhere, "photo.jpg");

        Assert.Equal(FolderId.RootOf(Olga), After(Begun, Completed).Folder);
        Assert.Equal(elsewhere, After(Completed, moved).Folder);
        Assert.Equal(elsewhere, After(Completed, moved, Completed with { Version = 2 }).Folder);
        Assert.Equal(FolderId.RootOf(Olga), After(Completed, moved, Trashed, Restored).Folder);
    }

    private static Views<AccessView> Fresh() => new(AccessProjection.Define());

    private static AccessView After(params object[] facts) => Fresh().After(Olga, facts).Of(Photo.ToString())!;
}
