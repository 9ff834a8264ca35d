using EventFiles.Features.Groups;
using static EventFiles.Features.Groups.SpaceCommand;
using static EventFiles.Features.Groups.SpaceEvent;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Groups;

public sealed class SpaceDeciderTests
{
    private static readonly GroupId Team = new(Guid.Parse("00000000-0000-7000-8000-0000000000b1"));
    private static readonly Opened IsOpen = new(Team, "Plans");

    private readonly Specification<SpaceCommand, SpaceState, SpaceEvent> space = new(SpaceDecider.Decider, Noon);

    [Fact]
    public void A_space_begins_with_a_name() => space.Given().When(new Open(Team, "Plans")).ThenEachTime(IsOpen);

    [Fact]
    public void A_group_has_one() => space.Given(IsOpen).When(new Open(Team, "Plans")).ThenRejected(SpaceRejection.Exists);

    [Fact]
    public void It_may_bear_another_name() => space.Given(IsOpen).When(new Rename("Drafts")).Then(new Renamed(Team, "Drafts"));

    [Fact]
    public void It_is_closed_once() => space.Given(IsOpen).When(new Close()).Then(new Closed(Team));

    [Fact]
    public void What_is_closed_is_not_renamed_and_may_be_opened_again()
    {
        space.Given(IsOpen, new Closed(Team)).When(new Rename("Drafts")).ThenRejected(SpaceRejection.NoSpace);
        space.Given(IsOpen, new Closed(Team)).When(new Close()).ThenNothing();
        space.Given(IsOpen, new Closed(Team)).When(new Open(Team, "Drafts")).ThenEachTime(new Opened(Team, "Drafts"));
    }
}
