using System.Text.Json;
using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Process;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Files;

public sealed class FilesProjectionTests
{
    private static readonly AccountId Olga = new(Uuid(1));
    private static readonly FolderId Root = FolderId.RootOf(Olga);
    private static readonly FolderId Letters = new(Uuid(2));
    private static readonly FileId Photo = new(Uuid(3));
    private static readonly JobId Job = new(Uuid(4));
    private static readonly JobId Again = new(Uuid(5));

    private readonly Telling<FileView> files = Fresh();

    [Fact]
    public void A_resumable_upload_shows_its_file_from_the_beginning()
    {
        files.Tell(Begun());
        var file = Summary();
        Assert.Equal(
            ("uploading", "photo.jpg", 99L, 0, (string?)null),
            (file.Status, file.Name, file.SizeBytes, file.Version, file.Sha256));
    }

    [Fact]
    public void An_abandoned_upload_leaves_no_file()
    {
        files.Tell(Begun(), new UploadEvent.Abandoned(new UploadId(Photo.Value), Photo, "expired"));
        Assert.Null(files.View(Photo));
    }

    [Fact]
    public void An_upload_that_went_into_another_file_leaves_none_of_its_own()
    {
        files.Tell(Begun(), new UploadEvent.Redirected(new UploadId(Photo.Value), Photo, new FileId(Uuid(9)), 2));
        Assert.Null(files.View(Photo));
    }

    [Fact]
    public void A_further_upload_changes_nothing_before_it_is_complete()
    {
        var before = files.Tell(Completed(1)).View(Photo);
        files.Tell(Begun() with { Upload = new UploadId(Uuid(8)), Name = "else.jpg" });
        Assert.Equal(before, files.View(Photo));
        files.Tell(new UploadEvent.Abandoned(new UploadId(Uuid(8)), Photo, "cancelled"));
        Assert.Equal(before, files.View(Photo));
    }

    [Fact]
    public void A_restored_version_is_the_current_one_by_its_old_bytes()
    {
        files.Tell(Completed(1), Completed(2), Reinstated(3));
        Assert.Equal((3, "sha1"), (Summary().Version, Summary().Sha256));
        Assert.Equal(1, files.View(Photo)!.Current()!.RestoredFrom);
    }

    [Fact]
    public void A_deleted_version_is_not_there_any_more_whatever_is_heard_of_it_later()
    {
        files.Tell(Completed(1), new VersionEvent.Labelled(Photo, 1, "As signed"), Completed(2));
        Assert.Equal("As signed", files.View(Photo)!.LabelOf(1));
        files.Tell(new VersionEvent.Deleted(Photo, 1, Olga), Completed(1));
        Assert.Equal([2], files.View(Photo)!.Versions.Select(version => version.Number));
        Assert.Null(files.View(Photo)!.LabelOf(1));
    }

    [Fact]
    public void A_label_goes_when_it_is_taken_away()
    {
        files.Tell(Completed(1), new VersionEvent.Labelled(Photo, 1, "a"), new VersionEvent.Unlabelled(Photo, 1));
        Assert.Null(files.View(Photo)!.LabelOf(1));
    }

    [Fact]
    public void A_complete_file_is_described_whole()
    {
        files.Tell(Begun(), Completed(1));
        var file = Summary();
        Assert.Equal(
            ("ready", 10L, 1, "sha1", Olga, ScanVerdict.NotScanned),
            (file.Status, file.SizeBytes, file.Version, file.Sha256, file.Owner, file.Scan));
        Assert.Equal(new ObjectKey("raw/1"), file.StoredAs);
        Assert.Equal(Telling<FileView>.Noon.AddSeconds(2), file.CreatedAt);
    }

    [Fact]
    public void Plan_and_completion_may_come_in_any_order()
    {
        files.Tell(Planned(1, Job), Completed(1));
        var other = Fresh().Tell(Completed(1), Planned(1, Job));
        Assert.Equal("processing", files.View(Photo)!.Status());
        AssertSame(other.View(Photo)!, files.View(Photo)!);
    }

    [Fact]
    public void A_new_version_and_its_plan_may_come_in_any_order()
    {
        files.Tell(Completed(1), Planned(1, Job), Planned(2, Again), Completed(2));
        var other = Fresh().Tell(Completed(1), Planned(1, Job), Completed(2), Planned(2, Again));
        AssertSame(other.View(Photo)!, files.View(Photo)!);
        Assert.Equal([Again], files.View(Photo)!.CurrentSteps().Select(step => step.Job));
    }

    [Fact]
    public void A_step_is_followed_through_its_attempts()
    {
        files.Tell(Completed(1), Planned(1, Job));
        Assert.Equal((StepStatus.Queued, 0), Step());
        files.Tell(new ProcessEvent.StepStarted(Photo, Job, 1, default));
        Assert.Equal((StepStatus.Running, 1), Step());
        files.Tell(new ProcessEvent.StepDelayed(Photo, Job, 1, "busy", default));
        Assert.Equal((StepStatus.Delayed, 1), Step());
        files.Tell(new ProcessEvent.StepStarted(Photo, Job, 2, default));
        Assert.Equal((StepStatus.Running, 2), Step());
        files.Tell(Made(1, Job));
        Assert.Equal((StepStatus.Succeeded, 2), Step());
        Assert.Equal("thumbnail", Assert.Single(Summary().Variants).Name);
        Assert.Null(files.View(Photo)!.Steps[0].Error);
    }

    [Fact]
    public void A_broken_picture_says_why_it_failed()
    {
        files.Tell(Completed(1), Planned(1, Job), new ProcessEvent.StepFailed(Photo, Job, "corrupt", "It ends too early."));
        Assert.Equal("failed", Summary().Status);
        Assert.Equal("corrupt: It ends too early.", files.View(Photo)!.Steps[0].Error);
    }

    [Fact]
    public void A_second_try_makes_the_first_forgotten()
    {
        files.Tell(
            Completed(1), Planned(1, Job), new ProcessEvent.StepFailed(Photo, Job, "crashed", "."), Planned(1, Again),
            Made(1, Again));
        Assert.Equal("ready", Summary().Status);
        Assert.Equal(Again, Assert.Single(files.View(Photo)!.Steps).Job);
    }

    [Fact]
    public void What_was_made_of_an_old_version_is_not_shown_for_the_new_one()
    {
        files.Tell(Completed(1), Planned(1, Job), Completed(2), Made(1, Job));
        Assert.Empty(Summary().Variants);
        Assert.Equal([1, 2], files.View(Photo)!.Versions.Select(version => version.Number));
    }

    [Fact]
    public void What_is_made_again_has_another_tag()
    {
        files.Tell(Completed(1), Planned(1, Job), Made(1, Job));
        var first = Assert.Single(files.View(Photo)!.Variants).Position;
        files.Tell(Planned(1, Again), Made(1, Again));
        Assert.NotEqual(first, Assert.Single(files.View(Photo)!.Variants).Position);
    }

    [Fact]
    public void The_tag_changes_with_everything_that_is_shown()
    {
        var tags = new List<string>();
        foreach (var fact in new object[]
        {
            Completed(1), Planned(1, Job), new ProcessEvent.StepStarted(Photo, Job, 1, default), Made(1, Job),
            new FilesEvent.Renamed(Photo, Root, "cat.jpg"), new FilesEvent.Moved(Photo, Letters, "cat.jpg"),
            new DeleteEvent.Trashed(Photo, Olga), new DeleteEvent.Restored(Photo, Olga, Root, "cat.jpg"), Completed(2),
        })
            tags.Add(files.Tell(fact).View(Photo)!.ETag());
        Assert.Equal(tags.Distinct(), tags);
        Assert.Equal(2, files.View(Photo)!.Revision);
    }

    [Fact]
    public void A_trashed_file_says_so_and_comes_back_as_it_was()
    {
        files.Tell(Completed(1), new DeleteEvent.Trashed(Photo, Olga));
        Assert.Equal("trashed", Summary().Status);
        files.Tell(new DeleteEvent.Restored(Photo, Olga, Letters, "photo (1).jpg"));
        Assert.Equal(("ready", "photo (1).jpg", Letters), (Summary().Status, Summary().Name, Summary().FolderId));
    }

    [Fact]
    public void Trash_and_what_happens_to_the_content_may_come_in_any_order()
    {
        object[] content = [Planned(2, Again), Completed(2), Made(2, Again)];
        files.Tell([Completed(1), new DeleteEvent.Trashed(Photo, Olga), .. content]);
        var other = Fresh().Tell([Completed(1), .. content, new DeleteEvent.Trashed(Photo, Olga)]);
        Assert.Equal("trashed", files.View(Photo)!.Status());
        AssertSame(other.View(Photo)!, files.View(Photo)!);
    }

    [Fact]
    public void Nothing_of_a_deleted_file_is_kept_and_nothing_brings_it_back()
    {
        files.Tell(
            Completed(1), new DeleteEvent.Trashed(Photo, Olga), new DeleteEvent.Requested(Photo, Olga), Completed(2),
            Planned(2, Again), Made(2, Again), new FilesEvent.Renamed(Photo, Root, "again.jpg"),
            new DeleteEvent.Purged(Photo, 2));
        var file = files.View(Photo)!;
        Assert.Equal(("deleted", ""), (file.Status(), file.Name));
        Assert.Empty(file.Versions);
        Assert.Empty(file.Steps);
    }

    private (StepStatus, int) Step() =>
        (files.View(Photo)!.Steps.Single().Status, files.View(Photo)!.Steps.Single().Attempts);

    private FileSummary Summary() => files.View(Photo)!.ToSummary();

    // Positions and times are those of the log, which differ when the order does.
    private static void AssertSame(FileView expected, FileView actual) => Assert.Equal(Timeless(expected), Timeless(actual));

    private static string Timeless(FileView file) => JsonSerializer.Serialize(file with
    {
        Position = 0,
        CreatedAt = default,
        Versions = [.. file.Versions.Select(version => version with { CreatedAt = default })],
        Steps = [.. file.Steps.Select(step => step with { Since = default })],
        Variants = [.. file.Variants.Select(made => made with { Position = 0, MadeAt = default })],
    });

    private static Telling<FileView> Fresh() => new(FilesProjection.Define(), Olga);

    private static UploadEvent.Begun Begun() => new(
        new UploadId(Photo.Value), Photo, Root, "photo.jpg", "image/jpeg", 99, "digest", NameConflict.Rename, default);

    private static UploadEvent.Reinstated Reinstated(int version) => new(
        new UploadId(Uuid(1)), Photo, version, 1, "image/jpeg", 10, "sha1", new ObjectKey("raw/1"));

    private static UploadEvent.Completed Completed(int version) => new(
        new UploadId(Uuid(100 + version)), Photo, version, Root, "photo.jpg", "image/jpeg", version * 10, $"sha{version}",
        new ObjectKey($"raw/{version}"));

    private static ProcessEvent.Planned Planned(int version, JobId job) => new(
        Photo, version, new ObjectKey("raw/x"), "image/jpeg", [new PlannedStep(job, "thumbnail", "thumbnail", 300, 300)]);

    private static ProcessEvent.StepSucceeded Made(int version, JobId job) => new(
        Photo, job, "1",
        new MadeVariant(version, "thumbnail", ObjectKey.Variant(Photo, version, "thumbnail"), "image/jpeg", 5, 300, 200));

    private static Guid Uuid(int number) => new(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);
}
