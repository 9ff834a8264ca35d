using EventFiles.Features.Files;
using static EventFiles.Features.Files.FilesCommand;
using static EventFiles.Features.Files.FilesEvent;

namespace EventFiles.Features.Tests.Files;

public sealed class FilesDeciderTests
{
    private static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly FolderId Root = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly FolderId Letters = new(Guid.Parse("00000000-0000-7000-8000-000000000003"));
    private static readonly Placement AsUploaded = new(0, Root, "photo.jpg");

    private readonly Specification<FilesCommand, Placement, FilesEvent> file =
        new(FilesDecider.Decider, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_file_gets_another_name() => file
        .Given()
        .When(new Place(Photo, null, "cat.jpg", AsUploaded, false))
        .Then(new Renamed(Photo, Root, "cat.jpg"));

    [Fact]
    public void A_file_is_moved() => file
        .Given()
        .When(new Place(Photo, Letters, null, AsUploaded, false))
        .Then(new Moved(Photo, Letters, "photo.jpg"));

    [Fact]
    public void A_file_is_moved_and_renamed_at_once() => file
        .Given()
        .When(new Place(Photo, Letters, "cat.jpg", AsUploaded, true))
        .Then(new Moved(Photo, Letters, "cat.jpg"));

    [Fact]
    public void What_is_so_already_needs_no_event() => file
        .Given()
        .When(new Place(Photo, Root, "photo.jpg", AsUploaded, true))
        .ThenNothing();

    [Fact]
    public void A_renaming_keeps_the_place_that_the_caller_had_not_seen_yet() => file
        .Given(new Moved(Photo, Letters, "photo.jpg"))
        .When(new Place(Photo, null, "cat.jpg", AsUploaded, false))
        .Then(new Renamed(Photo, Letters, "cat.jpg"));

    [Fact]
    public void A_restored_file_is_where_the_caller_saw_it() => file
        .Given(new Renamed(Photo, Root, "cat.jpg"))
        .When(new Place(Photo, null, "cat.jpg", new Placement(1, Letters, "cat (1).jpg"), false))
        .Then(new Renamed(Photo, Letters, "cat.jpg"));

    [Fact]
    public void Of_two_who_saw_the_same_only_the_first_may_change_it() => file
        .Given(new Renamed(Photo, Root, "cat.jpg"))
        .When(new Place(Photo, null, "dog.jpg", AsUploaded, true))
        .ThenRejected(FilesRejection.ChangedMeanwhile);

    [Fact]
    public void Whoever_saw_the_last_change_may_make_the_next() => file
        .Given(new Renamed(Photo, Root, "cat.jpg"))
        .When(new Place(Photo, null, "dog.jpg", new Placement(1, Root, "cat.jpg"), true))
        .Then(new Renamed(Photo, Root, "dog.jpg"));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_is_thrown_away_is_out_until_it_is_restored(bool isRestored)
    {
        List<Features.Delete.DeleteEvent> history = [new Features.Delete.DeleteEvent.Trashed(Photo, default)];
        if (isRestored)
            history.Add(new Features.Delete.DeleteEvent.Restored(Photo, default, Root, "photo.jpg"));
        Assert.Equal(!isRestored, FilesTrash.Decider.Fold(history).IsOut);
    }
}
