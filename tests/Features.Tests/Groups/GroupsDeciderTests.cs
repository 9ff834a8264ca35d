using EventFiles.Features.Groups;
using static EventFiles.Features.Groups.GroupsCommand;
using static EventFiles.Features.Groups.GroupsEvent;
using static EventFiles.Features.Tests.Share.People;

namespace EventFiles.Features.Tests.Groups;

public sealed class GroupsDeciderTests
{
    private static readonly GroupId Team = new(Guid.Parse("00000000-0000-7000-8000-0000000000b1"));
    private static readonly GroupId Board = new(Guid.Parse("00000000-0000-7000-8000-0000000000b2"));
    private static readonly Created TeamIsThere = new(Team, "Team");

    private readonly Specification<GroupsCommand, GroupsState, GroupsEvent> group = new(GroupsDecider.Decider, Noon);

    [Fact]
    public void A_group_begins_with_a_name() => group.Given().When(new Create(Team, "Team")).Then(TeamIsThere);

    [Fact]
    public void It_may_bear_another() => group.Given(TeamIsThere).When(new Rename("Crew")).Then(new Renamed(Team, "Crew"));

    [Fact]
    public void Somebody_comes_in() => group.Given(TeamIsThere).When(new Admit(Ravi, false)).Then(new Admitted(Team, Ravi, false));

    [Fact]
    public void A_member_may_become_a_manager() => group
        .Given(TeamIsThere, new Admitted(Team, Ravi, false)).When(new Admit(Ravi, true)).Then(new Admitted(Team, Ravi, true));

    [Fact]
    public void Somebody_leaves() => group
        .Given(TeamIsThere, new Admitted(Team, Ravi, false)).When(new Dismiss(Ravi)).Then(new Left(Team, Ravi));

    [Fact]
    public void Who_is_not_in_it_cannot_leave() => group.Given(TeamIsThere).When(new Dismiss(Ravi)).ThenNothing();

    [Fact]
    public void A_group_may_be_in_a_group_and_out_of_it_again()
    {
        group.Given(TeamIsThere).When(new Nest(Board, HoldsOthers: false)).Then(new Nested(Team, Board));
        group.Given(TeamIsThere, new Nested(Team, Board)).When(new Unnest(Board)).Then(new Unnested(Team, Board));
    }

    [Fact]
    public void A_group_that_holds_groups_is_in_no_other_and_none_in_itself()
    {
        group.Given(TeamIsThere).When(new Nest(Board, HoldsOthers: true)).ThenRejected(GroupsRejection.NestedOnce);
        group.Given(TeamIsThere).When(new Nest(Team, HoldsOthers: false)).ThenRejected(GroupsRejection.NestedOnce);
    }

    [Fact]
    public void A_thousand_and_no_more() => group
        .Given([TeamIsThere, .. Enumerable.Range(0, GroupsDecider.MaxMembers).Select(number =>
            new Admitted(Team, new AccountId(new Guid(number, 1, 0, [0, 0, 0, 0, 0, 0, 0, 0])), false))])
        .When(new Admit(Ravi, false))
        .ThenRejected(GroupsRejection.TooMany);

    [Fact]
    public void A_group_that_is_gone_takes_nobody()
    {
        group.Given(TeamIsThere).When(new Remove()).Then(new Deleted(Team));
        group.Given(TeamIsThere, new Deleted(Team)).When(new Admit(Ravi, false)).ThenRejected(GroupsRejection.NoSuchGroup);
    }

    [Theory]
    [InlineData("Team", true)]
    [InlineData("R&D / Berlin", true)]
    [InlineData(" ", false)]
    [InlineData("a\u202eb", false)]
    public void A_name_can_be_read(string name, bool can) => Assert.Equal(can, GroupsDecider.Problem(name) is null);
}
