using EventFiles.Features.Accounts;
using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Process;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Delete;

public sealed class ObjectLedgerTests
{
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly UploadId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly UploadId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly FileId Photo = new(First.Value);
    private static readonly JobId Job = new(Guid.Parse("00000000-0000-7000-8000-000000000011"));
    private static readonly JobId Again = new(Guid.Parse("00000000-0000-7000-8000-000000000012"));
    private static readonly ObjectKey Original = ObjectKey.Raw(First);
    private static readonly ObjectKey Later = ObjectKey.Raw(Second);
    private static readonly ObjectKey Thumbnail = ObjectKey.Variant(Photo, 1, "thumbnail");

    [Fact]
    public void Of_what_nobody_told_nothing_is_known()
    {
        Assert.All([Original, Thumbnail, new ObjectKey("raw/x"), new ObjectKey("other/thing")], key =>
            Assert.Equal(Standing.Unknown, After().StandingOf(key).Standing));
        Assert.Equal(Standing.Unknown, After(Completed(First, 1)).StandingOf(Later).Standing);
    }

    [Fact]
    public void The_bytes_of_an_upload_under_way_and_of_a_file_are_kept()
    {
        Assert.Equal(Standing.Kept, After(Begun(First)).StandingOf(Original).Standing);
        Assert.Equal(Standing.Kept, After(Completed(First, 1)).StandingOf(Original).Standing);
        Assert.Equal(Standing.Kept, After(Completed(First, 1), new DeleteEvent.Trashed(Photo, Olga)).StandingOf(Original).Standing);
        Assert.Equal(Standing.Kept, After(new UploadEvent.Assigned(Second, Photo)).StandingOf(Later).Standing);
        Assert.Equal(Standing.Kept, After(new UploadEvent.Redirected(Second, new FileId(Second.Value), Photo, 2)).StandingOf(Later).Standing);
    }

    [Fact]
    public void The_bytes_of_an_upload_that_ended_without_a_file_are_over() => Assert.Equal(
        Standing.Over, After(Begun(First), new UploadEvent.Abandoned(First, Photo, "expired")).StandingOf(Original).Standing);

    [Fact]
    public void A_picture_of_a_person_is_kept_until_another_takes_its_place_it_is_removed_or_the_account_is_closed()
    {
        var (sea, hills) = (new AvatarId(First.Value), new AvatarId(Second.Value));
        var (former, now) = (ObjectKey.Avatar(Olga, sea), ObjectKey.Avatar(Olga, hills));
        object[] changed = [new AccountsEvent.AvatarChanged(Olga, sea, 1, "5ea", null), new AccountsEvent.AvatarChanged(Olga, hills, 1, "8111", sea)];
        Assert.Equal(Standing.Unknown, After().StandingOf(now).Standing);
        Assert.Equal(Standing.Kept, After(changed[..1]).StandingOf(former).Standing);
        Assert.Equal((Standing.Over, Standing.Kept), (After(changed).StandingOf(former).Standing, After(changed).StandingOf(now).Standing));
        Assert.Equal(Standing.Over, After([.. changed, new AccountsEvent.AvatarRemoved(Olga, hills)]).StandingOf(now).Standing);
        Assert.Equal(Standing.Over, After([.. changed, new AccountsEvent.Closed(Olga)]).StandingOf(now).Standing);
        Assert.Equal([$"account-{Olga}"], ObjectLedger.StreamsOf(now));
    }

    [Fact]
    public void The_bytes_of_a_part_are_kept_until_they_are_in_a_file()
    {
        var begun = new UploadEvent.PartBegun(First, new FileId(First.Value), 10, "digest", default);
        Assert.Equal(Standing.Kept, After(begun).StandingOf(Original).Standing);
        Assert.Equal(Standing.Over, After(begun, new UploadEvent.Consumed(First, new FileId(First.Value), Second, Photo)).StandingOf(Original).Standing);
        Assert.Equal(Standing.Over, After(begun, new UploadEvent.Abandoned(First, new FileId(First.Value), "expired")).StandingOf(Original).Standing);
    }

    [Fact]
    public void A_part_that_came_by_itself_is_kept_while_its_upload_is_under_way_and_no_longer()
    {
        var part = ObjectKey.Part(First, 2);
        Assert.Equal(Standing.Unknown, After().StandingOf(part).Standing);
        Assert.Equal(Standing.Kept, After(Begun(First)).StandingOf(part).Standing);
        Assert.Equal(Standing.Over, After(Begun(First), new UploadEvent.Abandoned(First, Photo, "expired")).StandingOf(part).Standing);
        // What became a file of them is an object of its own.
        Assert.Equal(Standing.Over, After(Begun(First), Completed(First, 1)).StandingOf(part).Standing);
        Assert.Equal([$"upload-{First}"], ObjectLedger.StreamsOf(part));
    }

    [Fact]
    public void All_bytes_of_a_file_that_is_deleted_for_good_are_over_in_whatever_order_one_hears_of_it()
    {
        object[] facts =
        [
            Completed(First, 1), new UploadEvent.Assigned(Second, Photo), Completed(Second, 2), Planned(1, Job),
            new DeleteEvent.Requested(Photo, Olga),
        ];
        foreach (var told in new[] { facts, [.. facts.Reverse()] })
            Assert.All([Original, Later, Thumbnail], key => Assert.Equal(Standing.Over, After(told).StandingOf(key).Standing));
    }

    [Fact]
    public void A_variant_is_kept_while_a_job_may_make_it_or_has_made_it()
    {
        Assert.Equal(Standing.Kept, After(Planned(1, Job)).StandingOf(Thumbnail).Standing);
        Assert.Equal(Standing.Unknown, After(Planned(2, Job)).StandingOf(Thumbnail).Standing);
        Assert.Equal(Standing.Over, After(Planned(1, Job), Failed(Job)).StandingOf(Thumbnail).Standing);
        Assert.Equal(Standing.Kept, After(Planned(1, Job), Failed(Job), Planned(1, Again)).StandingOf(Thumbnail).Standing);
        Assert.Equal(Standing.Over, After(Planned(1, Job), Failed(Job), Planned(1, Again), Failed(Again)).StandingOf(Thumbnail).Standing);
    }

    [Fact]
    public void What_only_a_deleted_version_had_is_over()
    {
        var deleted = new VersionEvent.Deleted(Photo, 1, Olga);
        Assert.Equal(Standing.Over, After(Completed(First, 1), Completed(Second, 2), deleted).StandingOf(Original).Standing);
        Assert.Equal(Standing.Kept, After(Completed(First, 1), Completed(Second, 2), deleted).StandingOf(Later).Standing);
        Assert.Equal(Standing.Over, After(Planned(1, Job), deleted).StandingOf(Thumbnail).Standing);
        Assert.True(After(Planned(1, Job), deleted).IsGone(Photo, Thumbnail));
        Assert.False(After(Completed(First, 1), deleted).IsGone(Photo, Later));
    }

    [Fact]
    public void What_a_restored_version_has_too_is_kept_until_that_is_deleted_in_whatever_order_one_hears_of_it()
    {
        object[] facts =
        [
            Completed(First, 1), Completed(Second, 2),
            new UploadEvent.Reinstated(First, Photo, 3, 1, "image/jpeg", 7, "ab", Original), new VersionEvent.Deleted(Photo, 1, Olga),
        ];
        foreach (var told in new[] { facts, [.. facts.Reverse()] })
        {
            Assert.Equal(Standing.Kept, After(told).StandingOf(Original).Standing);
            Assert.Equal(Standing.Over, After([.. told, new VersionEvent.Deleted(Photo, 3, null)]).StandingOf(Original).Standing);
        }
    }

    [Fact]
    public void Bytes_of_an_upload_whose_version_has_the_same_from_another_are_over_in_whatever_order_one_hears_of_it()
    {
        object[] facts = [Begun(Second), Completed(Second, 2) with { StoredAs = Original }, Completed(First, 1)];
        foreach (var told in new[] { facts, [.. facts.Reverse()] })
        {
            Assert.Equal(Standing.Over, After(told).StandingOf(Later).Standing);
            Assert.Equal(Standing.Kept, After(told).StandingOf(Original).Standing);
            // The second version has them still.
            Assert.Equal(Standing.Kept, After([.. told, new VersionEvent.Deleted(Photo, 1, null)]).StandingOf(Original).Standing);
        }
    }

    [Fact]
    public void An_upload_leads_to_the_other_file_that_has_its_bytes()
    {
        Assert.Equal([Photo], After(new UploadEvent.Assigned(Second, Photo)).FilesOf(Later));
        Assert.Empty(After(Completed(First, 1)).FilesOf(Original));
    }

    private static ObjectLedger After(params object[] facts)
    {
        var ledger = new ObjectLedger();
        foreach (var fact in facts)
            ledger.Hear(new RecordedEvent(1, new StreamId("x", default), 1, Guid.Empty, "x", default, fact));
        return ledger;
    }

    private static UploadEvent.Begun Begun(UploadId upload) => new(
        upload, Photo, FolderId.RootOf(Olga), "a", "image/jpeg", 7, "digest", NameConflict.Rename, DateTimeOffset.UnixEpoch);

    private static UploadEvent.Completed Completed(UploadId upload, int version) => new(
        upload, Photo, version, FolderId.RootOf(Olga), "a", "image/jpeg", 7, "ab", ObjectKey.Raw(upload));

    private static ProcessEvent.Planned Planned(int version, JobId job) => new(
        Photo, version, Original, "image/jpeg", [new PlannedStep(job, "thumbnail", "thumbnail", 300, 300)]);

    private static ProcessEvent.StepFailed Failed(JobId job) => new(Photo, job, "corrupt", "It is broken.");
}
