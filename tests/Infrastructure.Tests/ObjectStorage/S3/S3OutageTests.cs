using System.Security.Cryptography;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>A server that fails, or is silent, before or after it has done what it was asked.</summary>
public sealed class S3OutageTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
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
        far = Another(Place with { Endpoint = proxy.Address, Patience = TimeSpan.FromSeconds(4), LeastBytesPerSecond = 2 << 20 });
        Assert.Null(await far.Objects.GrowingLength(key, Cancel));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await proxy.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Theory]
    [InlineData(500, "InternalError")]
    [InlineData(503, "SlowDown")]
    public async Task What_was_done_although_the_answer_is_that_it_failed_is_done_once(int status, string code)
    {
        var (small, large, growing) = (RandomNumberGenerator.GetBytes(Small), RandomNumberGenerator.GetBytes(Large), NewKey());
        void Fails()
        {
            foreach (var which in (Func<ProxiedRequest, bool>[])[one => one.IsBegin, one => one.IsPart, one => one.IsComplete, one => one.IsPut])
                proxy.AnswerAfterwards(which, status, code);
        }

        Fails();
        await far.Objects.Put(key, new MemoryStream(small), Cancel);
        Assert.Equal(small, await Read(Node.Objects, key));
        Assert.Equal(new SealedObject(key, Large, Sha256(large)), await far.Objects.Put(key, new MemoryStream(large), Cancel));
        Fails();
        await far.Objects.Append(growing, 0, new MemoryStream(large), Cancel);
        Assert.Equal(new SealedObject(growing, Large, Sha256(large)), await far.Objects.Seal(growing, Cancel));

        Assert.Equal(0, proxy.Waiting);
        Assert.Equal(large, await Read(Node.Objects, key));
        Assert.Equal(large, await Read(Node.Objects, growing));
        Assert.Equal(2, (await Node.NamesInBucket()).Count);
        Assert.Equal(0, await Node.Unfinished());
    }

    [Theory]
    [InlineData(nameof(Fault.Silence))]
    [InlineData(nameof(Fault.KeepReply))]
    public async Task Who_waits_in_vain_asks_again(string fault)
    {
        var (small, large) = (RandomNumberGenerator.GetBytes(Small), RandomNumberGenerator.GetBytes(Large));
        foreach (var which in (Func<ProxiedRequest, bool>[])[one => one.IsBegin, one => one.IsPart, one => one.IsComplete, one => one.IsPut])
            proxy.Spoil(which, Enum.Parse<Fault>(fault));

        await Task.WhenAll(
            far.Objects.Put(key, new MemoryStream(large), Cancel), far.Objects.Put(NewKey(), new MemoryStream(small), Cancel));

        Assert.Equal(0, proxy.Waiting);
        Assert.Equal(large, await Read(Node.Objects, key));
        Assert.Equal(2, (await Node.NamesInBucket()).Count);
    }

    [Fact]
    public async Task An_object_that_the_server_does_not_find_when_it_has_just_made_it_is_looked_for_again()
    {
        var large = RandomNumberGenerator.GetBytes(Large);
        proxy.Answer(request => request.IsHead, 404, "NoSuchKey", times: 2);
        await far.Objects.Put(key, new MemoryStream(large), Cancel);
        Assert.Equal(large, await Read(Node.Objects, key));
        Assert.Equal(0, proxy.Waiting);

        // The answer is lost; the next try hears that the name is taken, and then that nothing is there.
        proxy.Spoil(request => request.IsPut, Fault.LoseReply);
        proxy.Answer(request => request.IsHead, 404, "NoSuchKey", times: 2);
        await far.Objects.Put(key, new MemoryStream([1, 2, 3]), Cancel);
        Assert.Equal([1, 2, 3], await Read(Node.Objects, key));
        Assert.Equal(0, proxy.Waiting);
    }
}
