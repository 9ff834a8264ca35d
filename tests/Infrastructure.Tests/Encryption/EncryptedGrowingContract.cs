using System.Security.Cryptography;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.ObjectStorage.S3;
using EventFiles.Infrastructure.Tests.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests.Encryption;

/// <summary>Resumable uploads that are encrypted, whose requests come to any node, and any of which may be killed.</summary>
public abstract class EncryptedGrowingContract(PostgresFixture postgres, S3Fixture s3) : IAsyncLifetime
{
    private const int Megabyte = 1 << 20;

    private readonly string directory = Directory.CreateTempSubdirectory("growing-").FullName;
    private readonly List<EncryptedNode> nodes = [];
    private readonly ObjectKey key = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
    private string database = null!;
    private S3Settings? place;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ObjectKey Place => new($"{key}.enc");

    /// <summary>The newest: a directory is one node's at a time.</summary>
    private protected EncryptedNode Node => nodes[^1];

    private protected IObjects Objects => Node.Objects;

    private protected ObjectKey Key => key;

    /// <summary>Null for a directory.</summary>
    private protected abstract Task<S3Settings?> Bucket();

    public async ValueTask InitializeAsync()
    {
        place = await Bucket();
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

    [Theory]
    [InlineData(1, 5)]
    [InlineData(65_364, 3)]
    [InlineData(65_365, 3)]
    [InlineData(65_508, 4)]
    [InlineData(300_001, 4)]
    [InlineData(9 * Megabyte, 2)]
    public async Task Pieces_of_any_length_on_any_node_make_the_object(int pieceBytes, int pieces)
    {
        var bytes = RandomNumberGenerator.GetBytes(pieceBytes * pieces);
        var length = 0L;
        foreach (var piece in bytes.Chunk(pieceBytes))
        {
            var node = Another();
            Assert.Equal(length == 0 ? null : length, await node.Objects.GrowingLength(key, Cancel));
            length = await node.Objects.Append(key, length, new MemoryStream(piece), Cancel);
            Assert.Equal(length, (await Objects.List(key.Value, Cancel).SingleAsync(Cancel)).SizeBytes);
        }

        await IsSealed(bytes, gaps: false);
    }

    // What a kill between the store and the row leaves: of a segment, of several, of parts of a bucket.
    [Theory]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    [InlineData(8 * Megabyte)]
    public async Task What_was_stored_and_not_recorded_does_no_harm(int strayBytes)
    {
        var bytes = RandomNumberGenerator.GetBytes((5 * Megabyte) + 17);
        var length = 0L;
        foreach (var piece in bytes.Chunk(2 * Megabyte))
        {
            length = await Another().Objects.Append(key, length, new MemoryStream(piece), Cancel);
            await Node.Stored.Append(
                Place, (await Node.Stored.GrowingLength(Place, Cancel))!.Value, new MemoryStream(RandomNumberGenerator.GetBytes(strayBytes)), Cancel);
            Assert.Equal(length, await Another().Objects.GrowingLength(key, Cancel));
        }

        await IsSealed(bytes, gaps: true);
    }

    // Its length stands in its list of gaps: when that does not open, what it takes up in the store is all that is known.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_that_has_gaps_and_does_not_open_is_listed_with_the_others(bool isDamaged)
    {
        await Objects.Append(key, 0, new MemoryStream(RandomNumberGenerator.GetBytes(Megabyte)), Cancel);
        await Node.Stored.Append(Place, (await Node.Stored.GrowingLength(Place, Cancel))!.Value, new MemoryStream(new byte[70_000]), Cancel);
        await Another().Objects.Append(key, Megabyte, new MemoryStream(new byte[100_000]), Cancel);
        await Objects.Seal(key, Cancel);
        var other = await Objects.Put(ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System)), new MemoryStream(new byte[1000]), Cancel);
        if (isDamaged)
        {
            using var altered = new MemoryStream();
            await using (var stored = (await Node.Stored.Open(Place, Cancel))!)
                await stored.CopyToAsync(altered, Cancel);
            altered.GetBuffer()[500] ^= 1;
            altered.Position = 0;
            await Node.Stored.Put(Place, altered, Cancel);
        }
        else
        {
            await Node.Sql("delete from eventfiles.subject_keys");
        }

        var listed = await Another().Objects.List("raw/", Cancel).ToListAsync(Cancel);
        Assert.Equal(2, listed.Count);
        Assert.Equal(1000, listed.Single(one => one.Key == other.Key).SizeBytes);
        Assert.True(ObjectLayout.HasGaps(listed.Single(one => one.Key == key).SizeBytes));
        await Objects.Delete(key, Cancel);
        Assert.Equal(other.Key, (await Objects.List("raw/", Cancel).SingleAsync(Cancel)).Key);
    }

    [Fact]
    public async Task An_end_that_was_stored_and_not_recorded_is_stored_again()
    {
        var bytes = RandomNumberGenerator.GetBytes(100_000);
        await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        await Node.Stored.Append(Place, (await Node.Stored.GrowingLength(Place, Cancel))!.Value, new MemoryStream(new byte[300]), Cancel);

        await IsSealed(bytes, gaps: true);
    }

    [Fact]
    public async Task An_object_that_was_sealed_before_the_row_went_is_the_same_when_it_is_sealed_again()
    {
        var bytes = RandomNumberGenerator.GetBytes(Megabyte);
        await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        await Node.Sql("create table public.kept as select * from eventfiles.encrypted_growths");
        try
        {
            var first = await Objects.Seal(key, Cancel);
            await Node.Sql("insert into eventfiles.encrypted_growths select * from public.kept");
            await Node.Sql("update eventfiles.encrypted_growths set is_closing = true");

            Assert.Equal(bytes.Length, await Another().Objects.GrowingLength(key, Cancel));
            Assert.Equal(first, await Another().Objects.Seal(key, Cancel));
            Assert.Null(await Objects.GrowingLength(key, Cancel));
            Assert.Equal(bytes, await Read(Objects));
        }
        finally
        {
            await Node.Sql("drop table public.kept");
        }
    }

    [Fact]
    public async Task Of_two_appends_on_two_nodes_one_is_told_that_the_other_was_faster()
    {
        var (before, first, second) = (RandomNumberGenerator.GetBytes(Megabyte), RandomNumberGenerator.GetBytes(Megabyte), RandomNumberGenerator.GetBytes(70_000));
        await Objects.Append(key, 0, new MemoryStream(before), Cancel);
        // It has brought nothing yet that could be on record: the row alone decides.
        var (reached, proceed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var overtaken = Objects.Append(key, before.Length, new Pausing(first, 0, reached, proceed.Task), Cancel);
        await Wait.For(reached.Task);

        var other = Another();
        Assert.Equal(before.Length + second.Length, await other.Objects.Append(key, before.Length, new MemoryStream(second), Cancel));
        proceed.SetResult();
        var refusal = await Assert.ThrowsAsync<OffsetMismatchException>(() => overtaken);

        Assert.Equal(before.Length + second.Length, refusal.Length);
        await IsSealed([.. before, .. second], gaps: null);
    }

    [Fact]
    public async Task What_is_deleted_while_it_grows_is_gone()
    {
        var (reached, proceed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var growing = Objects.Append(key, 0, new Pausing(new byte[2 * Megabyte], Megabyte, reached, proceed.Task), Cancel);
        await Wait.For(reached.Task);
        await Another().Objects.Delete(key, Cancel);
        proceed.SetResult();
        await Assert.ThrowsAsync<OffsetMismatchException>(() => growing);

        Assert.Null(await Objects.GrowingLength(key, Cancel));
        Assert.Null(await Objects.Open(key, Cancel));
    }

    [Fact]
    public async Task What_is_too_little_for_a_segment_is_encrypted_too()
    {
        var text = "nobody may read this before it is sealed either"u8.ToArray();
        await Objects.Append(key, 0, new MemoryStream(text), Cancel);

        var beside = (byte[])(await Node.Sql("select beside from eventfiles.encrypted_growths"))!;
        Assert.Equal(-1, beside.AsSpan().IndexOf(text.AsSpan(0, 10)));
        await IsSealed(text, gaps: false);
    }

    [Fact]
    public async Task A_row_of_another_moment_is_not_gone_on_with()
    {
        await Objects.Append(key, 0, new MemoryStream(new byte[1000]), Cancel);
        var former = (byte[])(await Node.Sql("select beside from eventfiles.encrypted_growths"))!;
        await Objects.Append(key, 1000, new MemoryStream(new byte[1000]), Cancel);
        await Node.Sql($"update eventfiles.encrypted_growths set beside = '\\x{Convert.ToHexString(former)}'");

        await Assert.ThrowsAsync<ObjectDamagedException>(() => Objects.Append(key, 2000, new MemoryStream(new byte[1]), Cancel));
        await Assert.ThrowsAsync<ObjectDamagedException>(() => Objects.Seal(key, Cancel));
    }

    private protected EncryptedNode Another()
    {
        nodes.Add(new EncryptedNode(database, directory, place));
        return nodes[^1];
    }

    private protected async Task IsSealed(byte[] bytes, bool? gaps)
    {
        var whole = new SealedObject(key, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.Equal(whole, await Another().Objects.Seal(key, Cancel));
        Assert.Equal(bytes, await Read(Objects));
        Assert.Equal(bytes.Length, (await Objects.List(key.Value, Cancel).SingleAsync(Cancel)).SizeBytes);
        await using (var stored = (await Node.Stored.Open(Place, Cancel))!)
        {
            if (gaps is { } has)
                Assert.Equal(has, ObjectLayout.HasGaps(stored.Length));
        }

        Assert.Equal(whole, await Another().Objects.Seal(key, Cancel));
        await using var content = (await Another().Objects.Open(key, Cancel))!;
        foreach (var from in new[] { bytes.Length - 1, bytes.Length / 2, bytes.Length / 3, 0 })
        {
            content.Position = from;
            var some = new byte[Math.Min(70_000, bytes.Length - from)];
            await content.ReadExactlyAsync(some, Cancel);
            Assert.Equal(bytes[from..(from + some.Length)], some);
        }
    }

    private async Task<byte[]> Read(IObjects objects)
    {
        await using var content = (await objects.Open(key, Cancel))!;
        using var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        return all.ToArray();
    }
}

/// <summary>In a directory.</summary>
public sealed class EncryptedGrowingInDirectoryTests(PostgresFixture postgres, S3Fixture s3) : EncryptedGrowingContract(postgres, s3)
{
    [Theory]
    [InlineData(1000)]
    [InlineData(65_364)]
    [InlineData(300_000)]
    public async Task What_came_is_on_record_while_its_client_is_silent(int cameBytes)
    {
        var bytes = RandomNumberGenerator.GetBytes(400_000);
        var (reached, proceed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var growing = Objects.Append(Key, 0, new Pausing(bytes, cameBytes, reached, proceed.Task), Cancel);
        await Wait.Until(async () => await Objects.GrowingLength(Key, Cancel) == cameBytes, "what came is on record");

        proceed.SetResult();
        Assert.Equal(bytes.Length, await Wait.For(growing));
        await IsSealed(bytes, gaps: false);
    }

    [Fact]
    public async Task Who_ends_a_silent_client_loses_nothing_of_it()
    {
        var bytes = RandomNumberGenerator.GetBytes(400_000);
        var (reached, proceed) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var stop = new CancellationTokenSource();
        var growing = Objects.Append(Key, 0, new Pausing(bytes, 100_000, reached, proceed.Task), stop.Token);
        await Wait.Until(async () => await Objects.GrowingLength(Key, Cancel) == 100_000, "what came is on record");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.For(growing));

        Assert.Equal(bytes.Length, await Another().Objects.Append(Key, 100_000, new MemoryStream(bytes, 100_000, 300_000), Cancel));
        await IsSealed(bytes, gaps: false);
    }

    private protected override Task<S3Settings?> Bucket() => Task.FromResult<S3Settings?>(null);
}

/// <summary>On a real S3 server.</summary>
public sealed class EncryptedGrowingInS3Tests(PostgresFixture postgres, S3Fixture s3) : EncryptedGrowingContract(postgres, s3)
{
    private readonly S3Fixture servers = s3;

    private protected override async Task<S3Settings?> Bucket() => await servers.Place();

    [Fact]
    public async Task Who_races_on_many_nodes_never_makes_a_wrong_object()
    {
        EncryptedNode[] racing = [Node, Another(), Another()];
        var bytes = RandomNumberGenerator.GetBytes(6 << 20);
        while (await Objects.GrowingLength(Key, Cancel) is not { } length || length < bytes.Length)
        {
            await Task.WhenAll(racing.Select(async node =>
            {
                var from = (int)(await node.Objects.GrowingLength(Key, Cancel) ?? 0);
                try
                {
                    await node.Objects.Append(Key, from, new MemoryStream(bytes, from, Math.Min(700_000, bytes.Length - from)), Cancel);
                }
                catch (OffsetMismatchException)
                {
                    // Another was faster.
                }
            }));
        }

        await IsSealed(bytes, gaps: null);
    }
}
