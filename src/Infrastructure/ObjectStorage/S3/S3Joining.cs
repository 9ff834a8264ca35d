using System.Net;
using Amazon.S3;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// Makes one object of the parts that count. Others may have been stored that no row tells of: their writer died in between,
/// or was overtaken. Amazon leaves out what a completion does not name; Ceph refuses it, and nobody can remove a single part
/// or read it. So all of them become one object first, and the ranges that count are copied from it, within the server.
/// </summary>
internal sealed class S3Joining(S3Calls calls, S3Names names, GrowthRows growths)
{
    private const int Tries = 5;
    private const int CopiesAtOnce = 3;
    private static readonly Backoff Waits = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));

    /// <summary>Completes the object; safe to repeat, wherever another process that did it has died.</summary>
    /// <returns>The number of the piece that is the object, 0 for the write's own name; and its tag.</returns>
    public async Task<(int Piece, string ETag)> Join(ObjectKey key, Growth growth, CancellationToken cancel)
    {
        var name = names.Of(key, growth.Write);
        for (var tries = 1; ; tries++)
        {
            var parts = await growths.Parts(growth.Write, cancel);
            KillPoint.Reach("s3.before-complete");
            try
            {
                var etag = await calls.Complete(name, growth.Multipart!, Named(parts), parts.Sum(part => part.SizeBytes), cancel);
                return parts.TrueForAll(part => part.Counts) ? (0, etag) : await Carve(key, growth, parts, cancel);
            }
            catch (AmazonS3Exception refused) when (IsOfOtherParts(refused))
            {
                // One more may arrive after any look; and a list may be older than what was stored.
                await Note(name, growth, parts, cancel);
                if (tries == Tries)
                    throw new IOException("The server does not make an object of the parts that it has taken.", refused);
            }

            await Task.Delay(Waits.After(tries), cancel);
        }
    }

    // A row tells of them before the completion that makes them bytes of the object: whoever repeats it knows what is where.
    private async Task Note(string name, Growth growth, List<GrowthPart> known, CancellationToken cancel)
    {
        var counting = known.Where(part => part.Counts).Select(part => part.Number).ToHashSet();
        var others = (await calls.Parts(name, growth.Multipart!, cancel)).FindAll(part => !counting.Contains(part.Number));
        if (others.Count > 0 && !await growths.Note(growth, others, cancel))
            throw new IOException("Another writer has taken the object over.");
    }

    private async Task<(int, string)> Carve(
        ObjectKey key, Growth growth, List<GrowthPart> parts, CancellationToken cancel)
    {
        var piece = await growths.NextPiece(growth, cancel) ?? throw new IOException("Another writer has taken the object over.");
        var (from, to) = (names.Of(key, growth.Write), names.Of(key, growth.Write, piece));
        var multipart = await calls.Begin(to, cancel);
        var ranges = new List<(long At, GrowthPart Part)>();
        var position = 0L;
        foreach (var part in parts)
        {
            if (part.Counts)
                ranges.Add((position, part));
            position += part.SizeBytes;
        }

        var copies = new (int Number, string ETag)[ranges.Count];
        await Parallel.ForAsync(
            0, copies.Length, new ParallelOptions { MaxDegreeOfParallelism = CopiesAtOnce, CancellationToken = cancel },
            async (at, stop) => copies[at] = (at + 1, await calls.CopyPart(from, ranges[at].At, ranges[at].Part, to, multipart, at + 1, stop)));
        return (piece, await calls.Complete(to, multipart, copies, growth.Length, cancel));
    }

    private static List<(int, string)> Named(List<GrowthPart> parts) => parts.ConvertAll(part => (part.Number, part.ETag));

    private static bool IsOfOtherParts(AmazonS3Exception refused) =>
        refused is { ErrorCode: "InvalidPart", StatusCode: HttpStatusCode.BadRequest };
}
