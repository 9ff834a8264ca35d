namespace EventFiles.Infrastructure.Tests.ObjectStorage;

/// <summary>A stream as networks have them: it comes in odd pieces, cannot seek, and may break at its end.</summary>
internal sealed class Dribble(byte[] content, bool breaks = false) : OneWayStream
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
internal sealed class Waiting(byte[] content, TaskCompletionSource reached, Task proceed) : OneWayStream
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
