namespace EventFiles.Features.Vocabulary;

/// <summary>
/// The whole log as a Merkle tree (RFC 6962), signed again and again: by it others can tell that what happened was not
/// rewritten since. It follows the log by some seconds. Texts are those of C2SP: tlog-checkpoint, tlog-tiles, tlog-proof.
/// </summary>
public interface ITransparencyLog
{
    /// <summary>The public key that verifies checkpoints, as signed notes write it: <c>name+id+key</c>.</summary>
    string VerifierKey { get; }

    /// <summary>The newest checkpoint; null as long as there is none.</summary>
    Task<LogCheckpoint?> Newest(CancellationToken cancel);

    /// <summary>
    /// That an event is in the log, against the newest checkpoint that a witness has signed too; where none has, or they are
    /// smaller than was asked for, against the newest.
    /// </summary>
    /// <param name="fromSize">How many leaves that checkpoint covers at least, as far as any does; 0 for whoever does not mind.</param>
    Task<Inclusion> Prove(Guid eventId, long fromSize, CancellationToken cancel);

    /// <summary>That the log of a size is how that of a checkpoint begins (RFC 6962, 2.1.2): hashes; none when either is empty or both are the same.</summary>
    /// <param name="fromSize">0 or more leaves, no more than the checkpoint covers.</param>
    Task<IReadOnlyList<byte[]>> Grown(long fromSize, LogCheckpoint checkpoint, CancellationToken cancel);

    /// <summary>
    /// What was signed of the log last before an event came into it, and that a later log grew from there; null when nothing
    /// had been signed before, or nobody knows the event.
    /// </summary>
    /// <param name="later">A checkpoint that covers the event.</param>
    Task<EarlierLog?> Before(Guid eventId, LogCheckpoint later, CancellationToken cancel);

    /// <summary>Hashes of one tile, 32 bytes each; null when the newest checkpoint does not cover it.</summary>
    /// <param name="level">0 for leaves' hashes.</param>
    /// <param name="number">From 0.</param>
    /// <param name="width">1 to 256 hashes.</param>
    Task<byte[]?> Tile(int level, long number, int width, CancellationToken cancel);

    /// <summary>The leaves of one tile of level 0, each behind its length in two bytes; null as with <see cref="Tile"/>.</summary>
    Task<byte[]?> Entries(long number, int width, CancellationToken cancel);
}

/// <summary>What was signed of the log at a moment.</summary>
/// <param name="Size">How many leaves it covers.</param>
/// <param name="RootHash">32 bytes.</param>
/// <param name="Note">The signed text, with witnesses' signatures if there are any.</param>
public sealed record LogCheckpoint(long Size, byte[] RootHash, string Note);

/// <summary>How the log stood, and that another grew from there.</summary>
/// <param name="Checkpoint">The signed text.</param>
/// <param name="Path">The consistency proof (RFC 6962, 2.1.2) from its size to the later one's, base64.</param>
public sealed record EarlierLog(string Checkpoint, IReadOnlyList<string> Path);

/// <summary>What there is to say of an event's place in the log.</summary>
public abstract record Inclusion
{
    private Inclusion() { }

    /// <summary>There is no such event.</summary>
    public sealed record Unknown : Inclusion;

    /// <summary>It is there, and no checkpoint covers it yet: seconds will do.</summary>
    public sealed record Pending : Inclusion;

    /// <summary>It is in the log.</summary>
    /// <param name="Index">Its place among the leaves, from 0. Positions have gaps, this has none.</param>
    /// <param name="Leaf">What was hashed: all that is public of the event.</param>
    /// <param name="Path">Hashes from the leaf's neighbour up to the root's child.</param>
    public sealed record Proven(long Index, byte[] Leaf, IReadOnlyList<byte[]> Path, LogCheckpoint Checkpoint) : Inclusion
    {
        /// <summary>As a file that proves it offline: tlog-proof, with the leaf as its extra data.</summary>
        public string ToText() => string.Concat(
            "c2sp.org/tlog-proof@v1\nextra ", Convert.ToBase64String(Leaf), "\nindex ",
            Index.ToString(System.Globalization.CultureInfo.InvariantCulture), "\n",
            string.Concat(Path.Select(hash => Convert.ToBase64String(hash) + "\n")), "\n", Checkpoint.Note);
    }
}
