namespace EventFiles.Features.Upload;

/// <summary>A stored object's bytes on their way into another object. Whoever copies tells with them that it is alive.</summary>
/// <param name="passed">Told of the total before each piece is handed on; a refusal ends the bytes. Null: nobody is told.</param>
internal sealed class PassedOnBytes(Stream inner, Func<long, ValueTask<Rejection?>>? passed) : OneWayStream
{
    private long total;

    /// <summary>Why the bytes ended before their end; null while all is well.</summary>
    public Rejection? Refused { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await Read(buffer, cancellationToken);
        total += count;
        Refused ??= passed is null ? null : await passed(total);
        return Refused is null ? count : throw new ArrivalRefusedException(Refused);
    }

    private async ValueTask<int> Read(Memory<byte> buffer, CancellationToken cancel)
    {
        try
        {
            return await inner.ReadAsync(buffer, cancel);
        }
        catch (ObjectDamagedException)
        {
            Refused = DamageRejection.Damaged;
            return 0;
        }
    }
}
