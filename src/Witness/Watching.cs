using EventFiles.Verify;

namespace EventFiles.Witness;

/// <summary>What a witness answers.</summary>
/// <param name="Status">The HTTP status that the protocol names.</param>
/// <param name="Text">Signatures, or what was wrong.</param>
/// <param name="LatestSize">With 409: the size that the proof must begin at.</param>
internal sealed record WitnessAnswer(int Status, string Text, long? LatestSize = null);

/// <summary>Decides whether a checkpoint is signed. The table is that of c2sp.org/tlog-witness, read from the top.</summary>
internal sealed class Watching(IReadOnlyList<VerifierKey> logs, WitnessKey key, WitnessMemory memory, TimeProvider clock)
{
    private const int MostHashes = 63;

    public WitnessAnswer Add(string body)
    {
        var middle = body.IndexOf("\n\n", StringComparison.Ordinal);
        var lines = middle < 0 ? [] : body[..middle].Split('\n');
        if (lines.Length is 0 or > MostHashes + 1 || Size(lines[0]) is not { } old || Checkpoint.Read(body[(middle + 2)..]) is not { } next)
            return new(StatusCodes.Status400BadRequest, "This is no checkpoint with its proof.\n");
        var proof = lines[1..].Select(Hash).ToList();
        if (proof.Contains(null))
            return new(StatusCodes.Status400BadRequest, "A hash is none.\n");
        var known = logs.Where(log => log.Name == next.Origin).ToList();
        if (known.Count == 0)
            return new(StatusCodes.Status404NotFound, "This log is not known here.\n");
        if (!known.Any(log => log.HasSigned(next.Note, out _)))
            return new(StatusCodes.Status403Forbidden, "The log has not signed this.\n");
        if (old > next.Size)
            return new(StatusCodes.Status400BadRequest, "The old log is larger than the new one.\n");

        // What is remembered is compared and replaced by one at a time: otherwise an older one could come last.
        return memory.Exchange(next.Origin, latest =>
        {
            var size = latest?.Size ?? 0;
            if (old != size)
                return (new(StatusCodes.Status409Conflict, "", size), null);
            if (latest is not null && size == next.Size && !latest.Root.AsSpan().SequenceEqual(next.Root))
                return (new(StatusCodes.Status409Conflict, "", size), null);
            if (size == 0 || size == next.Size ? proof.Count > 0 : !Merkle.IsConsistent(size, next.Size, latest!.Root, next.Root, proof!))
                return (new(StatusCodes.Status422UnprocessableEntity, "The log did not grow from the one that was signed here.\n"), null);
            return (new(StatusCodes.Status200OK, key.Cosign(next.Note.Text, clock.GetUtcNow())), next);
        });
    }

    private static long? Size(string line) =>
        line.StartsWith("old ", StringComparison.Ordinal) && long.TryParse(line[4..], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var size)
        && line[4..] == size.ToString(System.Globalization.CultureInfo.InvariantCulture)
            ? size
            : null;

    private static byte[]? Hash(string line)
    {
        var hash = new byte[33];
        return Convert.TryFromBase64String(line, hash, out var length) && length == 32 ? hash[..length] : null;
    }
}
