using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Children;

/// <summary>Values of a picture: row by row, one byte per band.</summary>
internal sealed record DrawnPicture(byte[] Values, int Width, int Height, int Bands);

/// <summary>
/// The highest and lowest values of a sound, whose length need not be known: when there is no more room, every two
/// stretches become one.
/// </summary>
internal sealed class Waveform
{
    private const int MaxStretches = 8192;
    private static readonly byte[] Ink = [0x3B, 0x7D, 0xB8, 0xFF];
    private readonly short[] lowest = new short[MaxStretches];
    private readonly short[] highest = new short[MaxStretches];
    private int stretches;
    private long samplesPerStretch = 1;
    private long samplesInLast;

    public bool IsEmpty => stretches == 0;

    /// <summary>All that a stream gives: one channel, samples of 16 bits, little-endian.</summary>
    public void Add(Stream sound)
    {
        var buffer = new byte[64 * 1024];
        for (var left = 0; sound.Read(buffer.AsSpan(left)) is > 0 and var read;)
        {
            var length = left + read;
            Add(MemoryMarshal.Cast<byte, short>(buffer.AsSpan(0, length & ~1)));
            left = length & 1;
            if (left > 0)
                buffer[0] = buffer[length - 1];
        }
    }

    /// <summary>A bar for each column, from the lowest to the highest value; silence is a line in the middle.</summary>
    public DrawnPicture Draw(int width, int height)
    {
        var values = new byte[width * height * Ink.Length];
        for (var x = 0; x < width; x++)
        {
            var from = (int)((long)x * stretches / width);
            var to = Math.Max(from + 1, (int)((long)(x + 1) * stretches / width));
            short low = 0, high = 0;
            for (var at = from; at < to; at++)
                (low, high) = (Math.Min(low, lowest[at]), Math.Max(high, highest[at]));
            var top = Row(high, height);
            var bottom = Row(low, height);
            for (var y = top; y <= bottom; y++)
                Ink.CopyTo(values, ((y * width) + x) * Ink.Length);
        }

        return new DrawnPicture(values, width, height, Ink.Length);
    }

    private static int Row(short value, int height) =>
        Math.Clamp((int)Math.Round((height - 1) * (1 - (value / 32768.0)) / 2), 0, height - 1);

    private void Add(ReadOnlySpan<short> samples)
    {
        while (!samples.IsEmpty)
        {
            if (samplesInLast == samplesPerStretch || stretches == 0)
                Begin();
            var some = samples[..(int)Math.Min(samples.Length, samplesPerStretch - samplesInLast)];
            foreach (var sample in some)
            {
                if (sample < lowest[stretches - 1])
                    lowest[stretches - 1] = sample;
                if (sample > highest[stretches - 1])
                    highest[stretches - 1] = sample;
            }

            samplesInLast += some.Length;
            samples = samples[some.Length..];
        }
    }

    private void Begin()
    {
        if (stretches == MaxStretches)
        {
            for (var at = 0; at < MaxStretches / 2; at++)
            {
                lowest[at] = Math.Min(lowest[2 * at], lowest[(2 * at) + 1]);
                highest[at] = Math.Max(highest[2 * at], highest[(2 * at) + 1]);
            }

            stretches /= 2;
            samplesPerStretch *= 2;
        }

        (lowest[stretches], highest[stretches]) = (short.MaxValue, short.MinValue);
        stretches++;
        samplesInLast = 0;
    }
}
