using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using EventFiles.Infrastructure.Compression;
using EventFiles.Infrastructure.ObjectStorage;

namespace EventFiles.Infrastructure.Tests.Compression;

/// <summary>What a compressed object is made of, and what is not one.</summary>
public sealed class BlockFormatTests
{
    private static readonly byte[] Text = Letters((2 * BlockFormat.PlainBytes) + 5000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Text of few letters, which becomes a third as large.</summary>
    internal static byte[] Letters(int length) => [.. RandomNumberGenerator.GetBytes(length).Select(one => (byte)('a' + (one % 5)))];

    [Theory]
    [InlineData(1)]
    [InlineData(BlockFormat.PlainBytes - 1)]
    [InlineData(BlockFormat.PlainBytes)]
    [InlineData(BlockFormat.PlainBytes + 1)]
    [InlineData((3 * BlockFormat.PlainBytes) + 17)]
    public async Task What_was_compressed_is_the_same_from_wherever_it_is_read(int sizeBytes)
    {
        // The first block is noise: it stays as it is.
        byte[] plain = [.. RandomNumberGenerator.GetBytes(Math.Min(sizeBytes, 60_000)), .. Letters(Math.Max(0, sizeBytes - 60_000) + 200_000)];
        plain = [.. plain[^sizeBytes..]];
        var whole = sizeBytes < BlockFormat.PlainBytes ? Letters(sizeBytes + BlockFormat.PlainBytes) : plain;
        await using var read = await DecodedStream.Of(new MemoryStream(await Compressed(whole)), Cancel);
        Assert.Equal(whole.Length, read.Length);
        Assert.Equal(whole, await All(read));
        for (var tries = 0; tries < 200; tries++)
        {
            var (at, buffer) = (Random.Shared.Next(whole.Length), new byte[Random.Shared.Next(1, 2000)]);
            read.Position = at;
            var bytes = tries % 2 == 0 ? Blocking(read, buffer) : await read.ReadAtLeastAsync(buffer, buffer.Length, false, Cancel);
            Assert.Equal(whole[at..Math.Min(whole.Length, at + buffer.Length)], buffer[..bytes]);
        }
    }

    [Fact]
    public async Task A_range_reads_the_blocks_that_it_touches_and_no_others()
    {
        var stored = new Counted(await Compressed(Letters(40 * BlockFormat.PlainBytes)));
        await using var read = await DecodedStream.Of(stored, Cancel);
        stored.ReadBytes = 0;
        read.Position = (17 * BlockFormat.PlainBytes) + 100;
        await read.ReadExactlyAsync(new byte[200], Cancel);
        Assert.InRange(stored.ReadBytes, 1, BlockFormat.PlainBytes);
    }

    [Fact]
    public async Task A_flipped_bit_is_found_wherever_it_is_and_nothing_of_its_block_is_handed_out()
    {
        var stored = await Compressed(Text);
        var blocks = (int)BlockFormat.Blocks(Text.Length, BlockFormat.PlainBytes);
        var list = stored.Length - (blocks * BlockFormat.EntryBytes) - BlockFormat.EndBytes;
        int[] places =
        [
            .. Enumerable.Range(0, BlockFormat.HeaderBytes), .. Enumerable.Range(list, stored.Length - list),
            .. Enumerable.Range(0, 150).Select(_ => Random.Shared.Next(BlockFormat.HeaderBytes, list)),
        ];
        var found = 0;
        foreach (var place in places)
        {
            var damaged = (byte[])stored.Clone();
            damaged[place] ^= (byte)(1 << Random.Shared.Next(8));
            try
            {
                await using var read = await DecodedStream.Of(new MemoryStream(damaged), Cancel);
                Assert.Equal(Text, await All(read));
            }
            catch (ObjectDamagedException)
            {
                found++;
            }
        }

        // A bit that fills up a byte of the coder's means nothing, and there the bytes are right.
        Assert.InRange(found, places.Length - 5, places.Length);
    }

    [Fact]
    public async Task What_is_cut_is_damaged()
    {
        var stored = await Compressed(Text);
        foreach (var length in new[] { 0, 1, BlockFormat.HeaderBytes, 1000, stored.Length - BlockFormat.EndBytes, stored.Length - 1 })
            await Assert.ThrowsAsync<ObjectDamagedException>(() => DecodedStream.Of(new MemoryStream(stored[..length]), Cancel));
    }

    [Fact]
    public async Task What_promises_more_than_it_can_hold_takes_no_memory()
    {
        // Of a terabyte, in a few bytes; the sums are right.
        var bomb = BlockFormat.Header(1L << 40);
        await Assert.ThrowsAsync<ObjectDamagedException>(() => DecodedStream.Of(new MemoryStream([.. bomb, .. BlockFormat.List([])]), Cancel));

        // A block larger than any.
        var large = BlockFormat.Header(100);
        BinaryPrimitives.WriteInt32LittleEndian(large.AsSpan(8), int.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(large.AsSpan(24), Crc32C.Of(large.AsSpan(0, 24)));
        await Assert.ThrowsAsync<ObjectDamagedException>(() => DecodedStream.Of(new MemoryStream([.. large, .. new byte[50], .. BlockFormat.List([new(50, false, 0)])]), Cancel));

        // A block that decodes to far more than it may.
        var packed = new byte[1000];
        Assert.True(BrotliEncoder.TryCompress(new byte[1 << 20], packed, out var bytes, 5, 22));
        await using var read = await DecodedStream.Of(
            new MemoryStream([.. BlockFormat.Header(2000), .. packed[..bytes], .. BlockFormat.List([new(bytes, false, 0)])]), Cancel);
        await Assert.ThrowsAsync<ObjectDamagedException>(() => All(read));
    }

    [Fact]
    public async Task What_saves_less_than_a_tenth_or_is_not_what_it_must_be_does_not_come_to_its_end()
    {
        var noise = RandomNumberGenerator.GetBytes(300_000);
        await Assert.ThrowsAsync<NotWorthItException>(() => Compressed(noise));
        Assert.False(await Worth.Looks(new MemoryStream(noise), Cancel));
        Assert.True(await Worth.Looks(new MemoryStream(Text), Cancel));
        await Assert.ThrowsAsync<ObjectDamagedException>(() => Compressed(Text, new string('0', 64)));
    }

    private static async Task<byte[]> Compressed(byte[] plain, string? sha256 = null)
    {
        await using var smaller = new CompressingStream(new MemoryStream(plain), sha256 ?? Convert.ToHexStringLower(SHA256.HashData(plain)));
        var stored = await All(smaller);
        Assert.Equal(stored.Length, smaller.StoredBytes);
        return stored;
    }

    private static int Blocking(Stream stream, byte[] buffer) => stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);

    private static async Task<byte[]> All(Stream stream)
    {
        var all = new MemoryStream();
        await stream.CopyToAsync(all, Cancel);
        return all.ToArray();
    }

    private sealed class Counted(byte[] bytes) : MemoryStream(bytes)
    {
        public long ReadBytes { get; set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            ReadBytes += read;
            return read;
        }
    }
}
