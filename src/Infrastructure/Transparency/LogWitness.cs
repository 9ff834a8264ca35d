using System.Globalization;
using System.Net;
using System.Text;

namespace EventFiles.Infrastructure.Transparency;

/// <summary>A witness that signs our checkpoints with a key of its own (c2sp.org/tlog-witness).</summary>
public sealed class LogWitness
{
    private const string SizeType = "text/x.tlog.size";

    private readonly byte[] key;

    // The size that it signed last, as far as we know: it tells when it is another.
    private long lastSize;

    private LogWitness(string name, byte[] key, Uri address) => (Name, this.key, Address) = (name, key, address);

    public string Name { get; }

    public Uri Address { get; }

    /// <summary>A witness as settings name it, <c>KEY@URL</c>; null when it is none.</summary>
    public static LogWitness? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && SignedNote.ReadVerifierKey(text[..at]) is { Kind: SignedNote.WitnessKind } read
            && Uri.TryCreate(text[(at + 1)..].TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            && address.UserInfo.Length == 0
            ? new LogWitness(read.Name, read.PublicKey, address)
            : null;
    }

    /// <summary>Asks for its signature.</summary>
    /// <param name="growth">The proof that the log grew from a size to this checkpoint's.</param>
    /// <returns>The signature's line.</returns>
    /// <exception cref="WitnessRefusesException">It has signed another history, or does not know this log.</exception>
    /// <exception cref="HttpRequestException">It is away.</exception>
    internal async Task<string> Cosign(
        HttpClient http, LogCheckpoint checkpoint, Func<long, Task<IReadOnlyList<byte[]>>> growth, CancellationToken cancel)
    {
        // Twice at most: the first answer may tell from which size it wants to see the log grow.
        for (var isFirst = true; ; isFirst = false)
        {
            if (lastSize > checkpoint.Size)
                throw new WitnessRefusesException(string.Create(CultureInfo.InvariantCulture, $"{Name} has signed {lastSize} leaves, and there are {checkpoint.Size}: the log was rolled back."));
            var body = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {lastSize}\n");
            foreach (var hash in await growth(lastSize))
                body.Append(Convert.ToBase64String(hash)).Append('\n');
            using var content = new StringContent(body.Append('\n').Append(checkpoint.Note).ToString());
            using var reply = await http.PostAsync(new Uri(Address, "add-checkpoint"), content, cancel);
            var text = await reply.Content.ReadAsStringAsync(cancel);
            if (reply.StatusCode == HttpStatusCode.OK)
                return Ours(text, checkpoint) is { } line ? Signed(line, checkpoint.Size) : throw new WitnessRefusesException($"{Name} answers with a signature that is none of its key.");
            if (isFirst && reply.StatusCode == HttpStatusCode.Conflict && reply.Content.Headers.ContentType?.MediaType == SizeType
                && long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size != lastSize)
            {
                lastSize = size;
                continue;
            }

            if (reply.StatusCode is HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests)
                throw new HttpRequestException($"{Name} answers {(int)reply.StatusCode}.");
            throw new WitnessRefusesException($"{Name} refuses to sign ({(int)reply.StatusCode}): it has signed another history of this log, or does not know its key.");
        }
    }

    private string Signed(string line, long size)
    {
        lastSize = size;
        return line;
    }

    private string? Ours(string lines, LogCheckpoint checkpoint)
    {
        var text = checkpoint.Note[..(checkpoint.Note.IndexOf("\n\n", StringComparison.Ordinal) + 1)];
        return lines.Split('\n').FirstOrDefault(line => SignedNote.IsCosigned(line, text, Name, key)) is { } line ? line + "\n" : null;
    }
}

/// <summary>A witness has seen another history. Nothing that is tried again helps: an operator must look.</summary>
public sealed class WitnessRefusesException(string why) : Exception(why);
