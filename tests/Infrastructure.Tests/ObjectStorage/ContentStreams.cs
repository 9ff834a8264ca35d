namespace EventFiles.Infrastructure.Tests.ObjectStorage;

/// <summary>A stream as networks have them: it comes in odd pieces, cannot seek, and may break at its end.</summary>
internal sealed class Dribble(byte[] content, bool breaks = false) : OneWay
{
    private const int LargestPiece = 7_001;
    private int position;

    /// <summary>Called with the number of bytes that were handed out.</summary>
    public Action<int>? OnRead { get; init; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        var piece = Math.Min(Math.Min(LargestPiece, buffer.Length), content.Length - position);
        if (piece == 0 && breaks)
            throw new IOException("The connection was reset.");
        content.AsMemory(position, piece).CopyTo(buffer);
        position += piece;
        OnRead?.Invoke(position);
        return piece;
    }
}

/// <summary>Tells when it is read, and goes on when it is told to.</summary>
internal sealed class Waiting(byte[] content, TaskCompletionSource reached, Task proceed) : OneWay
{
    private bool isRead;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (isRead)
            return 0;
        isRead = true;
        reached.SetResult();
        await proceed.WaitAsync(cancellationToken);
        content.CopyTo(buffer);
        return content.Length;
    }
}

internal abstract class OneWay : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
