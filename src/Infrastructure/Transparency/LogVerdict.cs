namespace EventFiles.Infrastructure.Transparency;

/// <summary>What was found.</summary>
/// <param name="Size">How many leaves the tree has.</param>
/// <param name="Checked">How many of them were compared with their events.</param>
/// <param name="Problem">What is wrong, in a sentence; null when all is as it was signed.</param>
/// <param name="FirstBadIndex">The first leaf that is not what it was, or, with <paramref name="Upto"/>, the earliest that it may be.</param>
/// <param name="Upto">When it is not known more exactly: it is before this one.</param>
/// <param name="EventId">The event that stands there now.</param>
public sealed record LogVerdict(long Size, long Checked, string? Problem, long? FirstBadIndex, long? Upto, Guid? EventId)
{
    /// <summary>How many checkpoints of the database were compared.</summary>
    public long Checkpoints { get; init; }

    /// <summary>How many private rows are what was signed of them.</summary>
    public long PrivateRows { get; init; }

    /// <summary>How many are gone by an erasure that the log tells of.</summary>
    public long ErasedRows { get; init; }

    /// <summary>How many that are kept elsewhere it was made to agree with.</summary>
    public int Remembered { get; init; }

    public bool IsGood => Problem is null;
}
