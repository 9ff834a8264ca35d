using System.Collections.Immutable;
using EventFiles.Features.Folders;
using static EventFiles.Features.Folders.FoldersCommand;
using static EventFiles.Features.Folders.FoldersEvent;

namespace EventFiles.Features.Tests.Folders;

public sealed class FoldersDeciderTests
{
    private static readonly FolderId Root = Folder(1);
    private static readonly FolderId Letters = Folder(2);
    private static readonly FolderId Taxes = Folder(3);
    private static readonly FolderId Inner = Folder(4);

    private static readonly FoldersEvent[] InTheTrash = [new Created(Letters, Root, "Letters"), new Trashed(Letters, Root, Letters)];

    private readonly Specification<FoldersCommand, FoldersState, FoldersEvent> folder =
        new(FoldersDecider.Decider, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_folder_is_made() => folder
        .Given()
        .When(new Create(Letters, Root, "Letters", [Root]))
        .Then(new Created(Letters, Root, "Letters"));

    [Fact]
    public void A_folder_may_be_made_a_hundred_deep() => folder
        .Given()
        .When(new Create(Letters, Inner, "Letters", Chain(100)))
        .Then(new Created(Letters, Inner, "Letters"));

    [Fact]
    public void No_folder_is_made_deeper_than_that() => folder
        .Given()
        .When(new Create(Letters, Inner, "Letters", Chain(101)))
        .ThenRejected(FoldersRejection.TooDeep);

    [Fact]
    public void A_folder_gets_another_name() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Place(Letters, null, "Post", []))
        .Then(new Renamed(Letters, Root, "Post"));

    [Fact]
    public void A_change_of_case_is_a_change() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Place(Letters, null, "LETTERS", []))
        .Then(new Renamed(Letters, Root, "LETTERS"));

    [Fact]
    public void A_folder_that_is_renamed_stays_where_it_was_moved_to() => folder
        .Given(new Created(Letters, Root, "Letters"), new Moved(Letters, Taxes, "Letters"))
        .When(new Place(Letters, null, "Post", []))
        .Then(new Renamed(Letters, Taxes, "Post"));

    [Fact]
    public void A_folder_is_thrown_away_with_itself_or_with_one_above_it()
    {
        folder.Given(new Created(Letters, Root, "Letters")).When(new Trash(Letters, Letters)).Then(new Trashed(Letters, Root, Letters));
        folder.Given(new Created(Letters, Root, "Letters")).When(new Trash(Letters, Taxes)).Then(new Trashed(Letters, Root, Taxes));
        folder.Given(InTheTrash).When(new Trash(Letters, Taxes)).ThenNothing();
        folder.Given().When(new Trash(Letters, Letters)).ThenRejected(FoldersRejection.Missing);
    }

    [Fact]
    public void What_lies_in_the_trash_is_not_there_and_comes_back_where_it_is_wanted()
    {
        folder.Given(InTheTrash).When(new Place(Letters, null, "Post", [])).ThenRejected(FoldersRejection.Missing);
        folder.Given(InTheTrash).When(new Create(Letters, Root, "Letters", [Root])).ThenRejected(FoldersRejection.Missing);
        folder.Given(InTheTrash).When(new Restore(Letters, Taxes, "Post", [Taxes, Root])).ThenEachTime(new Restored(Letters, Taxes, "Post", Letters));
        folder.Given(InTheTrash).When(new Restore(Letters, Root, null, [Root])).ThenEachTime(new Restored(Letters, Root, "Letters", Letters));
        folder.Given(InTheTrash).When(new Restore(Letters, Inner, null, Chain(101))).ThenRejected(FoldersRejection.TooDeep);
        folder.Given(new Created(Letters, Root, "Letters")).When(new Restore(Letters, Root, null, [Root])).ThenRejected(FoldersRejection.NotTrashed);
    }

    [Fact]
    public void What_is_to_be_deleted_for_good_does_not_come_back()
    {
        folder.Given(InTheTrash).When(new Doom(Letters)).Then(new Doomed(Letters));
        folder.Given([.. InTheTrash, new Doomed(Letters)]).When(new Restore(Letters, Root, null, [Root])).ThenRejected(FoldersRejection.Gone);
        folder.Given([.. InTheTrash, new Doomed(Letters)]).When(new Remove(Letters)).Then(new Deleted(Letters));
        folder.Given([.. InTheTrash, new Doomed(Letters), new Deleted(Letters)]).When(new Restore(Letters, Root, null, [Root])).ThenRejected(FoldersRejection.Missing);
        folder.Given(new Created(Letters, Root, "Letters")).When(new Doom(Letters)).ThenRejected(FoldersRejection.NotTrashed);
        folder.Given([.. InTheTrash, new Doomed(Letters)]).When(new Spare(Letters)).Then(new Spared(Letters));
        folder.Given(InTheTrash).When(new Spare(Letters)).ThenNothing();
        folder.Given([.. InTheTrash, new Doomed(Letters), new Spared(Letters)]).When(new Restore(Letters, Root, null, [Root]))
            .ThenEachTime(new Restored(Letters, Root, "Letters", Letters));
    }

    [Fact]
    public void A_folder_is_moved() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Place(Letters, Taxes, null, [Taxes, Root]))
        .Then(new Moved(Letters, Taxes, "Letters"));

    [Fact]
    public void A_folder_is_moved_and_renamed_at_once() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Place(Letters, Taxes, "Post", [Taxes, Root]))
        .Then(new Moved(Letters, Taxes, "Post"));

    [Fact]
    public void What_is_so_already_needs_no_event() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Place(Letters, Root, "Letters", [Root]))
        .ThenNothing();

    [Fact]
    public void A_folder_is_not_moved_into_itself() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Place(Letters, Letters, null, [Letters, Root]))
        .ThenRejected(FoldersRejection.Cycle);

    [Fact]
    public void A_folder_is_not_moved_into_one_below_it() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Place(Letters, Inner, null, [Inner, Taxes, Letters, Root]))
        .ThenRejected(FoldersRejection.Cycle);

    [Fact]
    public void A_folder_is_not_moved_too_deep() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Place(Letters, Inner, null, Chain(101)))
        .ThenRejected(FoldersRejection.TooDeep);

    [Fact]
    public void A_deleted_folder_cannot_be_placed() => folder
        .Given(new Created(Letters, Root, "Letters"), new Deleted(Letters))
        .When(new Place(Letters, null, "Post", []))
        .ThenRejected(FoldersRejection.Missing);

    [Fact]
    public void A_folder_may_go() => folder
        .Given(new Created(Letters, Root, "Letters"))
        .When(new Remove(Letters))
        .Then(new Deleted(Letters));

    [Fact]
    public void What_is_gone_already_needs_no_second_deletion() => folder
        .Given(new Created(Letters, Root, "Letters"), new Deleted(Letters))
        .When(new Remove(Letters))
        .ThenNothing();

    private static ImmutableArray<FolderId> Chain(int length) =>
        [.. Enumerable.Range(10, length - 1).Select(Folder), Root];

    private static FolderId Folder(int number) => new(new Guid(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0));
}
