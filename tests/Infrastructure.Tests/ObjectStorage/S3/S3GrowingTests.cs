using System.Security.Cryptography;
using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>Resumable uploads whose requests come to any node, at any time.</summary>
public sealed class S3GrowingTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
{
    private const int Megabyte = 1 << 20;

    private readonly ObjectKey key = NewKey();

    [Theory]
    [InlineData(3 * Megabyte)]
    [InlineData(8 * Megabyte)]
    [InlineData((8 * Megabyte) + 1)]
    [InlineData((16 * Megabyte) - 1)]
    public async Task What_an_append_returns_is_what_the_next_node_finds(int pieceBytes)
    {
        var bytes = RandomNumberGenerator.GetBytes(pieceBytes * 3);
        var length = 0L;
        foreach (var piece in bytes.Chunk(pieceBytes))
        {
            await using var next = new S3Node(Node.Database, Place);
            Assert.Equal(length == 0 ? null : length, await next.Objects.GrowingLength(key, Cancel));
            length = await next.Objects.Append(key, length, new MemoryStream(piece), Cancel);
        }

        Assert.Equal(bytes.Length, length);
        Assert.Equal(new SealedObject(key, length, Sha256(bytes)), await Another().Objects.Seal(key, Cancel));
        Assert.Equal(bytes, await Read(Objects, key));
        Assert.Single(await Node.NamesInBucket());
        Assert.Equal(0, await Node.Unfinished());
    }

    // The first one's client is gone, which its node does not know yet; or both are there, and one of them is told.
    [Theory]
    [InlineData(0, 9)]
    [InlineData(3, 2)]
    [InlineData(3, 14)]
    [InlineData(17, 14)]
    public async Task Of_two_appends_on_two_nodes_one_is_told_that_the_other_was_faster(int beforeMegabytes, int eachMegabytes)
    {
        var (before, first, second) = (Random(beforeMegabytes), Random(eachMegabytes), Random(eachMegabytes));
        if (beforeMegabytes > 0)
            await Objects.Append(key, 0, new MemoryStream(before), Cancel);
        var (reached, proceed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var overtaken = Objects.Append(
            key, before.Length, new Pausing(first, first.Length - 1, reached, proceed.Task), Cancel);
        await Wait.For(reached.Task);
        var other = Another();
        var whole = (before.Length + first.Length - 1) / (8 * Megabyte) * (8 * Megabyte);
        var offset = Math.Max(before.Length, whole);
        await Wait.Until(async () => await other.Objects.GrowingLength(key, Cancel) == offset, "the first one's parts are stored");
        byte[] rest = [.. first[..(offset - before.Length)], .. second];

        Assert.Equal(offset + second.Length, await other.Objects.Append(key, offset, new MemoryStream(second), Cancel));
        proceed.SetResult();
        var refusal = await Assert.ThrowsAsync<OffsetMismatchException>(() => overtaken);

        Assert.Equal(offset + second.Length, refusal.Length);
        byte[] all = [.. before, .. rest];
        Assert.Equal(new SealedObject(key, all.Length, Sha256(all)), await Objects.Seal(key, Cancel));
        Assert.Equal(all, await Read(other.Objects, key));
        Assert.Single(await Node.NamesInBucket());
        Assert.Equal(0, await Node.Unfinished());
    }

    [Fact]
    public async Task Who_races_on_many_nodes_never_makes_a_wrong_object()
    {
        S3Node[] nodes = [Node, Another(), Another()];
        var bytes = Random(20);
        while (await Objects.GrowingLength(key, Cancel) is not { } length || length < bytes.Length)
        {
            await Task.WhenAll(nodes.Select(async node =>
            {
                var from = (int)(await node.Objects.GrowingLength(key, Cancel) ?? 0);
                try
                {
                    await node.Objects.Append(key, from, new MemoryStream(bytes, from, Math.Min(3 * Megabyte, bytes.Length - from)), Cancel);
                }
                catch (OffsetMismatchException)
                {
                    // Another was faster.
                }
            }));
        }

        Assert.Equal(new SealedObject(key, bytes.Length, Sha256(bytes)), await Objects.Seal(key, Cancel));
        Assert.Equal(bytes, await Read(Objects, key));
    }

    [Fact]
    public async Task What_is_deleted_while_it_grows_elsewhere_is_gone_and_so_are_its_parts()
    {
        var (reached, proceed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var growing = Objects.Append(key, 0, new Pausing(Random(20), 17 * Megabyte, reached, proceed.Task), Cancel);
        await Wait.For(reached.Task);
        await Another().Objects.Delete(key, Cancel);
        proceed.SetResult();
        await Assert.ThrowsAsync<OffsetMismatchException>(() => growing);

        Assert.Null(await Objects.GrowingLength(key, Cancel));
        Assert.Empty(await Node.NamesInBucket());
        Assert.Equal(0, await Node.Unfinished());
    }

    // Killed after the parts became one object, before the database said so.
    [Fact]
    public async Task A_seal_that_died_when_the_object_was_made_is_repeated_by_another_node()
    {
        var bytes = Random(16);
        await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        var (write, multipart) = (await Write(), (string)(await Node.Sql("select multipart from eventfiles.object_writes"))!);
        List<(int Number, string ETag)> parts = [];
        for (var number = 1; number <= 2; number++)
            parts.Add((number, (string)(await Node.Sql($"select etag from eventfiles.object_parts where number = {number}"))!));
        await Node.Calls.Complete(Node.Names.Of(key, write), multipart, parts, bytes.Length, Cancel);

        Assert.Equal(bytes.Length, await Objects.GrowingLength(key, Cancel));
        Assert.Equal(new SealedObject(key, bytes.Length, Sha256(bytes)), await Another().Objects.Seal(key, Cancel));
        Assert.Equal(bytes, await Read(Objects, key));
    }

    // Killed between what the server did and the row that tells of it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_killed_append_left_in_the_bucket_goes_with_the_object(bool isSealed)
    {
        var bytes = Random(10);
        await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        var name = Node.Names.Of(key, await Write());
        using var left = new Spool();
        await left.Fill(new MemoryStream(Random(1)), Megabyte, null, Cancel);
        await Node.Calls.Put(name + ".7", left, Cancel);
        await Node.Calls.PutPart(name, await Node.Calls.Begin(name, Cancel), 1, left, Cancel);
        Assert.Equal((2, 2), ((await Node.NamesInBucket()).Count, await Node.Unfinished()));

        if (isSealed)
            Assert.Equal(Sha256(bytes), (await Objects.Seal(key, Cancel)).Sha256);
        else
            await Objects.Delete(key, Cancel);

        Assert.Equal(isSealed ? 1 : 0, (await Node.NamesInBucket()).Count);
        Assert.Equal(0, await Node.Unfinished());
    }

    // A server takes 10,000 parts: what does not fit is refused, and what is there stays whole.
    [Fact]
    public async Task There_is_no_part_10001()
    {
        var bytes = Random(10);
        await Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        await Node.Sql("update eventfiles.object_growth set next_part = 9999");
        var more = Random(8);
        Assert.Equal(bytes.Length + more.Length, await Objects.Append(key, bytes.Length, new MemoryStream(more), Cancel));
        var length = bytes.Length + more.Length;

        var failure = await Assert.ThrowsAsync<IOException>(() => Objects.Append(key, length, new MemoryStream(Random(8)), Cancel));

        Assert.Contains("as many parts", failure.Message, StringComparison.Ordinal);
        Assert.Equal(length, await Objects.GrowingLength(key, Cancel));
        byte[] all = [.. bytes, .. more];
        Assert.Equal(new SealedObject(key, length, Sha256(all)), await Objects.Seal(key, Cancel));
        Assert.Equal(all, await Read(Objects, key));
    }

    private static byte[] Random(int megabytes) => RandomNumberGenerator.GetBytes(megabytes * Megabyte);

    private async Task<Guid> Write() => (Guid)(await Node.Sql("select write from eventfiles.object_writes"))!;
}
