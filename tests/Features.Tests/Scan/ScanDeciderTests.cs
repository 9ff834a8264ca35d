using EventFiles.Features.Scan;
using static EventFiles.Features.Scan.ScanCommand;
using static EventFiles.Features.Scan.ScanEvent;

namespace EventFiles.Features.Tests.Scan;

public sealed class ScanDeciderTests
{
    private static readonly FileId Photo = new(Guid.Parse("00000000-0000-7000-8000-000000000003"));
    private static readonly AccountId Ada = new(Guid.Parse("00000000-0000-7000-8000-000000000004"));
    private static readonly Found Bad = new(Photo, 1, "Bad.One", "Old");
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private readonly Specification<ScanCommand, ScanState, ScanEvent> scans = new(ScanDecider.Decider, DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_verdict_is_recorded() => scans
        .Given()
        .When(Judges(new ScanOutcome.Found("Bad.One"), "Old"))
        .Then(Bad);

    [Fact]
    public void Each_version_has_its_own() => scans
        .Given(Bad)
        .When(new Judge(Photo, 2, new ScanOutcome.Clean(), "Old", null))
        .Then(new Passed(Photo, 2, "Old"));

    [Fact]
    public void With_the_same_signatures_it_is_said_once() => scans
        .Given(new Passed(Photo, 1, "Old"))
        .When(Judges(new ScanOutcome.Clean(), "Old"))
        .ThenNothing();

    [Fact]
    public void New_signatures_may_find_what_old_ones_did_not() => scans
        .Given(new Passed(Photo, 1, "Old"))
        .When(Judges(new ScanOutcome.Found("Bad.One"), "New"))
        .Then(Bad with { Signatures = "New" });

    [Fact]
    public void An_order_is_answered_although_the_signatures_are_the_same() => scans
        .Given(new Passed(Photo, 1, "Old"))
        .When(new Judge(Photo, 1, new ScanOutcome.Clean(), "Old", Noon))
        .Then(new Passed(Photo, 1, "Old") { OrderedAt = Noon });

    [Fact]
    public void What_cannot_be_looked_at_any_more_is_infected_still() => scans
        .Given(Bad)
        .When(Judges(new ScanOutcome.NotScannable("too-slow"), "New"))
        .ThenNothing();

    [Fact]
    public void What_was_a_mistake_of_the_signatures_is_clean_with_better_ones() => scans
        .Given(Bad)
        .When(Judges(new ScanOutcome.Clean(), "New"))
        .Then(new Passed(Photo, 1, "New"));

    [Fact]
    public void That_nobody_has_looked_in_time_is_told_once() => scans
        .Given(new Passed(Photo, 2, "Old"))
        .When(new MissDeadline(Photo, 1, Holds: true))
        .Then(new Overdue(Photo, 1, Holds: true));

    [Fact]
    public void What_somebody_has_looked_at_is_not_overdue() => scans
        .Given(Bad)
        .When(new MissDeadline(Photo, 1, Holds: true))
        .ThenNothing();

    [Fact]
    public void What_was_overdue_has_its_verdict_all_the_same() => scans
        .Given(new Overdue(Photo, 1, Holds: true))
        .When(Judges(new ScanOutcome.Clean(), "Old"))
        .Then(new Passed(Photo, 1, "Old"));

    [Fact]
    public void What_nobody_has_looked_at_is_not_released() => scans
        .Given(new Overdue(Photo, 1, Holds: true))
        .When(new Release(Photo, 1, Ada, "It is needed"))
        .ThenRejected(ScanningRejection.NothingToRelease);

    [Fact]
    public void An_administrator_opens_what_is_closed() => scans
        .Given(Bad)
        .When(new Release(Photo, 1, Ada, "A test file"))
        .Then(new Released(Photo, 1, "Bad.One", Ada, "A test file"));

    [Fact]
    public void What_is_open_cannot_be_opened() => scans
        .Given(new Passed(Photo, 1, "Old"))
        .When(new Release(Photo, 1, Ada, "Why not"))
        .ThenRejected(ScanningRejection.NothingToRelease);

    [Fact]
    public void The_same_threat_does_not_close_it_again() => scans
        .Given(Bad, new Released(Photo, 1, "Bad.One", Ada, "A test file"))
        .When(Judges(new ScanOutcome.Found("Bad.One"), "New"))
        .ThenNothing();

    [Fact]
    public void Another_threat_does() => scans
        .Given(Bad, new Released(Photo, 1, "Bad.One", Ada, "A test file"))
        .When(Judges(new ScanOutcome.Found("Bad.Two"), "New"))
        .Then(new Found(Photo, 1, "Bad.Two", "New"));

    [Fact]
    public void New_signatures_are_noted_once()
    {
        var rescans = new Specification<RescanCommand, RescanState, RescanEvent>(RescanDecider.Decider, Noon);
        rescans.Given(new RescanEvent.SignaturesSeen("Old")).When(new RescanCommand.SeeSignatures("New")).Then(new RescanEvent.SignaturesSeen("New"));
        rescans.Given(new RescanEvent.SignaturesSeen("Old")).When(new RescanCommand.SeeSignatures("Old")).ThenNothing();
        // Of two scanners one is behind: what was seen before is news no more.
        rescans.Given(new RescanEvent.SignaturesSeen("Old"), new RescanEvent.SignaturesSeen("New")).When(new RescanCommand.SeeSignatures("Old")).ThenNothing();
        rescans.Given().When(new RescanCommand.Order(OnlyOlder: true)).ThenEachTime(new RescanEvent.Ordered(OnlyOlder: true));
    }

    [Theory]
    [InlineData(ScanVerdict.Infected, ScanPolicy.Off, "scan.infected", "scan.infected")]
    [InlineData(ScanVerdict.Infected, ScanPolicy.Warn, "scan.infected", "scan.infected")]
    [InlineData(ScanVerdict.Infected, ScanPolicy.Require, "scan.infected", "scan.infected")]
    [InlineData(ScanVerdict.NotScanned, ScanPolicy.Off, null, null)]
    [InlineData(ScanVerdict.NotScanned, ScanPolicy.Warn, null, null)]
    [InlineData(ScanVerdict.NotScanned, ScanPolicy.Require, null, "scan.not-yet")]
    [InlineData(ScanVerdict.Unscannable, ScanPolicy.Warn, null, null)]
    [InlineData(ScanVerdict.Unscannable, ScanPolicy.Require, null, "scan.unscannable")]
    [InlineData(ScanVerdict.Clean, ScanPolicy.Require, null, null)]
    [InlineData(ScanVerdict.Released, ScanPolicy.Require, null, null)]
    public void The_gate_says(ScanVerdict verdict, ScanPolicy policy, string? toOwner, string? toOthers)
    {
        var standing = new ScanStanding(verdict, policy);
        Assert.Equal(toOwner, standing.ToReader(isOwner: true)?.Code);
        Assert.Equal(toOthers, standing.ToReader(isOwner: false)?.Code);
        Assert.Equal(verdict == ScanVerdict.Infected ? "scan.infected" : null, standing.ToShare()?.Code);
    }

    private static Judge Judges(ScanOutcome outcome, string signatures) => new(Photo, 1, outcome, signatures, null);
}
