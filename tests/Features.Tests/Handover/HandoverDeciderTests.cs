using System.Collections.Immutable;
using EventFiles.Features.Handover;
using static EventFiles.Features.Handover.HandoverCommand;
using static EventFiles.Features.Handover.HandoverEvent;

namespace EventFiles.Features.Tests.Handover;

public sealed class HandoverDeciderTests
{
    private static readonly DateTimeOffset Noon = Telling<HandoverView>.Noon;
    private static readonly HandoverId Id = new(Uuid(1));
    private static readonly AccountId Olga = new(Uuid(2));
    private static readonly AccountId Ravi = new(Uuid(3));
    private static readonly FolderId Letters = new(Uuid(4));
    private static readonly FolderId Inner = new(Uuid(5));
    private static readonly FolderId Root = FolderId.RootOf(Ravi);
    private static readonly ImmutableArray<HandoverFailure> Failures = [new(Uuid(9), "hold.stands")];

    private readonly Specification<HandoverCommand, HandoverState, HandoverEvent> handover = new(HandoverDecider.Decider, Noon);

    [Fact]
    public void An_owner_may_offer_it() => handover
        .Given()
        .When(new Offer(Id, Letters.Value, true, Olga, Ravi, "", KeptRole.Viewer, Noon.AddDays(14)))
        .Then(Offering());

    [Fact]
    public void It_is_offered_to_one_at_a_time_and_to_the_next_when_that_is_over()
    {
        var again = new Offer(new(Uuid(7)), Letters.Value, true, Olga, Ravi, "", null, Noon.AddDays(1));
        handover.Given(Offering()).When(again).ThenRejected(HandoverRejection.Pending);
        handover.Given(Offering(), Taking()).When(again).ThenRejected(HandoverRejection.Pending);
        handover.Given(Offering() with { Until = Noon }).When(again)
            .Then(new Ended(Id, "expired"), Offering() with { Handover = again.Handover, Keeps = null, Until = again.Until });
        handover.Given(Offering(), new Ended(Id, "declined")).When(again)
            .Then(Offering() with { Handover = again.Handover, Keeps = null, Until = again.Until });
    }

    [Fact]
    public void Nobody_is_offered_what_is_theirs_nor_for_a_time_gone_by()
    {
        handover.Given().When(new Offer(Id, Letters.Value, true, Olga, Olga, "", null, Noon.AddDays(1))).ThenRejected(HandoverRejection.ToOneself);
        handover.Given().When(new Offer(Id, Letters.Value, true, Olga, Ravi, "", null, Noon)).ThenRejected(HandoverRejection.AlreadyExpired);
    }

    [Fact]
    public void It_is_accepted_in_its_time_and_once()
    {
        var accept = new Accept(Id, Root, 3, 30, Noon.AddMinutes(2));
        handover.Given(Offering()).When(accept).Then(Taking());
        handover.Given(Offering() with { Until = Noon }).When(accept).ThenRejected(HandoverRejection.Over);
        handover.Given(Offering(), new Ended(Id, "withdrawn")).When(accept).ThenRejected(HandoverRejection.Over);
        handover.Given(Offering()).When(accept with { Handover = new(Uuid(8)) }).ThenRejected(HandoverRejection.Missing);
    }

    [Fact]
    public void It_may_be_declined_or_withdrawn_until_it_is_accepted()
    {
        handover.Given(Offering()).When(new Decline(Id)).Then(new Ended(Id, "declined"));
        handover.Given(Offering()).When(new Withdraw(Id)).Then(new Ended(Id, "withdrawn"));
        handover.Given(Offering(), Taking()).When(new Decline(Id)).ThenRejected(HandoverRejection.Accepted);
        handover.Given(Offering(), Taking()).When(new Withdraw(Id)).ThenRejected(HandoverRejection.Accepted);
        handover.Given(Offering(), new Ended(Id, "declined")).When(new Withdraw(Id)).ThenRejected(HandoverRejection.Over);
    }

    [Fact]
    public void An_offer_ends_when_its_time_is_over_and_not_before()
    {
        handover.Given(Offering() with { Until = Noon }).When(new Expire(Id)).Then(new Ended(Id, "expired"));
        handover.Given(Offering()).When(new Expire(Id)).ThenNothing();
        handover.Given(Offering(), Taking() with { Until = Noon }).When(new Expire(Id)).ThenNothing();
    }

    [Fact]
    public void What_was_offered_goes_first_then_what_is_in_it()
    {
        var state = HandoverDecider.Decider.Fold([Offering(), Taking()]);
        Assert.Equal(new HandedPage(null, 1, null), state.Due);
        state = HandoverDecider.Decider.Evolve(state, Page(null, 0, 0) with { Folders = [Letters] });
        Assert.Equal(new HandedPage(Letters, 1, null), state.Due);
        state = HandoverDecider.Decider.Evolve(state, Page(Letters, 1, 10) with { Folders = [Inner], Next = "more" });
        Assert.Equal(new HandedPage(Letters, 2, "more"), state.Due);
        Assert.Equal(20, state.LeftBytes);
    }

    [Fact]
    public void It_is_done_with_the_last_page_and_incomplete_when_something_stays()
    {
        var first = Page(null, 0, 0) with { Folders = [Letters] };
        handover.Given(Offering(), Taking(), first)
            .When(new NotePage(Id, Letters, 1, 3, 30, [], [], "", Noon.AddMinutes(4)))
            .Then(Page(Letters, 3, 30), new Ended(Id, "done"));
        handover.Given(Offering(), Taking(), first)
            .When(new NotePage(Id, Letters, 1, 2, 20, Failures, [], "", Noon.AddMinutes(4)))
            .Then(Page(Letters, 2, 20) with { Failures = Failures }, new Ended(Id, "incomplete"));
        handover.Given(Offering(), Taking(), first).When(new NotePage(Id, null, 1, 0, 0, [], [Letters], "", Noon)).ThenNothing();
    }

    private static Guid Uuid(int number) => new(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);

    private static Offered Offering() => new(Id, Letters.Value, true, Ravi, "", KeptRole.Viewer, Noon.AddDays(14)) { From = Olga };

    private static Accepted Taking() => new(Id, Root, 3, 30, Noon.AddMinutes(2));

    private static PageMoved Page(FolderId? of, int files, long bytes) => new(Id, of, 1, files, bytes, [], [], "", Noon.AddMinutes(4));
}
