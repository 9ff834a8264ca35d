using System.Security.Cryptography;
using Amazon.S3.Model;
using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>What is asked of a server, and what is made of its answers.</summary>
public sealed class S3CallsTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
{
    private readonly ObjectKey key = NewKey();

    [Fact]
    public async Task A_name_is_written_once()
    {
        Assert.Null(await Objects.Open(key, Cancel));
        var name = Node.Names.Beginning("raw/once");
        using var first = await Spooled([1, 2, 3]);
        using var other = await Spooled([4, 5, 6]);
        var tag = await Node.Calls.Put(name, first, Cancel);

        Assert.Equal(tag, await Node.Calls.Put(name, first, Cancel));
        await Assert.ThrowsAnyAsync<IOException>(() => Node.Calls.Put(name, other, Cancel));

        Assert.Equal(tag, (await Node.Calls.Find(name, Cancel))!.ETag);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task A_list_of_parts_is_whole_however_short_its_pages_are(int page)
    {
        Assert.Null(await Objects.Open(key, Cancel));
        var name = Node.Names.Of(key, Guid.CreateVersion7());
        var multipart = await Node.Calls.Begin(name, Cancel);
        List<GrowthPart> sent = [];
        foreach (var number in (int[])[1, 2, 3, 7, PartSizes.Last])
        {
            using var part = await Spooled(RandomNumberGenerator.GetBytes(number % 100 + 1));
            sent.Add(new GrowthPart(number, part.Length, (await Node.Calls.PutPart(name, multipart, number, part, Cancel)).ETag, Counts: false));
        }

        Assert.Equal(sent, await Node.Calls.Parts(name, multipart, Cancel, page));
        await Node.Calls.Abort(name, multipart, Cancel);
        await Node.Calls.Abort(name, multipart, Cancel);
    }

    [Fact]
    public async Task Three_parts_are_on_their_way_at_once()
    {
        await using var proxy = new FaultProxy(Place.Endpoint);
        var (parts, three) = (0, new TaskCompletionSource());
        proxy.Before = async request =>
        {
            if (!request.IsPart)
                return;
            if (Interlocked.Increment(ref parts) == 3)
                three.SetResult();
            // Nobody goes on before three are here: one after the other they never would be.
            await Wait.For(three.Task);
        };
        var bytes = RandomNumberGenerator.GetBytes(41 << 20);

        await Another(Place with { Endpoint = proxy.Address }).Objects.Put(key, new MemoryStream(bytes), Cancel);

        Assert.Equal(6, parts);
        Assert.Equal(bytes, await Read(Objects, key));
    }

    // Put there by somebody who may write into the bucket, past us.
    [Fact]
    public async Task Other_bytes_under_an_objects_name_are_an_error()
    {
        await Objects.Put(key, new MemoryStream([1, 2, 3]), Cancel);
        await Node.Calls.Client.PutObjectAsync(
            new PutObjectRequest { BucketName = Place.Bucket, Key = Assert.Single(await Node.NamesInBucket()), ContentBody = "abc" }, Cancel);

        var failure = await Assert.ThrowsAnyAsync<IOException>(() => Objects.Open(key, Cancel));

        Assert.Contains("other bytes", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<Spool> Spooled(byte[] bytes)
    {
        var spool = new Spool();
        await spool.Fill(new MemoryStream(bytes), bytes.Length, null, Cancel);
        return spool;
    }
}
