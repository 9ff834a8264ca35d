namespace EventFiles.Features.Zip;

/// <summary>Archives for other slices, which bring the entries and open them.</summary>
internal sealed class ZipArchives(ZipChecks checks) : IArchives
{
    public int MaxEntries => ZipPlanner.MaxEntries;

    public Func<string, string> NamesOfFolder() => new ZipNames().Take;

    public (long SizeBytes, string ETag) Measure(IReadOnlyList<ArchiveEntry> entries)
    {
        var plan = Plan(entries);
        return (plan.Layout.SizeBytes, plan.ETag());
    }

    public Stream Open(IReadOnlyList<ArchiveEntry> entries, Func<ArchiveEntry, CancellationToken, ValueTask<Stream>> open) =>
        new ZipStream(Plan(entries), checks, async (entry, cancel) => await Content(entry, open, cancel));

    private static async ValueTask<Stream> Content(
        ZipEntry entry, Func<ArchiveEntry, CancellationToken, ValueTask<Stream>> open, CancellationToken cancel)
    {
        var content = await open(
            new ArchiveEntry(entry.Path, entry.File?.Value, entry.Version, entry.SizeBytes, entry.ModifiedAt), cancel);
        if (content.Length == entry.SizeBytes)
            return content;
        await content.DisposeAsync();
        throw new IOException($"{entry.File} has another length than the archive was planned with.");
    }

    private static ZipPlan Plan(IReadOnlyList<ArchiveEntry> entries) => new(
        [.. entries.Select(entry => new ZipEntry(
            entry.Path, entry.Source is { } source ? new FileId(source) : null, entry.Version, entry.SizeBytes, entry.ModifiedAt))]);
}
