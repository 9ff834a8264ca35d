using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Process;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Folders;

public sealed class EntryProjectionTests
{
    private static readonly AccountId Olga = new(Uuid(1));
    private static readonly FolderId Root = FolderId.RootOf(Olga);
    private static readonly FolderId Letters = new(Uuid(2));
    private static readonly FileId Photo = new(Uuid(3));
    private static readonly JobId Job = new(Uuid(4));
    private static readonly JobId Again = new(Uuid(5));

    private readonly Telling<Entry> entries = new(EntryProjection.Define(), Olga);

    [Fact]
    public void A_complete_file_stands_in_its_folder()
    {
        entries.Tell(Completed(1));
        Assert.Equal([Photo.ToString()], List(Root, "name"));
        var view = entries.View(Photo)!.ToView();
        Assert.Equal(("file", "photo.jpg", 10L, "ready", 1), (view.Kind, view.Name, view.SizeBytes, view.Status, view.Version));
    }

    [Fact]
    public void A_file_whose_plan_was_heard_first_stands_nowhere_yet()
    {
        entries.Tell(Planned(1, Job));
        Assert.Empty(List(Root, "name"));
        Assert.Empty(List(default, "name"));
    }

    [Fact]
    public void Plan_and_completion_may_come_in_any_order()
    {
        entries.Tell(Planned(1, Job), Completed(1));
        Assert.Equal("processing", entries.View(Photo)!.ToView().Status);
        var other = new Telling<Entry>(EntryProjection.Define(), Olga).Tell(Completed(1), Planned(1, Job));
        Assert.Equal("processing", other.View(Photo)!.ToView().Status);
    }

    [Fact]
    public void A_picture_shows_its_thumbnail_and_is_ready()
    {
        entries.Tell(Completed(1), Planned(1, Job), Made(1, Job));
        var view = entries.View(Photo)!.ToView();
        Assert.Equal(("ready", "thumbnail"), (view.Status, view.Thumbnail));
    }

    [Fact]
    public void A_broken_picture_has_failed_until_it_is_tried_again()
    {
        entries.Tell(Completed(1), Planned(1, Job), new ProcessEvent.StepFailed(Photo, Job, "corrupt", "It ends too early."));
        Assert.Equal("failed", entries.View(Photo)!.ToView().Status);
        entries.Tell(Planned(1, Again));
        Assert.Equal("processing", entries.View(Photo)!.ToView().Status);
        entries.Tell(Made(1, Again));
        Assert.Equal("ready", entries.View(Photo)!.ToView().Status);
    }

    [Fact]
    public void The_old_thumbnail_is_not_shown_for_a_new_version()
    {
        entries.Tell(Completed(1), Planned(1, Job), Made(1, Job), Completed(2));
        var view = entries.View(Photo)!.ToView();
        Assert.Equal((2, (string?)null, 20L), (view.Version, view.Thumbnail, view.SizeBytes));
        Assert.NotEqual(view.CreatedAt, view.ModifiedAt);
    }

    [Fact]
    public void A_late_variant_of_an_old_version_does_not_replace_the_new_one()
    {
        entries.Tell(Completed(1), Planned(1, Job), Completed(2), Planned(2, Again), Made(2, Again), Made(1, Job));
        Assert.Equal("thumbnail", entries.View(Photo)!.ToView().Thumbnail);
    }

    [Fact]
    public void A_file_moves_with_its_name()
    {
        entries.Tell(Completed(1), new FilesEvent.Moved(Photo, Letters, "other.jpg"));
        Assert.Empty(List(Root, "name"));
        Assert.Equal([Photo.ToString()], List(Letters, "name"));
        Assert.Equal("other.jpg", entries.View(Photo)!.Name);
    }

    [Fact]
    public void What_is_trashed_stands_in_no_list_and_comes_back_where_it_is_restored_to()
    {
        entries.Tell(Completed(1), new DeleteEvent.Trashed(Photo, Olga));
        Assert.Empty(List(Root, "name"));
        entries.Tell(new DeleteEvent.Restored(Photo, Olga, Letters, "photo (1).jpg"));
        Assert.Equal([Photo.ToString()], List(Letters, "name"));
        Assert.Equal("photo (1).jpg", entries.View(Photo)!.Name);
    }

    [Fact]
    public void Trash_and_a_further_version_may_come_in_any_order()
    {
        entries.Tell(Completed(1), new DeleteEvent.Trashed(Photo, Olga), Completed(2));
        var other = new Telling<Entry>(EntryProjection.Define(), Olga)
            .Tell(Completed(1), Completed(2), new DeleteEvent.Trashed(Photo, Olga));
        Assert.All(new[] { entries, other }, each =>
        {
            Assert.Empty(each.Index(ChildrenSort.Of(Root, "name", ofFolders: false).Index));
            Assert.Equal((2, true), (each.View(Photo)!.Version, each.View(Photo)!.IsTrashed));
        });
    }

    [Fact]
    public void Trash_and_the_end_of_a_step_may_come_in_any_order()
    {
        entries.Tell(Completed(1), Planned(1, Job), new DeleteEvent.Trashed(Photo, Olga), Made(1, Job));
        var other = new Telling<Entry>(EntryProjection.Define(), Olga)
            .Tell(Completed(1), Planned(1, Job), Made(1, Job), new DeleteEvent.Trashed(Photo, Olga));
        foreach (var each in new[] { entries, other })
            each.Tell(new DeleteEvent.Restored(Photo, Olga, Root, "photo.jpg"));
        Assert.Equal("ready", entries.View(Photo)!.ToView().Status);
        Assert.Equal(entries.View(Photo)!.ToView(), other.View(Photo)!.ToView());
    }

    [Fact]
    public void Nothing_brings_a_deleted_file_back()
    {
        entries.Tell(
            Completed(1), new DeleteEvent.Requested(Photo, Olga), Completed(2), Made(1, Job),
            new FilesEvent.Renamed(Photo, Root, "again.jpg"), new ProcessEvent.Cancelled(Photo));
        Assert.Null(entries.View(Photo));
        entries.Tell(Planned(2, Again), Completed(2));
        Assert.Empty(List(Root, "name"));
    }

    [Fact]
    public void Folders_stand_first_by_name_in_both_directions()
    {
        var (zebra, ant) = (new FolderId(Uuid(20)), new FolderId(Uuid(21)));
        entries.Tell(
            Named(10, "b10"), Named(11, "B2"), new FoldersEvent.Created(zebra, Root, "zebra"), Named(12, "a"),
            new FoldersEvent.Created(ant, Root, "Ant"));
        Assert.Equal([Key(21), Key(20), Key(12), Key(11), Key(10)], List(Root, "name"));
        Assert.Equal([Key(20), Key(21), Key(10), Key(11), Key(12)], List(Root, "-name"));
    }

    [Fact]
    public void A_list_may_be_had_by_size_time_and_type_and_folders_stand_first_in_each()
    {
        var ant = new FolderId(Uuid(21));
        entries.Tell(
            Named(10, "c", 300, "image/png"), Named(11, "b", 2, "image/jpeg"), Named(12, "a", 10, "text/plain"),
            new FoldersEvent.Created(Letters, Root, "z"), new FoldersEvent.Created(ant, Root, "ant"),
            new FoldersEvent.Renamed(Letters, Root, "zebra"));
        Assert.Equal([Key(21), Key(2), Key(11), Key(12), Key(10)], List(Root, "size"));
        Assert.Equal([Key(2), Key(21), Key(10), Key(12), Key(11)], List(Root, "-size"));
        Assert.Equal([Key(2), Key(21), Key(10), Key(11), Key(12)], List(Root, "createdAt"));
        Assert.Equal([Key(21), Key(2), Key(12), Key(11), Key(10)], List(Root, "-createdAt"));
        Assert.Equal([Key(21), Key(2), Key(10), Key(11), Key(12)], List(Root, "modifiedAt"));
        Assert.Equal([Key(2), Key(21), Key(12), Key(11), Key(10)], List(Root, "-modifiedAt"));
        Assert.Equal([Key(21), Key(2), Key(11), Key(10), Key(12)], List(Root, "type"));
        Assert.Equal([Key(2), Key(21), Key(12), Key(10), Key(11)], List(Root, "-type"));
    }

    [Fact]
    public void A_new_version_moves_a_file_in_the_order_of_changes_only()
    {
        entries.Tell(Completed(1), Named(10, "later"), Completed(2));
        Assert.Equal([Photo.ToString(), Key(10)], List(Root, "createdAt"));
        Assert.Equal([Key(10), Photo.ToString()], List(Root, "modifiedAt"));
    }

    [Fact]
    public void A_folder_is_renamed_moved_and_deleted()
    {
        var target = new FolderId(Uuid(20));
        entries.Tell(new FoldersEvent.Created(Letters, Root, "Letters"), new FoldersEvent.Renamed(Letters, Root, "Post"));
        Assert.Equal("Post", entries.View(Letters)!.ToView().Name);
        Assert.Null(entries.View(Letters)!.ToView().Status);
        entries.Tell(new FoldersEvent.Moved(Letters, target, "Post"));
        Assert.Equal([Letters.ToString()], List(target, "name"));
        entries.Tell(new FoldersEvent.Deleted(Letters));
        Assert.Null(entries.View(Letters));
    }

    // As a page is made: folders first, then files.
    private IReadOnlyList<string> List(FolderId folder, string sort)
    {
        var (folders, descending) = ChildrenSort.Of(folder, sort, ofFolders: true);
        return [.. entries.Index(folders, descending), .. entries.Index(ChildrenSort.Of(folder, sort, ofFolders: false).Index, descending)];
    }

    private static UploadEvent.Completed Completed(int version) => new(
        new UploadId(Uuid(100 + version)), Photo, version, Root, "photo.jpg", "image/jpeg", version * 10, "ab",
        new ObjectKey("raw/x"));

    private static UploadEvent.Completed Named(int file, string name, long size = 1, string type = "text/plain") => new(
        new UploadId(Uuid(file)), new FileId(Uuid(file)), 1, Root, name, type, size, "ab", new ObjectKey("raw/x"));

    private static ProcessEvent.Planned Planned(int version, JobId job) => new(
        Photo, version, new ObjectKey("raw/x"), "image/jpeg", [new PlannedStep(job, "thumbnail", "thumbnail", 300, 300)]);

    private static ProcessEvent.StepSucceeded Made(int version, JobId job) => new(
        Photo, job, "1",
        new MadeVariant(version, "thumbnail", ObjectKey.Variant(Photo, version, "thumbnail"), "image/jpeg", 5, 300, 200));

    private static string Key(int number) => Uuid(number).ToString();

    private static Guid Uuid(int number) => new(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);
}
