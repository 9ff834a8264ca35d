using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace EventFiles.Infrastructure.ObjectStorage;

/// <summary>Moves bytes between a stream and a file, hashing on the way, with one buffer whatever the size.</summary>
internal static class FileBytes
{
    public const int BufferBytes = 64 * 1024;

    /// <summary>Writes what comes, as far as it comes; says how the sender broke off, if it did.</summary>
    public static async Task<(long Length, ExceptionDispatchInfo? Broken)> Receive(
        SafeFileHandle file, long offset, Stream content, IncrementalHash? digest, CancellationToken cancel)
    {
        for (var length = offset; ;)
        {
            await Ready(content, cancel);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                var (filled, ended, broken) = await Fill(buffer.AsMemory(0, BufferBytes), content, cancel);
                digest?.AppendData(buffer, 0, filled);
                // By this thread: one that waited for another would hold its buffer meanwhile, and so would a thousand.
                RandomAccess.Write(file, buffer.AsSpan(0, filled), length);
                length += filled;
                if (ended)
                    return (length, broken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Waits for what a stream has to give, before a buffer is taken for it.</summary>
    public static ValueTask Ready(Stream content, CancellationToken cancel) =>
        content is OneWayStream arriving ? arriving.Ready(cancel) : ValueTask.CompletedTask;

    // Unlike ReadAtLeast it hands over what came before the stream broke: the sender need not send it again.
    private static async Task<(int Filled, bool Ended, ExceptionDispatchInfo? Broken)> Fill(
        Memory<byte> buffer, Stream content, CancellationToken cancel)
    {
        var filled = 0;
        try
        {
            while (filled < buffer.Length)
            {
                var read = await content.ReadAsync(buffer[filled..], cancel);
                if (read == 0)
                    return (filled, true, null);
                filled += read;
            }

            return (filled, false, null);
        }
        catch (Exception broken)
        {
            return (filled, true, ExceptionDispatchInfo.Capture(broken));
        }
    }

    /// <summary>The SHA-256 of a whole file, lower-case hex.</summary>
    public static async Task<string> Hash(SafeFileHandle file, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            for (var offset = 0L; ;)
            {
                var read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, BufferBytes), offset, cancel);
                if (read == 0)
                    return Hex(digest);
                digest.AppendData(buffer, 0, read);
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What the digest stands at, lower-case hex.</summary>
    public static string Hex(IncrementalHash digest) => Convert.ToHexStringLower(digest.GetCurrentHash());
}
