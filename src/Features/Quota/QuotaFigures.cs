namespace EventFiles.Features.Quota;

/// <summary>Tells what an owner's space is made of.</summary>
internal static class QuotaFigures
{
    /// <summary>The shares of the limit, in percent, that whoever comes to them is told of.</summary>
    private static readonly int[] Levels = [95, 80];

    /// <summary>The highest of the levels that what is stored has come to; 0 below the first.</summary>
    public static int Percent(Balance balance) => balance.UsedBytes == 0 ? 0
        : Levels.FirstOrDefault(level => (Int128)balance.UsedBytes * 100 >= (Int128)balance.LimitBytes * level);

    /// <summary>What the sources come to, whatever the kept figures say.</summary>
    public static Balance Sum(QuotaState space) => new(
        space.LimitBytes, space.Files.Keys.Sum(space.HeldBy), space.Reservations.Values.Sum(), space.Files.Count);

    /// <summary>
    /// By state of the versions, exact to the byte: the ledger knows the sums, and only what is not simply the one version of a
    /// file is gone through.
    /// </summary>
    /// <param name="notable">Readers' views of the files that are in the trash, or going, or have more or less than one version.</param>
    public static QuotaBreakdown Of(QuotaState space, IEnumerable<FileContents> notable)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(notable);
        var (former, trash, leaving) = (0L, 0L, space.GivenUpBytes);
        foreach (var view in notable)
        {
            foreach (var (upload, source) in space.Files.GetValueOrDefault(view.File)?.Where(one => !one.Value.IsGivenUp) ?? [])
            {
                // A version that was restored has the bytes of one that was there before.
                var versions = view.Versions.Where(one => one.Value == upload).Select(one => one.Key).ToList();
                if (view.IsDeleted || (versions.Count == 0 && IsSeen(view, upload)))
                    leaving += source.SizeBytes;
                else if (view.IsTrashed)
                    trash += source.SizeBytes;
                else if (versions.Count > 0 && !versions.Contains(view.Versions.Keys.Last()))
                    former += source.SizeBytes;
            }
        }

        var used = space.Balance.UsedBytes;
        return new QuotaBreakdown(
            space.HeldBytes - former - trash - leaving, former, trash, leaving, space.HeldBytes - used, used, space.Balance.ReservedBytes,
            Small([.. space.Compressed.Values]));
    }

    private static CompressedSpace Small(IReadOnlyCollection<CompressedForm> forms)
    {
        var (plain, stored) = (forms.Sum(form => form.PlainBytes), forms.Sum(form => form.StoredBytes));
        return new CompressedSpace(forms.Count, plain, stored, plain - stored);
    }

    // Its only version was deleted, and its bytes are about to go.
    private static bool IsSeen(FileContents view, UploadId upload) => view.Contents.Any(one => one.Upload == upload);
}
