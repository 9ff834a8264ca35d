using EventFiles.Features.Delete;
using static EventFiles.Features.Delete.DeleteCommand;
using static EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Features.Tests.Delete;

public sealed class DeleteDeciderTests
{
    private static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly FolderId Root = FolderId.RootOf(Olga);
    private static readonly Removed Three = new(1, 2, 0, 70, 4);

    private readonly Specification<DeleteCommand, DeleteState, DeleteEvent> file =
        new(DeleteDecider.Decider, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_file_is_thrown_away() => file
        .Given()
        .When(new Trash(Photo, Olga))
        .Then(new Trashed(Photo, Olga));

    [Fact]
    public void A_file_goes_with_its_folder_and_what_went_before_stays_by_itself()
    {
        file.Given().When(new TrashWith(Photo, Root, Root, Olga)).Then(new TrashedWith(Photo, Root, Root, Olga));
        file.Given(new Trashed(Photo, Olga)).When(new TrashWith(Photo, Root, Root, Olga)).ThenNothing();
        file.Given(new TrashedWith(Photo, Root, Root, Olga)).When(new Restore(Photo, Olga, Root, "a")).ThenEachTime(new Restored(Photo, Olga, Root, "a"));
        file.Given(new Requested(Photo, Olga)).When(new TrashWith(Photo, Root, Root, Olga)).ThenRejected(DeleteRejection.Gone);
    }

    [Fact]
    public void A_trashed_file_comes_back() => file
        .Given(new Trashed(Photo, Olga))
        .When(new Restore(Photo, Olga, Root, "a"))
        .ThenEachTime(new Restored(Photo, Olga, Root, "a"));

    [Fact]
    public void A_restored_file_may_be_thrown_away_again() => file
        .Given(new Trashed(Photo, Olga), new Restored(Photo, Olga, Root, "a"))
        .When(new Trash(Photo, Olga))
        .Then(new Trashed(Photo, Olga));

    [Fact]
    public void What_does_not_lie_in_the_trash_cannot_be_restored() => file
        .Given()
        .When(new Restore(Photo, Olga, Root, "a"))
        .ThenRejected(DeleteRejection.NotTrashed);

    [Fact]
    public void What_was_restored_cannot_be_restored_again() => file
        .Given(new Trashed(Photo, Olga), new Restored(Photo, Olga, Root, "a"))
        .When(new Restore(Photo, Olga, Root, "b"))
        .ThenRejected(DeleteRejection.NotTrashed);

    [Fact]
    public void A_trashed_file_is_deleted_for_good() => file
        .Given(new Trashed(Photo, Olga))
        .When(new Request(Photo, Olga))
        .Then(new Requested(Photo, Olga));

    [Fact]
    public void A_file_may_be_deleted_for_good_at_once() => file
        .Given()
        .When(new Request(Photo, Olga))
        .Then(new Requested(Photo, Olga));

    [Fact]
    public void Emptying_the_trash_deletes_what_lies_in_it() => file
        .Given(new Trashed(Photo, Olga))
        .When(new Empty(Photo, Olga))
        .Then(new Requested(Photo, Olga));

    [Fact]
    public void Emptying_the_trash_spares_what_was_restored_meanwhile() => file
        .Given(new Trashed(Photo, Olga), new Restored(Photo, Olga, Root, "a"))
        .When(new Empty(Photo, Olga))
        .ThenNothing();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_the_request_there_is_no_way_back(bool isPurged)
    {
        DeleteEvent[] history = isPurged
            ? [new Requested(Photo, Olga), new Purged(Photo, 3)]
            : [new Requested(Photo, Olga)];
        file.Given(history).When(new Restore(Photo, Olga, Root, "a")).ThenRejected(DeleteRejection.Gone);
        file.Given(history).When(new Trash(Photo, Olga)).ThenRejected(DeleteRejection.Gone);
        file.Given(history).When(new Request(Photo, Olga)).ThenNothing();
        file.Given(history).When(new Empty(Photo, Olga)).ThenNothing();
    }

    [Fact]
    public void What_is_left_is_removed_once() => file
        .Given(new Requested(Photo, Olga))
        .When(new Purge(Photo, Three))
        .Then(new Verified(Photo, 1, 2, 0, 70, 4), new Purged(Photo, 3));

    [Fact]
    public void Only_what_was_asked_for_is_removed() => file
        .Given(new Trashed(Photo, Olga))
        .When(new Purge(Photo, Three))
        .ThenRejected(DeleteRejection.NotRequested);
}
