using EventFiles.Features.Retention;
using static EventFiles.Features.Retention.RetentionCommand;
using static EventFiles.Features.Retention.RetentionEvent;

namespace EventFiles.Features.Tests.Retention;

public sealed class RetentionDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly FolderId Root = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly FolderId Letters = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));
    private static readonly RetentionRule TenYears = RetentionRule.None with { DeleteAfterDays = 3650, KeepAtLeastDays = 365 };
    private static readonly Ruled Set = new(Letters, 3650, RetentionClock.Modified, 365, null, null, null, Noon.AddDays(1));

    private readonly Specification<RetentionCommand, RetentionState, RetentionEvent> rules = new(RetentionDecider.Decider, Noon);

    [Fact]
    public void A_folder_gets_a_rule() => rules
        .Given()
        .When(new SetRule(Letters, TenYears, Noon.AddDays(1)))
        .Then(Set);

    [Fact]
    public void The_same_rule_again_is_nothing_new() => rules
        .Given(Set)
        .When(new SetRule(Letters, TenYears, Noon.AddDays(7)))
        .ThenNothing();

    [Fact]
    public void Another_rule_replaces_it() => rules
        .Given(Set)
        .When(new SetRule(Letters, RetentionRule.None with { KeepVersions = 5 }, Noon.AddDays(7)))
        .Then(new Ruled(Letters, null, RetentionClock.Modified, null, 5, null, null, Noon.AddDays(7)));

    [Fact]
    public void What_is_to_be_kept_longer_than_it_may_stay_is_refused() => rules
        .Given()
        .When(new SetRule(Letters, TenYears with { KeepAtLeastDays = 3651 }, Noon))
        .ThenRejected(RetentionRejection.Contradiction);

    [Fact]
    public void A_rule_is_taken_away() => rules
        .Given(Set)
        .When(new RemoveRule(Letters))
        .Then(new Unruled(Letters));

    [Fact]
    public void A_sweep_that_was_due_is_on_record_once() => rules
        .Given(Set with { NextSweep = Noon })
        .When(new RecordSweep(3, 4, 1, Noon.AddDays(1)))
        .Then(new Swept(3, 4, 1, Noon.AddDays(1)));

    [Fact]
    public void A_sweep_that_was_not_due_is_nothing() => rules
        .Given(Set)
        .When(new RecordSweep(3, 4, 1, Noon.AddDays(1)))
        .ThenNothing();

    [Fact]
    public void An_account_whose_last_rule_is_gone_is_never_due()
    {
        var told = new Telling<RetentionView>(RetentionProjection.Define(), new AccountId(Root.Value)).Tell(Set);
        Assert.Equal([Root.ToString()], told.Index(RetentionProjection.Due));
        Assert.Empty(told.Tell(new Unruled(Letters)).Index(RetentionProjection.Due));
    }

    [Fact]
    public void Each_part_is_decided_by_the_nearest_folder_that_says_anything_of_it()
    {
        var all = RetentionDecider.Decider.Fold(
        [
            new Ruled(Root, 3650, RetentionClock.Created, null, 10, 30, 14, Noon),
            new Ruled(Letters, null, RetentionClock.Modified, 365, null, null, null, Noon),
        ]).Rules;
        // What the root says of how long files stay does not hold where the letters' folder says something of it.
        Assert.Equal(new RetentionRule(null, RetentionClock.Modified, 365, 10, 30, 14), all.For([Letters, Root]));
        Assert.Equal(new RetentionRule(3650, RetentionClock.Created, null, 10, 30, 14), all.For([Root]));
        Assert.True(all.For([]).IsEmpty);
    }

    [Fact]
    public void Of_the_versions_the_current_the_newest_the_young_and_the_labelled_stay()
    {
        var file = new FileAge(Noon.AddDays(-100),
            [.. Enumerable.Range(1, 6).Select(number => new VersionAge(number, Noon.AddDays(-100 + (number * 10)), number == 2))]);
        int[] Superfluous(RetentionRule rule) => [.. rule.Superfluous(file, Noon).Select(version => version.Number).Order()];

        Assert.Equal([1, 3, 4], Superfluous(RetentionRule.None with { KeepVersions = 2 }));
        Assert.Equal([1, 3], Superfluous(RetentionRule.None with { KeepVersions = 2, KeepVersionDays = 65 }));
        Assert.Equal([1, 3, 4, 5], Superfluous(RetentionRule.None with { KeepVersionDays = 50 }));
        Assert.Equal([1, 3], Superfluous(RetentionRule.None with { KeepVersions = 1, KeepAtLeastDays = 70 }));
        Assert.Empty(Superfluous(RetentionRule.None with { DeleteAfterDays = 1 }));
    }

    [Theory]
    [InlineData(RetentionClock.Modified, 30)]
    [InlineData(RetentionClock.Created, 20)]
    public void A_files_days_are_counted_from_its_last_version_or_its_first(RetentionClock since, int after)
    {
        var file = new FileAge(Noon, [new VersionAge(1, Noon, false), new VersionAge(2, Noon.AddDays(10), false)]);
        var rule = RetentionRule.None with { DeleteAfterDays = 20, KeepAtLeastDays = 20, Since = since };
        Assert.Equal(Noon.AddDays(after), rule.DeletesAt(file));
        Assert.Equal(Noon.AddDays(after), rule.KeepsUntil(file));
        Assert.Null(RetentionRule.None.DeletesAt(file));
    }
}
