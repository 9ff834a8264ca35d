using System.Security.Cryptography;
using EventFiles.Infrastructure.Compression;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Tests.Encryption;

namespace EventFiles.Infrastructure.Tests.Compression;

/// <summary>Objects that are compressed, on either store, encrypted or not: who reads them sees nothing of it.</summary>
public abstract class CompressionContract(PostgresFixture postgres, S3Fixture s3, bool isBucket, bool isEncrypted) : IAsyncLifetime
{
    private static readonly AccountId Olga = NewId.Of<AccountId>(TimeProvider.System);

    private readonly string directory = Directory.CreateTempSubdirectory("compressed-").FullName;
    private readonly List<EncryptedNode> nodes = [];
    private string database = null!;
    private S3Settings? place;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected EncryptedNode Node => nodes[^1];

    private IObjects Objects => Node.Objects;

    public async ValueTask InitializeAsync()
    {
        place = isBucket ? await s3.Place() with { PresignedReads = !isEncrypted } : null;
        database = await s3.RentDatabase(postgres);
        Another();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        s3.Return(database);
        Directory.Delete(directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_compressed_object_is_the_same_from_wherever_and_whenever_it_is_read()
    {
        var (key, plain) = await Put(BlockFormatTests.Letters(3_000_000));
        await using var reader = (await Objects.Open(key, Cancel))!;
        var first = new byte[300_000];
        await reader.ReadExactlyAsync(first, Cancel);

        var form = (await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel))!;
        Assert.Equal(plain.Length, form.PlainBytes);
        Assert.InRange(form.StoredBytes, 1, plain.Length / 2);
        Assert.Equal(2, await Listed(key).CountAsync(Cancel));
        Assert.Equal(plain, await Read(key));

        await Node.Compression.Switch(key, Cancel);
        Assert.Equal(form.StoredBytes, (await Listed(key).SingleAsync(Cancel)).SizeBytes);
        Another();
        Assert.Equal(plain, await Read(key));
        await using (var content = (await Objects.Open(key, Cancel))!)
        {
            Assert.Equal(plain.Length, content.Length);
            foreach (var at in new[] { 0, 131_071, 131_072, 1_234_567, plain.Length - 1 })
            {
                var buffer = new byte[Math.Min(1000, plain.Length - at)];
                content.Position = at;
                await content.ReadExactlyAsync(buffer, Cancel);
                Assert.Equal(plain[at..(at + buffer.Length)], buffer);
            }
        }

        // Whoever had begun before goes on.
        var rest = new MemoryStream();
        await reader.CopyToAsync(rest, Cancel);
        Assert.Equal(plain, (byte[])[.. first, .. rest.ToArray()]);
        Assert.Equal(new SealedObject(key, plain.Length, Hex(plain)), await Objects.Seal(key, Cancel));
        Assert.Equal(form, await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel));
    }

    [Fact]
    public async Task What_a_kill_left_is_made_again_and_nothing_stays_of_what_is_deleted()
    {
        var (key, plain) = await Put(BlockFormatTests.Letters(500_000));
        var form = await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel);
        Another();
        Assert.Equal(form, await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel));
        await Objects.Delete(key, Cancel);
        Assert.Empty(await Listed("").ToListAsync(Cancel));
        Assert.Null(await Objects.Open(key, Cancel));
        Assert.Null(await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel));
        await Node.Compression.Switch(key, Cancel);

        (key, plain) = await Put(BlockFormatTests.Letters(500_000));
        await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel);
        await Node.Compression.Switch(key, Cancel);
        var seen = await Listed(key).SingleAsync(Cancel);
        Assert.False(await Objects.DeleteUnchanged(seen with { SizeBytes = seen.SizeBytes + 1 }, Cancel));
        Assert.True(await Objects.DeleteUnchanged(seen, Cancel));
        Assert.Empty(await Listed("").ToListAsync(Cancel));
    }

    [Fact]
    public async Task What_does_not_pay_or_is_damaged_stays_as_it_came()
    {
        var noise = RandomNumberGenerator.GetBytes(100_000);
        // Where it is tried it becomes nearly nothing; elsewhere it stays as it is.
        var deceiving = RandomNumberGenerator.GetBytes(100 * BlockFormat.PlainBytes);
        for (var block = 0; block < 100; block += 12)
            deceiving.AsSpan(block * BlockFormat.PlainBytes, BlockFormat.PlainBytes).Clear();
        foreach (var bytes in new[] { noise, deceiving, BlockFormatTests.Letters(10_000) })
        {
            var (key, plain) = await Put(bytes);
            Assert.Null(await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel));
            Assert.Equal(plain.Length, (await Listed(key).SingleAsync(Cancel)).SizeBytes);
        }

        var (other, text) = await Put(BlockFormatTests.Letters(300_000));
        await Assert.ThrowsAsync<ObjectDamagedException>(() => Node.Compression.Prepare(Olga, other, Hex(noise), Cancel));
        await Node.Compression.Switch(other, Cancel);
        Assert.Single(await Listed(other).ToListAsync(Cancel));
        Assert.Equal(text, await Read(other));
    }

    [Fact]
    public async Task What_is_put_again_in_place_of_damaged_bytes_is_what_is_read()
    {
        var (key, plain) = await Put(BlockFormatTests.Letters(300_000));
        await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel);
        await Node.Compression.Switch(key, Cancel);
        await Objects.Put(key, new MemoryStream(plain), Cancel);
        Assert.Equal(plain, await Read(key));
        await Objects.Delete(key, Cancel);
        Assert.Empty(await Listed("").ToListAsync(Cancel));
    }

    [Fact]
    public async Task Nobody_is_sent_to_compressed_bytes()
    {
        var (key, plain) = await Put(BlockFormatTests.Letters(300_000));
        Assert.Equal(isBucket && !isEncrypted, Node.Presigned is not null);
        if (Node.Presigned is not { } presigned)
            return;
        Assert.NotNull(await presigned.Address(key, TimeSpan.FromMinutes(1), "text/plain", "inline", Cancel));
        await Node.Compression.Prepare(Olga, key, Hex(plain), Cancel);
        await Node.Compression.Switch(key, Cancel);
        Assert.Null(await presigned.Address(key, TimeSpan.FromMinutes(1), "text/plain", "inline", Cancel));
    }

    private void Another() => nodes.Add(new EncryptedNode(database, isBucket ? null : directory, place, isOn: isEncrypted, compresses: true));

    private async Task<(ObjectKey Key, byte[] Plain)> Put(byte[] plain)
    {
        var key = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
        await Objects.OwnedBy(Olga).Put(key, new MemoryStream(plain), Cancel);
        return (key, plain);
    }

    private IAsyncEnumerable<StoredObject> Listed(ObjectKey key) => Listed(key.Value).Where(one => one.Key == key);

    private IAsyncEnumerable<StoredObject> Listed(string prefix) => Objects.List(prefix, Cancel);

    private async Task<byte[]> Read(ObjectKey key)
    {
        await using var content = (await Objects.Open(key, Cancel))!;
        var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        return all.ToArray();
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>In files, in plain.</summary>
public sealed class CompressedDirectoryTests(PostgresFixture postgres, S3Fixture s3) : CompressionContract(postgres, s3, isBucket: false, isEncrypted: false);

/// <summary>In files, encrypted.</summary>
public sealed class CompressedEncryptedDirectoryTests(PostgresFixture postgres, S3Fixture s3) : CompressionContract(postgres, s3, isBucket: false, isEncrypted: true);

/// <summary>In a bucket, in plain.</summary>
public sealed class CompressedS3Tests(PostgresFixture postgres, S3Fixture s3) : CompressionContract(postgres, s3, isBucket: true, isEncrypted: false);

/// <summary>In a bucket, encrypted.</summary>
public sealed class CompressedEncryptedS3Tests(PostgresFixture postgres, S3Fixture s3) : CompressionContract(postgres, s3, isBucket: true, isEncrypted: true);
