using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>A real server behind a line on which everything goes wrong that can.</summary>
public sealed class S3FaultTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
{
    private const int Small = 300_000;
    private const int Large = (17 << 20) + 12_345;

    private readonly ObjectKey key = NewKey();
    private FaultProxy proxy = null!;
    private S3Node far = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        proxy = new FaultProxy(Place.Endpoint);
        far = Another(Place with { Endpoint = proxy.Address, Patience = TimeSpan.FromSeconds(3) });
        Assert.Null(await far.Objects.GrowingLength(key, Cancel));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await proxy.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(nameof(Fault.Reset))]
    [InlineData(nameof(Fault.Silence))]
    [InlineData(nameof(Fault.LoseReply))]
    [InlineData(nameof(Fault.CutRequest))]
    [InlineData(nameof(Fault.FlipRequest))]
    public async Task A_put_survives_what_befalls_it_on_the_way(string fault)
    {
        var bytes = RandomNumberGenerator.GetBytes(Small);
        proxy.Spoil(request => request.IsPut, Enum.Parse<Fault>(fault));

        Assert.Equal(new SealedObject(key, Small, Sha256(bytes)), await far.Objects.Put(key, new Dribble(bytes), Cancel));

        await Holds(bytes);
        Assert.Single(await Node.NamesInBucket());
    }

    [Theory]
    [InlineData(nameof(Fault.Reset))]
    [InlineData(nameof(Fault.LoseReply))]
    [InlineData(nameof(Fault.CutRequest))]
    [InlineData(nameof(Fault.FlipRequest))]
    public async Task A_put_of_parts_survives_what_befalls_it_on_the_way(string fault)
    {
        var bytes = RandomNumberGenerator.GetBytes(Large);
        foreach (var which in (Func<ProxiedRequest, bool>[])[one => one.IsBegin, one => one.IsPart, one => one.IsComplete])
            proxy.Spoil(which, Enum.Parse<Fault>(fault));

        Assert.Equal(new SealedObject(key, Large, Sha256(bytes)), await far.Objects.Put(key, new MemoryStream(bytes), Cancel));

        await Holds(bytes);
        Assert.Single(await Node.NamesInBucket());
        Assert.Equal(0, await Node.Unfinished());
    }

    [Theory]
    [InlineData(500, "InternalError")]
    [InlineData(503, "SlowDown")]
    [InlineData(403, "RequestTimeTooSkewed")]
    public async Task A_server_that_fails_for_a_while_is_asked_again(int status, string code)
    {
        var bytes = RandomNumberGenerator.GetBytes(Large);
        foreach (var which in (Func<ProxiedRequest, bool>[])[one => one.IsBegin, one => one.IsPart, one => one.IsComplete, one => one.IsGet])
            proxy.Answer(which, status, code, times: 3);

        await far.Objects.Put(key, new MemoryStream(bytes), Cancel);

        await Holds(bytes);
    }

    [Theory]
    [InlineData(nameof(Fault.Reset))]
    [InlineData(nameof(Fault.Silence))]
    [InlineData(nameof(Fault.CutReply))]
    [InlineData(nameof(Fault.StallReply))]
    [InlineData(nameof(Fault.FlipReply))]
    public async Task A_reader_gets_the_right_bytes_whatever_befalls_the_answer(string fault)
    {
        var bytes = RandomNumberGenerator.GetBytes(Small * 10);
        await Node.Objects.Put(key, new MemoryStream(bytes), Cancel);
        proxy.Spoil(request => request.IsGet, Enum.Parse<Fault>(fault));
        await using var content = (await far.Objects.Open(key, Cancel))!;
        proxy.Spoil(request => request.IsGet, Enum.Parse<Fault>(fault));
        using var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);

        Assert.Equal(bytes, all.ToArray());
        Assert.Equal(0, proxy.Waiting);
    }

    [Theory]
    [InlineData(nameof(Fault.CutReply))]
    [InlineData(nameof(Fault.FlipReply))]
    public async Task Bytes_that_cannot_be_had_are_an_error_and_never_an_early_end(string fault)
    {
        var bytes = RandomNumberGenerator.GetBytes(Small * 2);
        await Node.Objects.Put(key, new MemoryStream(bytes), Cancel);
        await using var content = (await far.Objects.Open(key, Cancel))!;
        proxy.Spoil(request => request.IsGet, Enum.Parse<Fault>(fault), times: 100);
        using var got = new MemoryStream();

        await Assert.ThrowsAnyAsync<IOException>(() => content.CopyToAsync(got, Cancel));

        Assert.Equal(bytes[..(int)got.Length], got.ToArray());
    }

    [Fact]
    public async Task An_object_that_the_server_does_not_find_at_first_is_not_called_missing()
    {
        await far.Objects.Put(key, new MemoryStream([1, 2, 3]), Cancel);
        proxy.Answer(request => request.IsGet, 404, "NoSuchKey", times: 2);

        await Holds([1, 2, 3]);
    }

    [Fact]
    public async Task A_completion_that_worked_though_its_answer_says_otherwise_counts()
    {
        var bytes = RandomNumberGenerator.GetBytes(Large);
        proxy.AnswerAfterwards(request => request.IsComplete, 404, "NoSuchUpload", times: 2);
        await far.Objects.Put(key, new MemoryStream(bytes), Cancel);
        await Holds(bytes, alsoWaiting: 1);

        var growing = NewKey();
        await far.Objects.Append(growing, 0, new MemoryStream(bytes), Cancel);
        Assert.Equal(new SealedObject(growing, Large, Sha256(bytes)), await far.Objects.Seal(growing, Cancel));
        Assert.Equal(bytes, await Read(Node.Objects, growing));
        Assert.Equal(0, proxy.Waiting);
    }

    [Fact]
    public async Task Not_found_never_means_complete()
    {
        var bytes = RandomNumberGenerator.GetBytes(Large);
        await far.Objects.Append(key, 0, new MemoryStream(bytes), Cancel);
        proxy.Answer(request => request.IsComplete, 404, "NotFound");

        await Assert.ThrowsAnyAsync<IOException>(() => far.Objects.Seal(key, Cancel));

        Assert.Null(await Node.Objects.Open(key, Cancel));
        Assert.Equal(Large, await Node.Objects.GrowingLength(key, Cancel));
        Assert.Equal(new SealedObject(key, Large, Sha256(bytes)), await Node.Objects.Seal(key, Cancel));
        await Holds(bytes);
    }

    [Theory]
    [InlineData(nameof(Fault.Reset))]
    [InlineData(nameof(Fault.LoseReply))]
    [InlineData(nameof(Fault.CutRequest))]
    [InlineData(nameof(Fault.FlipRequest))]
    public async Task A_growing_object_survives_what_befalls_it_on_the_way(string fault)
    {
        var bytes = RandomNumberGenerator.GetBytes(Large);
        foreach (var which in (Func<ProxiedRequest, bool>[])[one => one.IsBegin, one => one.IsPart, one => one.IsPut, one => one.IsComplete])
            proxy.Spoil(which, Enum.Parse<Fault>(fault));
        var length = 0L;
        foreach (var piece in bytes.Chunk(5_000_000))
        {
            length = await far.Objects.Append(key, length, new MemoryStream(piece), Cancel);
            Assert.Equal(length, await Node.Objects.GrowingLength(key, Cancel));
        }

        Assert.Equal(new SealedObject(key, Large, Sha256(bytes)), await far.Objects.Seal(key, Cancel));
        await Holds(bytes);
        Assert.Single(await Node.NamesInBucket());
        Assert.Equal(0, await Node.Unfinished());
    }

    [Fact]
    public async Task An_empty_object_whose_answer_is_lost_is_an_empty_object()
    {
        proxy.Spoil(request => request.IsPut, Fault.LoseReply, times: 2);
        await far.Objects.Put(key, Stream.Null, Cancel);
        var growing = NewKey();
        await far.Objects.Append(growing, 0, Stream.Null, Cancel);

        Assert.Equal(new SealedObject(growing, 0, Sha256([])), await far.Objects.Seal(growing, Cancel));
        Assert.Empty(await Read(far.Objects, growing));
        await Holds([]);
    }

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task A_put_that_the_server_refuses_leaves_nothing(int sizeBytes)
    {
        proxy.Answer(request => request.IsPut || (request.IsPart && request.Target.Contains("partNumber=2", StringComparison.Ordinal)), 403, "AccessDenied");

        await Assert.ThrowsAsync<EventFiles.Infrastructure.ObjectStorage.S3.S3SettingsException>(
            () => far.Objects.Put(key, new MemoryStream(new byte[sizeBytes]), Cancel));

        Assert.Equal(0, proxy.Waiting);
        Assert.Empty(await Node.NamesInBucket());
        Assert.Equal(0, await Node.Unfinished());
        Assert.Empty(await Node.Objects.List("", Cancel).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_server_that_is_gone_is_named_and_used_again_when_it_is_back()
    {
        proxy.Spoil(_ => true, Fault.Reset, times: int.MaxValue);
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => far.Objects.Put(key, new MemoryStream([1]), Cancel));
        Assert.Contains("S3_ENDPOINT", failure.Message, StringComparison.Ordinal);

        proxy.Relent();
        await far.Objects.Put(key, new MemoryStream([1]), Cancel);
        await Holds([1]);
    }

    // Whatever a crash leaves in the bucket, a row tells of it.
    [Fact]
    public async Task Nothing_is_sent_before_a_row_tells_of_it()
    {
        var writes = 0;
        proxy.Before = async request =>
        {
            if (!request.IsWrite)
                return;
            Interlocked.Increment(ref writes);
            var write = Guid.ParseExact(request.Target.Split('~')[1][..32], "N");
            if (await Node.Sql($"select count(*) from eventfiles.object_writes where write = '{write}'") is not 1L)
                throw new IOException($"No row tells of {request.Target}.");
        };
        await far.Objects.Put(key, new MemoryStream(new byte[Small]), Cancel);
        await far.Objects.Put(NewKey(), new MemoryStream(new byte[Large]), Cancel);
        var growing = NewKey();
        await far.Objects.Append(growing, 0, new MemoryStream(new byte[Large]), Cancel);
        await far.Objects.Seal(growing, Cancel);

        // A put; three parts with their beginning and end; the same and a piece of what grew.
        Assert.Equal(1 + 5 + 6, writes);
    }

    private async Task Holds(byte[] bytes, int alsoWaiting = 0)
    {
        Assert.Equal(bytes, await Read(far.Objects, key));
        Assert.Equal(alsoWaiting, proxy.Waiting);
    }
}
