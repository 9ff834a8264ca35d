using System.Buffers;
using System.Net;

namespace EventFiles.Client;

/// <summary>A file from some byte on, as a request's body.</summary>
/// <param name="sent">Told how many bytes went out.</param>
internal sealed class FilePart(string path, long from, long to, StallGuard guard, Action<int> sent) : HttpContent
{
    private const int BufferBytes = 128 << 10;

    /// <summary>Why the file cannot be read; null when it could.</summary>
    public NotDoneException? Failure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            await using var file = Open();
            for (var at = from; at < to;)
            {
                var count = await Read(file, buffer.AsMemory(0, (int)Math.Min(buffer.Length, to - at)), cancellationToken);
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                at += count;
                sent(count);
                guard.Moved();
            }

            await stream.FlushAsync(cancellationToken);
            guard.Sent();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = to - from;
        return true;
    }

    private FileStream Open()
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
            file.Position = from;
            return file;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Failure = NotDoneException.Local(path, failure);
        }
    }

    private async Task<int> Read(FileStream file, Memory<byte> buffer, CancellationToken cancel)
    {
        try
        {
            return await file.ReadAsync(buffer, cancel) is > 0 and var count ? count
                : throw new EndOfStreamException("It became shorter while it was sent.");
        }
        catch (IOException failure)
        {
            throw Failure = NotDoneException.Local(path, failure);
        }
    }
}
