using System.Security.Cryptography;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Tests.ObjectStorage;
using static EventFiles.Infrastructure.Encryption.SegmentFormat;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>The format alone: bytes in memory, no store and no database.</summary>
public sealed class SegmentTests
{
    private static readonly ObjectKey Key = new("raw/0199a1b2-0000-7000-8000-000000000001");
    private static readonly SubjectKey Olga = new(new Guid("0199a1b2-0000-7000-8000-00000000000a"), [.. Enumerable.Range(0, 32).Select(n => (byte)n)]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Sizes =>
    [
        0, 1, 1000, FirstPlainBytes - 1, FirstPlainBytes, FirstPlainBytes + 1, FirstPlainBytes + PlainBytes - 1, FirstPlainBytes + PlainBytes,
        FirstPlainBytes + PlainBytes + 1, (9 * SlotBytes) + 5,
    ];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_was_encrypted_is_decrypted_and_its_length_tells_how_long_it_was(int sizeBytes)
    {
        var plain = RandomNumberGenerator.GetBytes(sizeBytes);
        var stored = await Encrypt(plain);

        Assert.Equal(stored.Length, Stored(sizeBytes));
        Assert.Equal(sizeBytes, Plain(stored.Length));
        Assert.False(ObjectLayout.HasGaps(stored.Length));
        Assert.Equal(plain, await Decrypt(stored));
        if (sizeBytes > 100)
            Assert.Equal(-1, stored.AsSpan().IndexOf(plain.AsSpan(0, 16)));
    }

    [Fact]
    public void No_two_lengths_are_stored_in_one_and_every_other_is_none()
    {
        var seen = new HashSet<long>();
        for (var size = 0L; size < 3 * SlotBytes; size++)
        {
            Assert.True(seen.Add(Stored(size)));
            Assert.Equal(size, Plain(Stored(size)));
        }

        for (var length = 0L; length < 2 * SlotBytes; length++)
            Assert.Equal(seen.Contains(length), Plain(length) is not null);
        const long Huge = 5L << 40;
        Assert.Equal(Huge, Plain(Stored(Huge)));
        Assert.Equal((Huge - 1 - FirstPlainBytes) / PlainBytes + 1, Last(Huge));
    }

    // Made by another program, in another language, after the format's description.
    [Fact]
    public async Task What_others_encrypt_by_the_description_is_decrypted()
    {
        var stored = Convert.FromHexString(
            "894546530d0a1a0a010100000199a1b200007000800000000000000a00112233445566778899aabbccddeeff000102030405060708090a0b2367b07c"
            + "ad8ca870e12cf9e4c1980a1ef7a3f14388022507441a9bfa9de882317166b66d7bd6d8eb55a014baf2565ede12dbe5b565fd55bf57e7b37c8b3fa32a"
            + "c42d3ad4e2e0b6bc3b26238b95cd7096003ad541fd802efc1415161718191a1b1c1d1e1f26d674881d769a51d53793aefb41940df4543473dffb3d36"
            + "6905f70fa860b2ebb1fa");
        Assert.Equal("Grüße, 履歴書"u8.ToArray(), await Decrypt(stored));
    }

    // Header, wrapped key, commitment, nonce, ciphertext and tag; of the first, an inner and the last segment.
    [Fact]
    public async Task A_flipped_bit_is_found_wherever_it_is_and_nothing_of_its_segment_is_handed_out()
    {
        var plain = RandomNumberGenerator.GetBytes((2 * SlotBytes) + 300);
        var stored = await Encrypt(plain);
        int[] places =
        [
            .. Enumerable.Range(0, ObjectHeader.Bytes + 40), SlotBytes - 1, SlotBytes, SlotBytes + 11, SlotBytes + 12, SlotBytes + 5000,
            (2 * SlotBytes) - 1, 2 * SlotBytes, stored.Length - 17, stored.Length - 16, stored.Length - 1,
        ];
        foreach (var place in places)
        {
            byte[] altered = [.. stored];
            altered[place] ^= 0x40;
            var (read, failure) = await ReadUntilItFails(altered);
            Assert.IsType<ObjectDamagedException>(failure);
            Assert.True(plain.AsSpan().StartsWith(read));
            Assert.True(read.Length <= Start(place / SlotBytes), $"A byte of the segment of {place} was handed out.");
        }
    }

    [Fact]
    public async Task What_was_cut_or_added_to_is_found_wherever_that_was()
    {
        var plain = RandomNumberGenerator.GetBytes((3 * SlotBytes) + 300);
        var stored = await Encrypt(plain);
        foreach (var length in new[] { 0, 1, ObjectHeader.Bytes, 200, SlotBytes, SlotBytes + 1, SlotBytes + 16, 2 * SlotBytes, (3 * SlotBytes) + 28, stored.Length - 1 })
        {
            var (read, failure) = await ReadUntilItFails(stored[..length]);
            Assert.IsType<ObjectDamagedException>(failure);
            Assert.True(read.Length < plain.Length);
        }

        foreach (var added in new[] { 1, 16, 100, SlotBytes })
        {
            var (_, failure) = await ReadUntilItFails([.. stored, .. new byte[added]]);
            Assert.IsType<ObjectDamagedException>(failure);
        }
    }

    [Fact]
    public async Task Segments_in_another_order_or_of_another_object_are_found()
    {
        var (one, other) = (await Encrypt(new byte[4 * SlotBytes]), await Encrypt(new byte[4 * SlotBytes]));
        byte[] Swapped() => [.. one[..SlotBytes], .. one[(2 * SlotBytes)..(3 * SlotBytes)], .. one[SlotBytes..(2 * SlotBytes)], .. one[(3 * SlotBytes)..]];
        byte[] Mixed() => [.. one[..SlotBytes], .. other[SlotBytes..(2 * SlotBytes)], .. one[(2 * SlotBytes)..]];
        byte[] Repeated() => [.. one[..(2 * SlotBytes)], .. one[SlotBytes..(2 * SlotBytes)], .. one[(3 * SlotBytes)..]];
        foreach (var altered in new[] { Swapped(), Mixed(), Repeated() })
            Assert.IsType<ObjectDamagedException>((await ReadUntilItFails(altered)).Failure);
    }

    [Fact]
    public async Task An_object_under_another_key_or_another_name_does_not_open()
    {
        var stored = await Encrypt([1, 2, 3]);
        var wrong = new SubjectKey(Olga.Id, RandomNumberGenerator.GetBytes(32));
        await Assert.ThrowsAsync<ObjectDamagedException>(() => Decrypt(stored, wrong));
        await Assert.ThrowsAsync<ObjectDamagedException>(() => Decrypt(stored, Olga, new ObjectKey("raw/another")));
    }

    // AES-GCM opens under a second key that somebody has looked for; only the commitment tells the two apart.
    [Fact]
    public async Task A_header_that_commits_to_another_key_is_refused()
    {
        var stored = await Encrypt([1, 2, 3]);
        var header = ObjectHeader.Read(stored.AsSpan(0, ObjectHeader.Bytes), Key);
        byte[] commitment = [.. header.Commitment];
        commitment[0] ^= 1;
        var forged = (header with { Commitment = commitment }).ToBytes();

        var refused = await Assert.ThrowsAsync<ObjectDamagedException>(() => Decrypt([.. forged, .. stored[ObjectHeader.Bytes..]]));
        Assert.Contains("commits to another key", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_range_reads_only_the_segments_that_it_touches()
    {
        var plain = RandomNumberGenerator.GetBytes(40 * SlotBytes);
        var stored = await Encrypt(plain);
        // All others are spoilt: whoever looked at one would fail.
        for (var slot = 1; slot < 40; slot++)
        {
            if (slot is not (20 or 21))
                stored[(slot * SlotBytes) + 100] ^= 1;
        }

        var counted = new Counting(stored);
        await using var content = await OpenedStream.Of(counted, Cipher(stored, Olga, Key), Key, Cancel);
        var before = counted.ReadBytes;
        content.Position = Start(20) + 7;
        var range = new byte[PlainBytes];
        await content.ReadExactlyAsync(range, Cancel);

        Assert.Equal(plain[((int)Start(20) + 7)..((int)Start(20) + 7 + range.Length)], range);
        Assert.InRange(counted.ReadBytes - before, 2 * SlotBytes, 5 * SlotBytes);
        await Assert.ThrowsAsync<ObjectDamagedException>(async () => await content.ReadExactlyAsync(new byte[PlainBytes], Cancel));
    }

    [Fact]
    public async Task The_same_content_is_stored_otherwise_each_time()
    {
        var (one, other) = (await Encrypt(new byte[1000]), await Encrypt(new byte[1000]));
        Assert.NotEqual(one[28..44], other[28..44]);
        Assert.NotEqual(one[ObjectHeader.Bytes..], other[ObjectHeader.Bytes..]);
    }

    private static async Task<byte[]> Encrypt(byte[] plain)
    {
        using var cipher = ObjectCipher.New(Olga, Key);
        var digest = new ResumableSha256();
        await using var sealing = new SealingStream(cipher, new Dribble(plain), digest);
        using var stored = new MemoryStream();
        await sealing.CopyToAsync(stored, 50_000, Cancel);
        Assert.Equal((plain.LongLength, Convert.ToHexStringLower(SHA256.HashData(plain))), (sealing.TakenBytes, digest.Hex()));
        return stored.ToArray();
    }

    private static async Task<byte[]> Decrypt(byte[] stored, SubjectKey? subject = null, ObjectKey? key = null)
    {
        await using var content = await OpenedStream.Of(new MemoryStream(stored), Cipher(stored, subject ?? Olga, key ?? Key), key ?? Key, Cancel);
        using var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        Assert.Equal(content.Length, all.Length);
        return all.ToArray();
    }

    private static ObjectCipher Cipher(byte[] stored, SubjectKey subject, ObjectKey key) =>
        ObjectCipher.Of(ObjectHeader.Read(stored.AsSpan(0, Math.Min(stored.Length, ObjectHeader.Bytes)), key), subject, key);

    private static async Task<(byte[] Read, Exception? Failure)> ReadUntilItFails(byte[] stored)
    {
        using var read = new MemoryStream();
        try
        {
            await using var content = await OpenedStream.Of(new MemoryStream(stored), Cipher(stored, Olga, Key), Key, Cancel);
            var buffer = new byte[9000];
            for (int count; (count = await content.ReadAsync(buffer, Cancel)) > 0;)
                await read.WriteAsync(buffer.AsMemory(0, count), Cancel);
            return (read.ToArray(), null);
        }
        catch (Exception failure)
        {
            return (read.ToArray(), failure);
        }
    }

    private sealed class Counting(byte[] content) : MemoryStream(content)
    {
        public long ReadBytes { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            ReadBytes += read;
            return read;
        }
    }
}
