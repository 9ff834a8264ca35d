using System.Security.Cryptography;
using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

public sealed class DigestTests
{
    private const int Block = BlockChecksums.BlockBytes;

    [Theory]
    [InlineData(1)]
    [InlineData(55)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(100_003)]
    public void A_digest_goes_on_where_another_process_stopped(int pieceBytes)
    {
        var bytes = RandomNumberGenerator.GetBytes((pieceBytes * 7) + 5);
        var state = new ResumableSha256().State;
        foreach (var piece in bytes.Chunk(pieceBytes))
        {
            var digest = new ResumableSha256(state);
            digest.Append(piece);
            Assert.Equal(digest.Hex(), digest.Hex());
            state = digest.State;
        }

        Assert.Equal(ResumableSha256.StateBytes, state.Length);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), new ResumableSha256(state).Hex());
    }

    [Fact]
    public void A_checksum_is_that_of_the_standard()
    {
        var checks = new BlockChecksums();
        checks.Append("123456789"u8);
        Assert.Equal([0x83, 0x92, 0x06, 0xe3], checks.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    [InlineData((3 * Block) - 7)]
    public void Every_block_has_its_sum_however_the_bytes_came(int sizeBytes)
    {
        var bytes = RandomNumberGenerator.GetBytes(sizeBytes);
        var checks = new BlockChecksums();
        foreach (var piece in bytes.Chunk(100_001))
            checks.Append(piece);
        var sums = checks.ToArray();

        var blocks = bytes.Chunk(Block).ToList();
        Assert.Equal(blocks.Count * 4, sums.Length);
        for (var number = 0; number < blocks.Count; number++)
        {
            Assert.True(BlockChecksums.Matches(sums, number, blocks[number]));
            blocks[number][^1] ^= 1;
            Assert.False(BlockChecksums.Matches(sums, number, blocks[number]));
        }

        Assert.False(BlockChecksums.Matches(sums, blocks.Count, []));
    }

    [Fact]
    public void Five_tebibytes_fit_into_the_parts_that_a_server_takes()
    {
        var (parts, position) = (0, 0L);
        for (; position < PartSizes.MaxObjectBytes; parts++)
        {
            var size = PartSizes.At(position);
            Assert.InRange(size, 5L << 20, 5L << 30);
            Assert.Equal(0, size % Block);
            position += size;
        }

        Assert.InRange(parts, 1, PartSizes.Last - 500);
        Assert.Equal(8L << 20, PartSizes.At(0));
    }

    [Theory]
    [InlineData("", "raw/x")]
    [InlineData("shop/", "processed/0197/1/thumbnail")]
    public void A_name_can_be_read_back(string prefix, string key)
    {
        var names = new S3Names(prefix);
        var write = Guid.CreateVersion7();

        Assert.Equal((new ObjectKey(key), write, 0), names.Read(names.Of(new(key), write)));
        Assert.Equal((new ObjectKey(key), write, 12), names.Read(names.Of(new(key), write, 12)));
        Assert.Equal((new ObjectKey("raw/readme.txt"), null, 0), names.Read(prefix + "raw/readme.txt"));
        Assert.Equal((new ObjectKey("raw/a~b"), null, 0), names.Read(prefix + "raw/a~b"));
        Assert.Equal((new ObjectKey($"raw/a~{write:n}x"), null, 0), names.Read($"{prefix}raw/a~{write:n}x"));
    }
}
