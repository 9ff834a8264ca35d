using System.Text;
using System.Text.Json;

namespace EventFiles.Verify;

/// <summary>What a file proves.</summary>
/// <param name="IsGood">Whether all that it says holds.</param>
/// <param name="Kind"><c>proof</c>, <c>checkpoint</c>, <c>export</c> (of a log), <c>personal-export</c> or <c>vector</c>.</param>
/// <param name="Detail">What was found, in a sentence.</param>
public sealed record Verdict(bool IsGood, string Kind, string Detail)
{
    /// <summary>How many leaves the checkpoint covers, when there is one.</summary>
    public long? TreeSize { get; init; }

    /// <summary>The first leaf that is not what it should be.</summary>
    public long? FirstBadIndex { get; init; }

    /// <summary>The event that a proof is about: what was hashed.</summary>
    public string? Leaf { get; init; }
}

/// <summary>What the reader trusts, which no file may tell.</summary>
/// <param name="Log">The log's key.</param>
/// <param name="Witnesses">All of them must have signed.</param>
/// <param name="Remembered">A checkpoint from before: the log must have grown from it.</param>
public sealed record Trusted(VerifierKey Log, IReadOnlyList<VerifierKey> Witnesses, Checkpoint? Remembered);

/// <summary>Verifies files of EventFiles offline. It knows formats alone: no server, no database, no code of theirs.</summary>
public static class Verification
{
    private const string ProofStart = "c2sp.org/tlog-proof@v1\n";
    private const int LongestDocumentBytes = 16 << 20;

    private static readonly string[] OfInclusion = ["leafIdx", "treeSize", "root", "leafHash"];
    private static readonly string[] OfConsistency = ["size1", "size2", "root1", "root2"];

    /// <summary>Verifies a receipt, a proof, a checkpoint or an exported log, whichever the file is.</summary>
    public static Verdict Of(string path, Trusted trusted)
    {
        ArgumentNullException.ThrowIfNull(trusted);
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[8];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (start[..read].StartsWith("{\"log\":"u8))
            return Readable("export", () => ExportedLog.Verify(path, trusted));
        return file.Length > LongestDocumentBytes
            ? new Verdict(false, "proof", "It is too long for a proof, and does not begin as an exported log does.")
            : OfText(File.ReadAllText(path), trusted);
    }

    /// <summary>The same of a text.</summary>
    public static Verdict OfText(string text, Trusted trusted)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(trusted);
        if (text.StartsWith(ProofStart, StringComparison.Ordinal))
            return Proof(text, trusted, null);
        if (!text.TrimStart().StartsWith('{'))
        {
            return Checkpoint.Read(text) is { } checkpoint
                ? Signed(checkpoint, trusted, null, "checkpoint") ?? Good("checkpoint", checkpoint, "The checkpoint is signed by the log.")
                : new Verdict(false, "checkpoint", "It is none of the files that this program verifies.");
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return Readable("proof", () => Document(json.RootElement, trusted));
        }
        catch (JsonException broken)
        {
            return new Verdict(false, "proof", $"It is no JSON: {broken.Message}");
        }
    }

    // A field that is missing or of another kind is no reason to stop: it is what was found.
    private static Verdict Readable(string kind, Func<Verdict> verify)
    {
        try
        {
            return verify();
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return new Verdict(false, kind, $"It is not written as such a file is: {broken.Message}");
        }
    }

    /// <summary>One test vector of the field; its own verdict is compared with <c>wantErr</c>.</summary>
    /// <returns>Null when it is none.</returns>
    public static Verdict? Vector(JsonElement json)
    {
        // What has a field besides is none, so that no receipt passes for one.
        var isOfInclusion = IsOf(OfInclusion, json);
        if (!isOfInclusion && !IsOf(OfConsistency, json))
            return null;
        return Readable("vector", () =>
        {
            var wants = !json.TryGetProperty("wantErr", out var error) || !error.GetBoolean();
            var holds = isOfInclusion
                ? Merkle.IsIncluded(Long(json.GetProperty("leafIdx")), Long(json.GetProperty("treeSize")), Hash(json, "leafHash"), Hashes(json), Hash(json, "root"))
                : Merkle.IsConsistent(Long(json.GetProperty("size1")), Long(json.GetProperty("size2")), Hash(json, "root1"), Hash(json, "root2"), Hashes(json));
            return new Verdict(
                holds == wants, "vector",
                $"A test vector, which proves nothing of a log: it {(holds ? "holds" : "does not hold")}, and {(wants ? "should" : "should not")}.");
        });
    }

    private static bool IsOf(string[] asked, JsonElement json) =>
        json.ValueKind == JsonValueKind.Object
        && Array.TrueForAll(asked, name => json.TryGetProperty(name, out _))
        && json.EnumerateObject().All(field => asked.Contains(field.Name) || field.Name is "proof" or "desc" or "wantErr")
        && (!json.TryGetProperty("proof", out var proof) || proof.ValueKind is JsonValueKind.Null or JsonValueKind.Array);

    private static Verdict Document(JsonElement json, Trusted trusted)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return new Verdict(false, "proof", "It is no proof.");
        if (!json.TryGetProperty("proof", out var proof) || proof.ValueKind != JsonValueKind.String)
            return new Verdict(false, "proof", "It has no field proof with the text of a proof.");
        var verdict = Proof(proof.GetString()!, trusted, json);
        // What stands beside the proof, for people and programs to read, must be what is proven.
        return !verdict.IsGood ? verdict
            : Beside(json, proof.GetString()!, verdict) is { } field ? verdict with { IsGood = false, Detail = $"Its field {field} says something else than what is proven." }
            : Earlier(json, proof.GetString()!, trusted) is { } wrong ? verdict with { IsGood = false, Detail = wrong }
            : verdict;
    }

    // A receipt says how the log stood before.
    private static string? Earlier(JsonElement json, string proof, Trusted trusted)
    {
        if (!json.TryGetProperty("before", out var before) || before.ValueKind == JsonValueKind.Null)
            return null;
        var index = Checkpoint.Decimal(proof.Split('\n')[2]["index ".Length..]);
        var later = Checkpoint.Read(proof[(proof.IndexOf("\n\n", StringComparison.Ordinal) + 2)..])!;
        return Checkpoint.Read(before.GetProperty("checkpoint").GetString()!) is not { } earlier || earlier.Origin != later.Origin || !trusted.Log.HasSigned(earlier.Note, out _)
            ? "The log has not signed what is said to have been before."
            : earlier.Size > index ? "What is said to have been before covers the event already."
            : !Merkle.IsConsistent(earlier.Size, later.Size, earlier.Root, later.Root, Hashes(before, "path"))
            ? "The log did not grow from how it stood before: it was rewritten."
            : null;
    }

    private static string? Beside(JsonElement json, string proof, Verdict verdict)
    {
        using var leaf = JsonDocument.Parse(verdict.Leaf!);
        var lines = proof.Split('\n');
        return json.TryGetProperty("eventId", out var id) && id.GetString() != leaf.RootElement.GetProperty("id").GetString() ? "eventId"
            : json.TryGetProperty("index", out var index) && $"index {index.GetRawText()}" != lines[2] ? "index"
            : json.TryGetProperty("treeSize", out var size) && (!size.TryGetInt64(out var leaves) || leaves != verdict.TreeSize) ? "treeSize"
            : json.TryGetProperty("leaf", out var bytes) && $"extra {bytes.GetString()}" != lines[1] ? "leaf"
            : json.TryGetProperty("path", out var path) && !path.EnumerateArray().Select(one => one.GetString()).SequenceEqual(lines[3..].TakeWhile(line => line.Length > 0)) ? "path"
            : json.TryGetProperty("checkpoint", out var note) && !proof.EndsWith("\n\n" + note.GetString(), StringComparison.Ordinal) ? "checkpoint"
            : json.TryGetProperty("receipt", out var receipt) && receipt.GetString() != Said(leaf, "receipt") ? "receipt"
            : json.TryGetProperty("stage", out var stage) && stage.GetString() != Said(leaf, "stage") ? "stage"
            : null;
    }

    private static string? Said(JsonDocument leaf, string name) =>
        leaf.RootElement.TryGetProperty("data", out var data) && data.TryGetProperty(name, out var said) ? said.GetString() : null;

    private static Verdict Proof(string text, Trusted trusted, JsonElement? document)
    {
        var middle = text.IndexOf("\n\n", StringComparison.Ordinal);
        if (middle < 0 || Checkpoint.Read(text[(middle + 2)..]) is not { } checkpoint)
            return new Verdict(false, "proof", "No checkpoint follows the proof.");
        var lines = text[..middle].Split('\n');
        if (!text.StartsWith(ProofStart, StringComparison.Ordinal))
            return new Verdict(false, "proof", "It is no proof of the kind that this program knows.");
        if (lines.Length < 3 || !lines[1].StartsWith("extra ", StringComparison.Ordinal) || Base64.Read(lines[1]["extra ".Length..]) is not { } leaf)
            return new Verdict(false, "proof", "What was hashed does not stand in the proof.");
        if (!lines[2].StartsWith("index ", StringComparison.Ordinal) || Checkpoint.Decimal(lines[2]["index ".Length..]) is not { } index)
            return new Verdict(false, "proof", "It does not say which leaf it is about.");
        var path = lines[3..].Select(Base64.Read).ToList();
        if (Signed(checkpoint, trusted, document, "proof") is { } wrong)
            return wrong;
        if (path.Contains(null) || !Merkle.IsIncluded(index, checkpoint.Size, Merkle.LeafHash(leaf), path!, checkpoint.Root))
            return new Verdict(false, "proof", "The hashes do not lead from the event to what the log signed.") { TreeSize = checkpoint.Size, FirstBadIndex = index };
        var good = Good("proof", checkpoint, string.Create(CultureInfo.InvariantCulture, $"The event is leaf {index} of {checkpoint.Size} of {checkpoint.Origin}."));
        return good with { Leaf = Encoding.UTF8.GetString(leaf) };
    }

    /// <summary>What is wrong with a checkpoint and who signed it; null when nothing is.</summary>
    internal static Verdict? Signed(Checkpoint checkpoint, Trusted trusted, JsonElement? document, string kind)
    {
        Verdict Bad(string detail) => new(false, kind, detail) { TreeSize = checkpoint.Size };
        if (checkpoint.Origin != trusted.Log.Name || !trusted.Log.HasSigned(checkpoint.Note, out _))
            return Bad("The log has not signed this checkpoint with the key that you trust.");
        foreach (var witness in trusted.Witnesses)
        {
            if (!witness.HasSigned(checkpoint.Note, out _))
                return Bad($"The witness {witness.Name} has not signed this checkpoint.");
        }

        if (trusted.Remembered is not { } before || kind == "export")
            return null;
        if (before.Origin != checkpoint.Origin || !trusted.Log.HasSigned(before.Note, out _))
            return Bad("The checkpoint that you remember is not one of this log.");
        if (before.Size > checkpoint.Size)
            return Bad("The log is shorter than the checkpoint that you remember: it was rolled back.");
        if (before.Size == checkpoint.Size)
            return before.Root.AsSpan().SequenceEqual(checkpoint.Root) ? null : Bad("The log is another than the one that you remember: it was forked.");
        if (before.Size == 0)
            return null;
        return document is { } json && json.TryGetProperty("consistency", out var growth) && growth.ValueKind == JsonValueKind.Object
            && Long(growth.GetProperty("fromSize")) == before.Size
            ? Merkle.IsConsistent(before.Size, checkpoint.Size, before.Root, checkpoint.Root, Hashes(growth, "path")) ? null
                : Bad("The log did not grow from the checkpoint that you remember: it was rewritten.")
            : Bad(string.Create(CultureInfo.InvariantCulture, $"It does not show that the log grew from the checkpoint that you remember: ask for it with ?from={before.Size}."));
    }

    internal static Verdict Good(string kind, Checkpoint checkpoint, string detail) => new(true, kind, detail) { TreeSize = checkpoint.Size };

    private static long Long(JsonElement number) => number.TryGetInt64(out var value) ? value : -1;

    private static byte[] Hash(JsonElement json, string name) =>
        json.TryGetProperty(name, out var hash) && hash.ValueKind == JsonValueKind.String ? Base64.Read(hash.GetString()!) ?? [] : [];

    private static IReadOnlyList<byte[]> Hashes(JsonElement json, string name = "proof") =>
        json.TryGetProperty(name, out var hashes) && hashes.ValueKind == JsonValueKind.Array
            ? [.. hashes.EnumerateArray().Select(hash => hash.ValueKind == JsonValueKind.String ? Base64.Read(hash.GetString()!) ?? [] : [])]
            : [];
}
