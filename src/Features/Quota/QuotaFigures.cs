namespace EventFiles.Features.Quota;

/// <summary>Adds up what an owner's space is made of.</summary>
internal static class QuotaFigures
{
    /// <summary>By state of the versions, exact to the byte.</summary>
    /// <param name="seen">What readers see of the files; one that they do not see yet has its current version only.</param>
    public static QuotaBreakdown Of(QuotaState space, IReadOnlyDictionary<FileId, FileContents> seen)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(seen);
        var (current, former, trash, leaving) = (0L, 0L, 0L, 0L);
        foreach (var (file, sources) in space.Files)
        {
            var view = seen.GetValueOrDefault(file);
            foreach (var (upload, source) in sources)
            {
                // A version that was restored has the bytes of one that was there before.
                var versions = view?.Versions.Where(one => one.Value == upload).Select(one => one.Key).ToList() ?? [];
                if (source.IsGivenUp || view is { IsDeleted: true } || (versions.Count == 0 && IsSeen(view, upload)))
                    leaving += source.SizeBytes;
                else if (view is { IsTrashed: true })
                    trash += source.SizeBytes;
                else if (view is null || versions.Count == 0 || versions.Contains(view.Versions.Keys.Last()))
                    current += source.SizeBytes;
                else
                    former += source.SizeBytes;
            }
        }

        var stored = space.Files.Values.Sum(sources => sources.Values.Sum(source => source.ChargedBytes));
        return new QuotaBreakdown(
            current, former, trash, leaving, current + former + trash + leaving - stored, stored, space.Balance.ReservedBytes);
    }

    // Its only version was deleted, and its bytes are about to go.
    private static bool IsSeen(FileContents? view, UploadId upload) =>
        view is not null && view.Contents.Any(one => one.Upload == upload);
}
