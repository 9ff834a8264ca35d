namespace EventFiles.Features.Scan;

/// <summary>Counts verdicts as events tell of them, for whoever has a log and no views.</summary>
public sealed class ScanTally
{
    private static readonly Projection<ScanView> Scans = ScanProjection.Define();

    private readonly Dictionary<string, ScanView> files = new(StringComparer.Ordinal);

    /// <summary>What it wants to hear, in the log's order.</summary>
    public static IReadOnlyCollection<Type> Facts => Scans.Facts;

    /// <summary>How many versions there are of each verdict.</summary>
    public IReadOnlyDictionary<ScanVerdict, int> ByVerdict => Enum.GetValues<ScanVerdict>()
        .ToDictionary(verdict => verdict, verdict => files.Values.Sum(file => file.Versions.Count(one => one.Verdict == verdict)));

    /// <summary>How many of those that are not scanned have waited longer than they should.</summary>
    public int Overdue => files.Values.Sum(file => file.Versions.Count(one => one is { At: null, IsOverdue: true }));

    /// <summary>How many versions were looked at last with which signatures.</summary>
    public IReadOnlyDictionary<string, int> BySignatures => files.Values.SelectMany(file => file.Versions)
        .Where(one => one.Signatures is not null).GroupBy(one => one.Signatures!, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);

    /// <summary>The versions that are closed, or could not be looked at.</summary>
    public IEnumerable<ScanReply> Closed => files.Values.SelectMany(file => file.Versions
        .Where(one => one.Verdict is ScanVerdict.Infected or ScanVerdict.Unscannable)
        .Select(one => new ScanReply(file.File, file.Owner, one.Number, one.Verdict, one.Detail, one.Signatures, one.At!.Value)));

    public void Hear(RecordedEvent happened)
    {
        if (Scans.KeyOf(happened) is not { } key)
            return;
        if (Scans.Fold(files.GetValueOrDefault(key), happened) is ScanView view)
            files[key] = view;
        else
            files.Remove(key);
    }
}
