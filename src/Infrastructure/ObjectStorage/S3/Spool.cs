using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using FileAccess = System.IO.FileAccess;

namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>
/// The bytes of one request to the server, which it may have to send again: up to 64 KiB in memory, and more in a file that
/// has no name and so is gone with the process. So memory stays small however large parts are and however slowly a
/// thousand clients send, and no upload waits for another one's buffer.
/// </summary>
internal sealed class Spool : IDisposable
{
    private const int MemoryBytes = 64 * 1024;
    private const int ChunkBytes = 64 * 1024;

    private readonly IncrementalHash md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly BlockChecksums checks = new();
    private byte[] memory = [];
    private SafeFileHandle? file;

    public long Length { get; private set; }

    /// <summary>Base 64, as Content-MD5 has it.</summary>
    public string Md5 => Convert.ToBase64String(md5.GetCurrentHash());

    /// <summary>Whether this is the tag that a server gives these bytes.</summary>
    public bool IsTagged(string etag) =>
        Convert.ToHexStringLower(md5.GetCurrentHash()).Equals(etag, StringComparison.OrdinalIgnoreCase);

    /// <summary>The sums of its blocks; nothing may be filled in after it.</summary>
    public byte[] Checks() => checks.ToArray();

    /// <summary>Reads until <paramref name="size"/> bytes are here; says how the sender broke off, if it did.</summary>
    /// <param name="digest">Gets what comes; null when it has it already.</param>
    /// <returns>Whether the content has ended.</returns>
    public async Task<(bool Ended, ExceptionDispatchInfo? Broken)> Fill(
        Stream content, long size, ResumableSha256? digest, CancellationToken cancel)
    {
        while (Length < size)
        {
            byte[] chunk = [];
            try
            {
                int read;
                try
                {
                    await FileBytes.Ready(content, cancel);
                    chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
                    read = await content.ReadAsync(chunk.AsMemory(0, (int)Math.Min(ChunkBytes, size - Length)), cancel);
                }
                catch (Exception broken)
                {
                    return (true, ExceptionDispatchInfo.Capture(broken));
                }

                if (read == 0)
                    return (true, null);
                Keep(chunk.AsSpan(0, read));
                digest?.Append(chunk.AsSpan(0, read));
            }
            finally
            {
                if (chunk.Length > 0)
                    ArrayPool<byte>.Shared.Return(chunk);
            }
        }

        return (false, null);
    }

    /// <summary>All of it, from the start; for each try another stream, since a broken try may still be reading its own.</summary>
    public Stream Open() => new Reader(this);

    public void Dispose()
    {
        md5.Dispose();
        file?.Dispose();
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        md5.AppendData(bytes);
        checks.Append(bytes);
        if (file is null && Length + bytes.Length <= MemoryBytes)
        {
            if (memory.Length < Length + bytes.Length)
                Array.Resize(ref memory, Math.Clamp(memory.Length * 4, (int)Length + bytes.Length, MemoryBytes));
            bytes.CopyTo(memory.AsSpan((int)Length));
        }
        else
        {
            if (file is null)
            {
                file = Nameless();
                RandomAccess.Write(file, memory.AsSpan(0, (int)Length), 0);
                memory = [];
            }

            RandomAccess.Write(file, bytes, Length);
        }

        Length += bytes.Length;
    }

    private static SafeFileHandle Nameless()
    {
        var path = Path.Combine(Path.GetTempPath(), $"eventfiles-{Guid.NewGuid():n}");
        var opened = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);
        File.Delete(path);
        return opened;
    }

    private sealed class Reader(Spool spool) : SeekableContent
    {
        private readonly byte[] memory = spool.memory;
        private readonly SafeFileHandle? file = spool.file;

        public override long Length { get; } = spool.Length;

        public override int Read(Span<byte> buffer)
        {
            buffer = buffer[..(int)Math.Clamp(Length - Position, 0, buffer.Length)];
            var read = buffer.Length;
            if (file is not null)
                read = RandomAccess.Read(file, buffer, Position);
            else
                memory.AsSpan((int)Position, read).CopyTo(buffer);
            Position += read;
            return read;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            cancellationToken.IsCancellationRequested
                ? ValueTask.FromCanceled<int>(cancellationToken)
                : ValueTask.FromResult(Read(buffer.Span));
    }
}
