namespace EventFiles.Infrastructure.Children;

/// <summary>An original as it comes, piece by piece.</summary>
internal sealed class FlowingOriginal(Stream input) : OneWayStream
{
    private int left;
    private bool hasEnded;

    /// <summary>The parent could not read on: what came is not all.</summary>
    public bool IsGivenUp { get; private set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (left == 0 && !hasEnded)
        {
            // Null when the parent is gone.
            left = ChildProtocol.ReadNumber(input) ?? ChildProtocol.GivenUp;
            (hasEnded, IsGivenUp) = (left <= ChildProtocol.EndOfOriginal, left < ChildProtocol.EndOfOriginal);
        }

        if (hasEnded)
            return 0;
        var some = input.Read(buffer[..Math.Min(buffer.Length, left)]);
        if (some == 0)
            (hasEnded, IsGivenUp) = (true, true);
        left -= some;
        return some;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    /// <summary>Takes in what nobody wants any more.</summary>
    public void Drain()
    {
        var buffer = new byte[64 * 1024];
        while (Read(buffer) > 0)
        {
        }
    }
}
