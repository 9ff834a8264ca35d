using System.Collections.Immutable;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Features.Scan;

/// <summary>What the scanner said of a file's versions that are to be had.</summary>
public sealed record ScanView(FileId File, AccountId Owner, ImmutableArray<ScannedVersion> Versions)
{
    public ScannedVersion? Find(int version) => Versions.FirstOrDefault(one => one.Number == version);
}

/// <summary>One version.</summary>
/// <param name="MadeAt">When it was complete.</param>
/// <param name="Detail">The threat's name, or why it could not be looked at.</param>
/// <param name="Signatures">With which it was looked at; null when it never was.</param>
/// <param name="At">When the last verdict was reached.</param>
public sealed record ScannedVersion(
    int Number, ObjectKey StoredAs, DateTimeOffset MadeAt, ScanVerdict Verdict, string? Detail, string? Signatures, DateTimeOffset? At)
{
    /// <summary>It was told that nobody had looked in time; a verdict may have come since.</summary>
    public bool IsOverdue { get; init; }
}

internal static class ScanProjection
{
    /// <summary>Files with a version that nobody has looked at, by since when.</summary>
    public const string Waiting = "scan-waiting";

    /// <summary>Files with such a version of which it was not told yet that this takes too long, by since when.</summary>
    public const string Untold = "scan-untold";

    /// <summary>Files with a version that nobody has looked at in time, by since when.</summary>
    public const string Overdue = "scan-overdue";

    /// <summary>Files with verdicts, by the oldest one.</summary>
    public const string ByAge = "scan-by-age";

    /// <summary>Files with a version of this verdict, by when it was reached.</summary>
    public static string With(ScanVerdict verdict) => $"scan-with:{verdict.ToString().ToLowerInvariant()}";

    /// <summary>Files with a version that has these bytes.</summary>
    public static string Of(ObjectKey stored) => $"scan-of:{stored}";

    /// <summary>By file id.</summary>
    public static Projection<ScanView> Define() => new Projection<ScanView>("scans", version: 3)
        .On<UploadEvent.Completed>(done => done.File.ToString(), (view, done, happened) =>
            Made(view, done.File, done.Version, done.StoredAs, happened))
        .On<UploadEvent.Reinstated>(again => again.File.ToString(), (view, again, happened) =>
            Made(view, again.File, again.Version, again.StoredAs, happened))
        .On<UploadEvent.HandedOver>(handed => handed.File.ToString(), (view, handed, _) => view is null ? null : view with
        {
            Owner = handed.To,
            Versions =
            [
                .. view.Versions.Select(version => handed.Versions.FirstOrDefault(one => one.Version == version.Number) is { } now
                    ? version with { StoredAs = now.StoredAs }
                    : version),
            ],
        })
        .On<VersionEvent.Deleted>(deleted => deleted.File.ToString(), (view, deleted, _) =>
            view is null ? null : view with { Versions = view.Versions.RemoveAll(one => one.Number == deleted.Version) })
        .On<DeleteEvent.Requested>(requested => requested.File.ToString(), (_, _, _) => null)
        .On<ScanEvent.Passed>(fact => fact.File.ToString(), (view, fact, happened) =>
            With(view, fact.Version, ScanVerdict.Clean, null, fact.Signatures, happened))
        .On<ScanEvent.Found>(fact => fact.File.ToString(), (view, fact, happened) =>
            With(view, fact.Version, ScanVerdict.Infected, fact.Threat, fact.Signatures, happened))
        .On<ScanEvent.NotScannable>(fact => fact.File.ToString(), (view, fact, happened) =>
            With(view, fact.Version, ScanVerdict.Unscannable, fact.Code, fact.Signatures, happened))
        .On<ScanEvent.Overdue>(fact => fact.File.ToString(), (view, fact, _) =>
            view?.Find(fact.Version) is not { } version ? view : view with
            {
                Versions = view.Versions.Replace(version, version with { IsOverdue = true }),
            })
        .On<ScanEvent.Released>(fact => fact.File.ToString(), (view, fact, happened) =>
            With(view, fact.Version, ScanVerdict.Released, fact.Threat, null, happened))
        .Indexed(Entries);

    // A version of a file that is on its way out may be told of after that: it is not counted any more.
    private static ScanView? Made(ScanView? view, FileId file, int version, ObjectKey storedAs, RecordedEvent happened)
    {
        view ??= version == 1 ? new ScanView(file, happened.Stream.Tenant, []) : null;
        return view is null || view.Find(version) is not null ? view : view with
        {
            Versions = [.. view.Versions, new(version, storedAs, happened.At, ScanVerdict.NotScanned, null, null, null)],
        };
    }

    private static ScanView? With(
        ScanView? view, int number, ScanVerdict verdict, string? detail, string? signatures, RecordedEvent happened) =>
        view?.Find(number) is not { } version ? view : view with
        {
            Versions = view.Versions.Replace(version, version with
            {
                Verdict = verdict,
                Detail = detail,
                Signatures = signatures ?? version.Signatures,
                At = happened.At,
            }),
        };

    private static IEnumerable<IndexEntry> Entries(ScanView view)
    {
        var waiting = view.Versions.Where(one => one.At is null).ToList();
        if (waiting.Count > 0)
            yield return new IndexEntry(Waiting, IndexEntry.Time(waiting.Min(one => one.MadeAt)));
        foreach (var (index, isTold) in new[] { (Untold, false), (Overdue, true) })
        {
            if (waiting.Where(one => one.IsOverdue == isTold).Min(one => (DateTimeOffset?)one.MadeAt) is { } since)
                yield return new IndexEntry(index, IndexEntry.Time(since));
        }

        if (view.Versions.Min(one => one.At) is { } oldest)
            yield return new IndexEntry(ByAge, IndexEntry.Time(oldest));
        foreach (var verdict in new[] { ScanVerdict.Infected, ScanVerdict.Unscannable, ScanVerdict.Released })
        {
            if (view.Versions.Where(one => one.Verdict == verdict).Max(one => one.At) is { } last)
                yield return new IndexEntry(With(verdict), IndexEntry.Time(last));
        }

        foreach (var stored in view.Versions.Select(one => one.StoredAs).Distinct())
            yield return new IndexEntry(Of(stored), "");
    }
}
