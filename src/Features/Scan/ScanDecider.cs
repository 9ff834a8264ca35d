using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Scan.ScanCommand;
using static EventFiles.Features.Scan.ScanEvent;
using No = EventFiles.Features.Scan.ScanningRejection;

namespace EventFiles.Features.Scan;

/// <summary>What is known of a file's versions.</summary>
public sealed record ScanState(ImmutableSortedDictionary<int, ScanMark> Versions)
{
    public ScanMark? Of(int version) => Versions.GetValueOrDefault(version);

    public ScanState With(int version, ScanMark mark) => new(Versions.SetItem(version, mark));
}

/// <summary>The last verdict on one version; that it is not scanned only when that was said to be overdue.</summary>
/// <param name="Detail">The threat's name, or why it could not be looked at; null when it passed.</param>
/// <param name="Signatures">With which it was reached; empty where nobody has looked.</param>
/// <param name="OrderedAt">When the last search was ordered that it was part of.</param>
public sealed record ScanMark(ScanVerdict Verdict, string? Detail, string Signatures, DateTimeOffset? OrderedAt)
{
    /// <summary>Whether the scanner that looks now, and whoever ordered a search, have had their answer.</summary>
    public bool Answers(string signatures, DateTimeOffset? orderedAt) =>
        string.Equals(Signatures, signatures, StringComparison.Ordinal) && (orderedAt is null || OrderedAt >= orderedAt);
}

public static class ScanDecider
{
    public static readonly Decider<ScanCommand, ScanState, ScanEvent> Decider = new(
        new ScanState(ImmutableSortedDictionary<int, ScanMark>.Empty), Evolve, Decide)
    {
        Snapshots = new("scan", 1),
    };

    /// <summary>One stream for all versions of a file.</summary>
    public static StreamId StreamOf(AccountId owner, FileId file) => new($"scan-{file}", owner);

    // Read from the top: the first row that matches is the rule.
    private static Decision<ScanEvent> Decide(ScanState file, ScanCommand ask, DateTimeOffset now) => ask switch
    {
        Judge judge when file.Of(judge.Version) is { } mark && mark.Answers(judge.Signatures, judge.OrderedAt) => Decision<ScanEvent>.AlreadySo,
        // Who released it knew of this very threat.
        Judge { Outcome: ScanOutcome.Found found } judge when file.Of(judge.Version) is { Verdict: ScanVerdict.Released, Detail: var known }
            && known == found.Threat => Decision<ScanEvent>.AlreadySo,
        Judge { Outcome: ScanOutcome.NotScannable } judge when file.Of(judge.Version)?.Verdict == ScanVerdict.Released =>
            Decision<ScanEvent>.AlreadySo,
        // What was found stays found: that the scanner cannot look now takes nothing back.
        Judge { Outcome: ScanOutcome.NotScannable } judge when file.Of(judge.Version)?.Verdict == ScanVerdict.Infected =>
            Decision<ScanEvent>.AlreadySo,
        Judge { Outcome: ScanOutcome.Clean } judge => new Passed(judge.File, judge.Version, judge.Signatures) { OrderedAt = judge.OrderedAt },
        Judge { Outcome: ScanOutcome.Found found } judge =>
            new Found(judge.File, judge.Version, found.Threat, judge.Signatures) { OrderedAt = judge.OrderedAt },
        Judge { Outcome: ScanOutcome.NotScannable not } judge =>
            new NotScannable(judge.File, judge.Version, not.Code, judge.Signatures) { OrderedAt = judge.OrderedAt },

        // Told once, and of no version that has a verdict.
        MissDeadline miss when file.Of(miss.Version) is not null => Decision<ScanEvent>.AlreadySo,
        MissDeadline miss => new Overdue(miss.File, miss.Version, miss.Holds),

        Release release => file.Of(release.Version) switch
        {
            { Verdict: ScanVerdict.Released } => Decision<ScanEvent>.AlreadySo,
            { Verdict: ScanVerdict.Infected } mark => new Released(release.File, release.Version, mark.Detail, release.By, release.Reason),
            { Verdict: ScanVerdict.Unscannable } => new Released(release.File, release.Version, null, release.By, release.Reason),
            _ => No.NothingToRelease,
        },
        _ => throw new UnreachableException(),
    };

    private static ScanState Evolve(ScanState file, ScanEvent happened) => happened switch
    {
        Passed passed => file.With(passed.Version, new(ScanVerdict.Clean, null, passed.Signatures, passed.OrderedAt)),
        Found found => file.With(found.Version, new(ScanVerdict.Infected, found.Threat, found.Signatures, found.OrderedAt)),
        NotScannable not => file.With(not.Version, new(ScanVerdict.Unscannable, not.Code, not.Signatures, not.OrderedAt)),
        Overdue late => file.With(late.Version, new(ScanVerdict.NotScanned, null, "", null)),
        Released released => file.With(released.Version, file.Of(released.Version)! with { Verdict = ScanVerdict.Released, Detail = released.Threat }),
        _ => throw new UnreachableException(),
    };
}

public static class ScanningRejection
{
    public static readonly Rejection AdministratorsOnly = new(
        "scan.administrators-only", RejectionKind.Forbidden, "Only an administrator sees what was found and releases it.");

    public static readonly Rejection NoSuchVersion = new(
        "scan.no-such-version", RejectionKind.Missing, "There is no such version of such a file.");

    public static readonly Rejection NothingToRelease = new(
        "scan.nothing-to-release", RejectionKind.Conflict, "This version is not closed.");

    /// <summary>To the queue: it looks again, and this was no try.</summary>
    public static readonly Rejection ScannerAway = new(
        "scan.scanner-away", RejectionKind.Conflict, "The virus scanner does not answer.")
    {
        RetryAfter = TimeSpan.FromSeconds(5),
    };
}
