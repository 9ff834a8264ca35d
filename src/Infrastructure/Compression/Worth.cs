using System.Buffers;
using static EventFiles.Infrastructure.Compression.BlockFormat;

namespace EventFiles.Infrastructure.Compression;

/// <summary>When compressing pays: it saves a tenth at least.</summary>
internal static class Worth
{
    private const int TriedBlocks = 8;

    /// <summary>Whether so much less is worth a form that must be decoded for ever.</summary>
    public static bool It(long plainBytes, long storedBytes) => storedBytes <= plainBytes - (plainBytes / 10);

    /// <summary>Compresses a few blocks from all over an object: most that cannot be compressed show it there.</summary>
    /// <param name="content">Is left anywhere.</param>
    public static async Task<bool> Looks(Stream content, CancellationToken cancel)
    {
        var plain = ArrayPool<byte>.Shared.Rent(PlainBytes);
        var packed = ArrayPool<byte>.Shared.Rent(PlainBytes);
        try
        {
            var (blocks, all, small) = (Blocks(content.Length, PlainBytes), 0L, 0L);
            var step = Math.Max(1, blocks / TriedBlocks);
            for (var block = 0L; block < blocks; block += step)
            {
                content.Position = block * PlainBytes;
                var bytes = await content.ReadAtLeastAsync(plain.AsMemory(0, PlainBytes), PlainBytes, throwOnEndOfStream: false, cancel);
                all += bytes;
                small += BlockCodec.Try(plain.AsSpan(0, bytes), packed);
            }

            return It(all, small);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(packed, clearArray: true);
        }
    }
}

/// <summary>An object did not become as much smaller as its beginning promised.</summary>
internal sealed class NotWorthItException() : Exception("Compressing it saves too little.");
