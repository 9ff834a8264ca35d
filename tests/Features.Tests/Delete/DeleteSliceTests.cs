using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Delete;

public sealed class DeleteSliceTests
{
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly FolderId Root = FolderId.RootOf(Olga);
    private static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-000000000003"));
    private static readonly FileId Paper = new(Guid.Parse("00000000-0000-7000-8000-000000000004"));

    private readonly Slice slice = DeleteSlice.Define();

    [Fact]
    public void The_trash_holds_what_was_thrown_away_newest_first()
    {
        var trash = new Telling<TrashEntry>(DeleteProjection.Define(), Olga)
            .Tell(new DeleteEvent.Trashed(Photo, Olga), new DeleteEvent.Trashed(Paper, Olga));
        Assert.Equal([Paper.ToString(), Photo.ToString()], trash.Index(DeleteProjection.TrashOf(Olga), descending: true));
    }

    [Fact]
    public void What_is_restored_or_deleted_leaves_the_trash()
    {
        var trash = new Telling<TrashEntry>(DeleteProjection.Define(), Olga).Tell(
            new DeleteEvent.Trashed(Photo, Olga), new DeleteEvent.Trashed(Paper, Olga),
            new DeleteEvent.Restored(Photo, Olga, Root, "a"), new DeleteEvent.Requested(Paper, Olga));
        Assert.Empty(trash.Index(DeleteProjection.TrashOf(Olga)));
    }

    [Fact]
    public void What_went_with_a_folder_is_listed_with_it_alone()
    {
        var (top, inner) = (new FolderId(Paper.Value), new FolderId(Guid.Parse("00000000-0000-7000-8000-000000000005")));
        var trash = new Telling<TrashEntry>(DeleteProjection.Define(), Olga).Tell(
            new FoldersEvent.Trashed(top, Root, top), new FoldersEvent.Trashed(inner, top, top),
            new DeleteEvent.TrashedWith(Photo, inner, top, Olga));
        Assert.Equal([top.ToString()], trash.Index(DeleteProjection.TrashOf(Olga)));
        Assert.Equal([inner.ToString()], trash.Index(DeleteProjection.TrashedIn(top, top)));
        Assert.Equal([Photo.ToString()], trash.Index(DeleteProjection.TrashedIn(inner, top)));
        trash.Tell(new FoldersEvent.Restored(inner, top, "Inner", top), new DeleteEvent.Restored(Photo, Olga, inner, "a"));
        Assert.Empty(trash.Index(DeleteProjection.TrashedIn(top, top)));
        Assert.Empty(trash.Index(DeleteProjection.TrashedIn(inner, top)));
    }

    [Fact]
    public void A_file_deleted_for_good_is_purged() =>
        Assert.Equal([new PurgeFile(Photo, Olga)], Following(new DeleteEvent.Requested(Photo, Olga)));

    [Fact]
    public void A_trashed_file_is_not_purged() => Assert.Empty(Following(new DeleteEvent.Trashed(Photo, Olga)));

    [Fact]
    public void A_version_that_comes_after_the_deletion_is_looked_at_and_a_new_file_is_not()
    {
        Assert.Equal([new PurgeFile(Photo, Olga)], Following(Completed(2)));
        Assert.Empty(Following(Completed(1)));
    }

    [Fact]
    public void The_trail_knows_every_original_and_the_last_name_and_place()
    {
        var letters = new FolderId(Guid.Parse("00000000-0000-7000-8000-000000000009"));
        var trail = new object[]
        {
            Completed(1), new FilesEvent.Renamed(Photo, Root, "b"), Completed(2), new FilesEvent.Moved(Photo, letters, "c"),
            new DeleteEvent.Trashed(Photo, Olga),
        }.Aggregate(FileTrail.Untrodden, (trail, fact) => trail.After(fact));
        Assert.Equal((letters, "c"), (trail.Folder, trail.Name));
        Assert.Equal([new ObjectKey("raw/1"), new ObjectKey("raw/2")], trail.Originals.Select(one => one.StoredAs));
        Assert.Equal("d", trail.After(new DeleteEvent.Restored(Photo, Olga, Root, "d")).Name);
    }

    private List<IWork> Following(object fact) =>
    [
        .. slice.Hearings.Where(hearing => hearing.Fact == fact.GetType())
            .Select(hearing => hearing.Follow(new RecordedEvent(
                1, new StreamId("x", Olga), 1, Guid.Empty, "x", DateTimeOffset.UnixEpoch, fact)))
            .OfType<IWork>(),
    ];

    private static UploadEvent.Completed Completed(int version) => new(
        new UploadId(Photo.Value), Photo, version, Root, "a", "image/jpeg", 1, "ab", new ObjectKey($"raw/{version}"));
}
