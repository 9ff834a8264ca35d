namespace EventFiles.Features.Upload;

/// <summary>How a file is cut into parts.</summary>
/// <param name="PartBytes">Of each but the last.</param>
internal sealed record PartPlan(long SizeBytes, long PartBytes)
{
    private const long Step = 1 << 20;

    /// <summary>How many parts there are, numbered from 1.</summary>
    public int Count => (int)((SizeBytes + PartBytes - 1) / PartBytes);

    /// <summary>Parts of the usual size, or as much larger as it takes for the file to have no more than are allowed.</summary>
    public static PartPlan Of(long sizeBytes, long usualBytes)
    {
        var least = (sizeBytes + UploadOptions.MaxDirectParts - 1) / UploadOptions.MaxDirectParts;
        return new PartPlan(sizeBytes, Math.Max(usualBytes, (least + Step - 1) / Step * Step));
    }

    /// <summary>The parts from one number on, as far as there are any.</summary>
    public IReadOnlyList<DirectPart> From(int number, int count) =>
        [.. Enumerable.Range(number, Math.Max(0, Math.Min(count, Count - number + 1))).Select(Part)];

    /// <summary>All of them.</summary>
    public IReadOnlyList<DirectPart> All() => From(1, Count);

    /// <summary>Those that the store does not have, or not of their size.</summary>
    public IReadOnlyList<DirectPart> MissingIn(IReadOnlyList<DirectPart> stored) => [.. All().Except(stored)];

    private DirectPart Part(int number) => new(number, Math.Min(PartBytes, SizeBytes - ((number - 1) * PartBytes)));
}
