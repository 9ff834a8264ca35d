using System.Collections.Immutable;
using EventFiles.Features.Copy;
using static EventFiles.Features.Copy.CopyCommand;
using static EventFiles.Features.Copy.CopyEvent;

namespace EventFiles.Features.Tests.Copy;

public sealed class CopyDeciderTests
{
    private static readonly DateTimeOffset Noon = Telling<CopyView>.Noon;
    private static readonly CopyId Id = new(Uuid(1));
    private static readonly FolderId Letters = new(Uuid(2));
    private static readonly FolderId Target = new(Uuid(3));
    private static readonly CopiedFolder Inner = new(new FolderId(Uuid(4)), new FolderId(Uuid(5)));
    private static readonly CopiedFolder Other = new(new FolderId(Uuid(6)), new FolderId(Uuid(7)));

    private static readonly ImmutableArray<CopyFailure> Failures = [new(Uuid(9), "files.not-found")];

    private readonly Specification<CopyCommand, CopyState, CopyEvent> copy = new(CopyDecider.Decider, Noon);

    [Fact]
    public void A_folder_is_to_be_copied() => copy
        .Given()
        .When(new Request(Id, Letters, Target, 3, 30, Noon.AddHours(1)))
        .Then(Begun());

    [Fact]
    public void A_folder_of_one_page_without_folders_is_done_with_it() => copy
        .Given(Begun())
        .When(new NotePage(Id, Target, 1, 3, 30, [], [], "", Noon.AddHours(2)))
        .Then(Page(Target, 1, 3, 30), new Ended(Id, "done"));

    [Fact]
    public void What_could_not_be_copied_is_told() => copy
        .Given(Begun())
        .When(new NotePage(Id, Target, 1, 2, 20, Failures, [], "", Noon.AddHours(2)))
        .Then(Page(Target, 1, 2, 20) with { Failures = Failures }, new Ended(Id, "incomplete"));

    [Fact]
    public void Figures_go_on_from_page_to_page() => copy
        .Given(Begun(), Page(Target, 1, 1, 10) with { Folders = [Inner], Next = "more" })
        .When(new NotePage(Id, Target, 2, 1, 10, [], [], "", Noon.AddHours(2)))
        .Then(Page(Target, 2, 2, 20));

    [Fact]
    public void All_pages_of_a_folder_come_before_what_is_in_its_folders()
    {
        var state = CopyDecider.Decider.Fold(
            [Begun(), Page(Target, 1, 1, 10) with { Folders = [Inner, Other], Next = "more" }]);
        Assert.Equal(new DuePage(Letters, Target, 2, "more"), state.Due);
        state = CopyDecider.Decider.Evolve(state, Page(Target, 2, 1, 10));
        Assert.Equal(new DuePage(Other.Source, Other.Target, 1, null), state.Due);
        Assert.Equal(20, state.LeftBytes);
    }

    [Fact]
    public void A_page_that_is_not_due_counts_nothing() => copy
        .Given(Begun(), Page(Target, 1, 1, 10) with { Folders = [Inner] })
        .When(new NotePage(Id, Target, 1, 1, 10, [], [Inner], "", Noon.AddHours(2)))
        .ThenNothing();

    [Fact]
    public void It_may_be_cancelled_and_then_nothing_follows()
    {
        copy.Given(Begun()).When(new Cancel(Id)).Then(new Ended(Id, "cancelled"));
        copy.Given(Begun(), new Ended(Id, "cancelled")).When(new NotePage(Id, Target, 1, 1, 10, [], [], "", Noon)).ThenNothing();
    }

    [Fact]
    public void It_is_given_up_when_its_time_is_over_and_not_before()
    {
        copy.Given(Begun() with { Until = Noon }).When(new GiveUp(Id)).Then(new Ended(Id, "abandoned"));
        copy.Given(Begun()).When(new GiveUp(Id)).ThenNothing();
        copy.Given().When(new GiveUp(Id)).ThenRejected(CopyRejection.Missing);
    }

    [Fact]
    public void Readers_see_how_far_it_has_come()
    {
        var owner = new AccountId(Uuid(8));
        var told = new Telling<CopyView>(CopyProjection.Define(), owner)
            .Tell(Begun(), Page(Target, 1, 2, 20) with { Failures = Failures });
        Assert.Equal((2, 20L, "running"), (told.View(Id)!.FilesCopied, told.View(Id)!.BytesCopied, told.View(Id)!.ToReply().Status));
        Assert.Equal([Id.ToString()], told.Index(CopyProjection.Due));
        told.Tell(new Ended(Id, "incomplete"));
        Assert.Equal("incomplete", told.View(Id)!.ToReply().Status);
        Assert.Equal([new CopyFailureView(Uuid(9), "files.not-found")], told.View(Id)!.ToReply().Failures);
        Assert.Empty(told.Index(CopyProjection.Due));
    }

    private static Requested Begun() => new(Id, Letters, Target, 3, 30, Noon.AddHours(1));

    private static PageCopied Page(FolderId into, int page, int files, long bytes) =>
        new(Id, into, page, files, bytes, [], [], "", Noon.AddHours(2));

    private static Guid Uuid(int number) => new(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);
}
