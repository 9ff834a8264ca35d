namespace EventFiles.Features.Upload;

/// <summary>A stored object's bytes on their way into another object. Whoever copies tells with them that it is alive.</summary>
/// <param name="passed">Told of the total before each piece is handed on; a refusal ends the bytes. Null: nobody is told.</param>
internal sealed class PassedOnBytes(Stream inner, Func<long, ValueTask<Rejection?>>? passed) : Stream
{
    private long total;

    /// <summary>Why the bytes ended before their end; null while all is well.</summary>
    public Rejection? Refused { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        total += count;
        Refused ??= passed is null ? null : await passed(total);
        return Refused is null ? count : throw new ArrivalRefusedException(Refused);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
