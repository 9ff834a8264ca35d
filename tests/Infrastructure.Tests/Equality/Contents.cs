using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.Tests.Children;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>Bytes to upload: mostly text, some pictures, some that look like pictures, a few documents, some text that is worth compressing.</summary>
internal static class Contents
{
    private static readonly Lazy<byte[]> Picture = new(() => Samples.Picture(32, 24, ".png"));
    private static readonly Lazy<byte[]> Pdf = new(() => Samples.Pdf(60, 80));
    private static readonly byte[] Broken = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. "and no more"u8];
    private static readonly byte[] Program = [0x7F, .. "ELF and so on"u8];

    public static byte[] APicture => Picture.Value;

    public static byte[] Any(Random chance) => chance.Next(12) switch
    {
        < 3 => Picture.Value,
        3 => Broken,
        4 => chance.Next(4) == 0 ? Pdf.Value : Program,
        5 => [],
        6 => [.. Enumerable.Range(0, chance.Next(16_000, 40_000)).Select(_ => (byte)chance.Next('a', 'f'))],
        _ => [.. Enumerable.Range(0, chance.Next(1, 1200)).Select(_ => (byte)chance.Next('a', 'z'))],
    };
}

/// <summary>Comes so slowly that the upload's lease must be renewed on the way; and breaks off there, if it shall.</summary>
internal sealed class Trickle(byte[] content, LeapingTime clock, bool breaks) : MemoryStream(content)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position > 0 && breaks)
            throw new IOException("The client is gone.");
        clock.Leap(TimeSpan.FromSeconds(40));
        return await base.ReadAsync(buffer[..Math.Min(buffer.Length, 500)], cancellationToken);
    }
}

/// <summary>Real children, that cannot be had each seventh time.</summary>
internal sealed class MoodyRenderer(ChildRenderer children) : IRenderer
{
    private int asked;

    public Task<Rendering> Render(Stream original, RenderOrder order, CancellationToken cancel) =>
        Interlocked.Increment(ref asked) % 7 == 0
            ? throw new TransientException("The tool cannot be run just now.")
            : children.Render(original, order, cancel);
}
