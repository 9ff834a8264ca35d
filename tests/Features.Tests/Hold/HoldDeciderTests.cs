using EventFiles.Features.Hold;
using static EventFiles.Features.Hold.HoldCommand;
using static EventFiles.Features.Hold.HoldEvent;

namespace EventFiles.Features.Tests.Hold;

public sealed class HoldDeciderTests
{
    private static readonly HoldId First = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly HoldId Second = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly Guid Photo = Guid.Parse("00000000-0000-7000-8000-000000000003");
    private static readonly AccountId Ada = new(Guid.Parse("00000000-0000-7000-8000-000000000004"));
    private static readonly Placed OnPhoto = new(First, HoldKind.File, Photo, Ada, "Case 1");

    private readonly Specification<HoldCommand, HoldState, HoldEvent> holds = new(HoldDecider.Decider, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_hold_is_placed() => holds
        .Given()
        .When(new Place(First, HoldKind.File, Photo, Ada, "Case 1"))
        .Then(OnPhoto);

    [Fact]
    public void A_second_hold_over_the_same_stands_by_itself() => holds
        .Given(OnPhoto)
        .When(new Place(Second, HoldKind.File, Photo, Ada, "Case 2"))
        .Then(OnPhoto with { Hold = Second, Reason = "Case 2" });

    [Fact]
    public void A_hold_is_lifted() => holds
        .Given(OnPhoto)
        .When(new Lift(First, Ada, "Closed"))
        .Then(new Lifted(First, Ada, "Closed"));

    [Fact]
    public void What_was_never_placed_cannot_be_lifted() => holds
        .Given(OnPhoto)
        .When(new Lift(Second, Ada, "Closed"))
        .ThenRejected(HoldsRejection.NoSuchHold);

    [Fact]
    public void A_hold_stands_over_its_own_target_until_the_last_one_is_lifted()
    {
        var both = HoldDecider.Decider.Fold([OnPhoto, OnPhoto with { Hold = Second }, new Lifted(First, Ada, "Closed")]);
        Assert.Equal([Second], both.On(HoldKind.File, Photo));
        Assert.Empty(both.On(HoldKind.Folder, Photo));
        Assert.Empty(HoldDecider.Decider.Evolve(both, new Lifted(Second, Ada, "Closed")).On(HoldKind.File, Photo));
    }

    [Fact]
    public void Auditors_see_what_stands_newest_first_and_what_stood()
    {
        var told = new Telling<HoldView>(HoldProjection.Define(), Ada)
            .Tell(OnPhoto, OnPhoto with { Hold = Second }, new Lifted(First, Ada, "Closed"));
        Assert.Equal([Second.ToString()], told.Index(HoldProjection.Standing));
        Assert.Equal([Second.ToString(), First.ToString()], told.Index(HoldProjection.All, descending: true));
        Assert.Equal(("Closed", "Case 1"), (told.View(First)!.LiftReason, told.View(First)!.Reason));
    }
}
