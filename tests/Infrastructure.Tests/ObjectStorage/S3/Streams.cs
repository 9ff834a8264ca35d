namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>Hands out the first bytes, tells so, and goes on when it is told to.</summary>
internal sealed class Pausing(byte[] content, int pauseAt, TaskCompletionSource reached, Task proceed) : OneWayStream
{
    private int position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (position == pauseAt)
        {
            reached.TrySetResult();
            await proceed.WaitAsync(cancellationToken);
        }

        var end = position < pauseAt ? pauseAt : content.Length;
        var piece = Math.Min(buffer.Length, end - position);
        content.AsMemory(position, piece).CopyTo(buffer);
        position += piece;
        return piece;
    }
}

/// <summary>So many bytes of a pattern, made as they are read.</summary>
internal sealed class Patterned(long size) : OneWayStream
{
    private long position;

    /// <summary>Called now and then.</summary>
    public Action? OnRead { get; init; }

    public static byte At(long position) => (byte)((position * 31) + (position >> 13));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var piece = (int)Math.Min(size - position, buffer.Length);
        for (var at = 0; at < piece; at++)
            buffer.Span[at] = At(position + at);
        position += piece;
        OnRead?.Invoke();
        return ValueTask.FromResult(piece);
    }
}
