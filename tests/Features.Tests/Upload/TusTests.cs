using System.Security.Cryptography;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Upload.WholeUploadTests;

namespace EventFiles.Features.Tests.Upload;

public sealed class TusTests
{
    [Fact]
    public async Task An_upload_in_pieces_becomes_one_file()
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(10_000);
        var upload = await Begin(server, bytes.Length);
        Assert.Equal((0, 10_000, 0), await Space(server));

        Assert.Equal("4000", One(await Expect(204, server.Patch(upload, 0, bytes[..4000])), "Upload-Offset"));
        var head = await Expect(200, server.Head(upload));
        Assert.Equal(("4000", "10000"), (One(head, "Upload-Offset"), One(head, "Upload-Length")));
        Assert.True(head.Headers.CacheControl?.NoStore);
        var last = await Expect(204, server.Patch(upload, 4000, bytes[4000..]));

        var done = Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Equal(done.File.ToString(), One(last, "File-Id"));
        Assert.NotEmpty(One(last, "Event-Position"));
        Assert.Equal((10_000, 0, 1), await Space(server));
        Assert.Equal(bytes, server.Stage.Content(done.StoredAs));
    }

    [Fact]
    public async Task A_client_that_missed_the_last_reply_gets_it_again()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        var last = await Expect(204, server.Patch(upload, 0, new byte[10]));
        Assert.Equal("10", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
        Assert.Equal(One(last, "File-Id"), One(await Expect(204, server.Patch(upload, 10, [])), "File-Id"));
        await Expect(413, server.Patch(upload, 10, [1]), "upload.beyond-length");
        await Expect(409, server.Patch(upload, 0, [1]), "upload.wrong-offset");
        await Expect(409, server.Tus(HttpMethod.Delete, upload.ToString(), null), "upload.already-complete");
        Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_crash_between_the_last_byte_and_its_fact_loses_nothing(bool clientReturns)
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        server.Stage.BeforeCommit = _ => throw new IOException("The database is away.");
        await Expect(500, server.Patch(upload, 0, new byte[10]));
        server.Stage.BeforeCommit = _ => Task.CompletedTask;

        if (clientReturns)
            Assert.NotEmpty(One(await Expect(200, server.Head(upload)), "File-Id"));
        else
            await Expire(server);
        Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Equal((10, 0, 1), await Space(server));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(2 << 20)]
    public async Task An_upload_may_come_with_its_creation(int length)
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(length);
        var created = await Expect(201, server.Create(length, "a.bin", bytes: length == 0 ? null : bytes));
        var done = Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Equal(done.File.ToString(), One(created, "File-Id"));
        Assert.Equal(done.File.ToString(), One(await Expect(200, server.Head(created.Headers.Location!)), "File-Id"));
        Assert.Equal(bytes, server.Stage.Content(done.StoredAs));
        Assert.Equal((length, 0, 1), await Space(server));
    }

    [Fact]
    public async Task A_part_may_come_with_the_creation()
    {
        await using var server = await UploadServer.Start();
        var created = await Expect(201, server.Create(10, "a.bin", bytes: new byte[4]));
        Assert.Equal("4", One(created, "Upload-Offset"));
        await Expect(204, server.Patch(created.Headers.Location!, 4, new byte[6]));
        await Expect(413, server.Create(10, "b.bin", bytes: new byte[11]), "upload.beyond-length");
        Assert.Equal((10, 0, 1), await Space(server));
    }

    [Fact]
    public async Task Only_one_request_at_a_time_writes_to_an_upload()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        using var slow = new SlowContent(new byte[10]);
        var first = server.Tus(server.Olga, HttpMethod.Patch, upload.ToString(), slow, ("Upload-Offset", "0"));
        await server.Stage.Appending.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Expect(409, server.Patch(upload, 0, new byte[10]), "upload.in-use");
        slow.Finish();
        await Expect(204, first);
        Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
    }

    [Fact]
    public async Task Cancelling_stops_a_request_that_writes()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        using var slow = new SlowContent(new byte[10]);
        var writing = server.Tus(server.Olga, HttpMethod.Patch, upload.ToString(), slow, ("Upload-Offset", "0"));
        await server.Stage.Appending.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Expect(204, server.Tus(HttpMethod.Delete, upload.ToString(), null));
        slow.Finish();
        await Task.WhenAny(writing);
        await Settle(server);
        await Expect(410, server.Head(upload));
        Assert.Equal((0, 0, 0), await Space(server));
        Assert.Empty(server.Stage.Objects);
    }

    [Fact]
    public async Task What_is_not_complete_in_time_goes_away()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        await Expect(204, server.Patch(upload, 0, new byte[5]));
        await Expire(server);
        await Settle(server);
        await Expect(410, server.Head(upload));
        await Expect(410, server.Patch(upload, 5, new byte[5]), "upload.ended");
        Assert.Equal((0, 0, 0), await Space(server));
        Assert.Empty(server.Stage.Objects);
    }

    [Fact]
    public async Task An_upload_exists_for_its_owner_alone()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        var ravi = new AccountId(Guid.NewGuid());
        await Expect(404, server.Tus(ravi, HttpMethod.Head, upload.ToString(), null));
        await Expect(404, server.Tus(ravi, HttpMethod.Delete, upload.ToString(), null), "upload.missing");
        await Expect(404, server.Head(new Uri("/api/uploads/nothing", UriKind.Relative)));
        Assert.DoesNotContain(upload.ToString().Split('/')[^1], string.Join(' ', server.Stage.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_speaks_wrongly_is_told_why()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        await Expect(409, server.Patch(upload, 5, new byte[5]), "upload.wrong-offset");
        await Expect(413, server.Patch(upload, 0, new byte[11]), "upload.beyond-length");
        await Expect(415, server.Tus(server.Olga, HttpMethod.Patch, upload.ToString(), new StringContent("x"), ("Upload-Offset", "0")), "upload.not-offset-stream");
        await Expect(415, server.Tus(server.Olga, HttpMethod.Post, "api/uploads", new StringContent("x"), ("Upload-Length", "10")), "upload.not-offset-stream");
        await Expect(400, server.Tus(HttpMethod.Patch, upload.ToString(), [1], ("Upload-Offset", "-1")), "upload.bad-offset");
        await Expect(400, server.Tus(HttpMethod.Post, "api/uploads", null, ("Upload-Length", "-1")), "upload.bad-length");
        await Expect(400, server.Tus(HttpMethod.Post, "api/uploads", null), "upload.bad-length");
        await Expect(400, server.Tus(HttpMethod.Post, upload.ToString(), null), "upload.bad-override");
        using var client = server.Client(server.Olga);
        var stale = await Expect(412, client.SendAsync(new HttpRequestMessage(HttpMethod.Delete, upload), TestContext.Current.CancellationToken), "upload.other-tus-version");
        Assert.Equal("1.0.0", One(stale, "Tus-Version"));
        Assert.Equal("0", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
    }

    [Fact]
    public async Task A_client_behind_an_old_proxy_names_its_method_in_a_header()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        var path = upload.ToString();
        await Expect(204, server.Tus(HttpMethod.Post, path, new byte[4], ("X-HTTP-Method-Override", "PATCH"), ("Upload-Offset", "0")));
        Assert.Equal("4", One(await Expect(200, server.Tus(HttpMethod.Post, path, null, ("X-HTTP-Method-Override", "HEAD"))), "Upload-Offset"));
        await Expect(204, server.Tus(HttpMethod.Post, path, null, ("X-HTTP-Method-Override", "DELETE")));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_at_its_creation()
    {
        await using var server = await UploadServer.Start(UploadOptions.Default with { MaxFileBytes = 5000 });
        await server.Stage.Limit(server.Olga, 1000);
        await Expect(413, server.Create(1001, "a.bin"), "quota.exceeded");
        await Expect(413, server.Create(1001, "a.bin", bytes: new byte[1001]), "quota.exceeded");
        await Expect(413, server.Create(5001, "a.bin"), "upload.too-large");
        await Expect(201, server.Create(1000, "a.bin"));
        await Expect(413, server.Create(1, "a.bin"), "quota.exceeded");
    }

    [Fact]
    public async Task A_name_that_was_taken_meanwhile_is_dealt_with_as_the_client_chose()
    {
        await using var server = await UploadServer.Start();
        var uploads = new Dictionary<string, Uri>();
        foreach (var choice in new[] { "rename", "fail", "newVersion" })
            uploads[choice] = (await Expect(201, server.Create(10, "a.bin", choice))).Headers.Location!;
        await Expect(202, server.Upload("a.bin", new byte[1]));

        await Expect(204, server.Patch(uploads["rename"], 0, new byte[10]));
        await Expect(409, server.Patch(uploads["fail"], 0, new byte[10]), "folders.name-taken");
        var third = await Expect(204, server.Patch(uploads["newVersion"], 0, new byte[10]));
        await Settle(server);

        var done = server.Stage.Happened<UploadEvent.Completed>().ToList();
        Assert.Equal([("a.bin", 1), ("a (2).bin", 1), ("a.bin", 2)], done.Select(file => (file.Name, file.Version)));
        Assert.Equal(done[0].File.ToString(), One(third, "File-Id"));
        Assert.Equal(done[0].File.ToString(), One(await Expect(200, server.Head(uploads["newVersion"])), "File-Id"));
        await Expect(410, server.Head(uploads["fail"]));
        Assert.Equal((21, 0, 2), await Space(server));
        Assert.Equal(3, server.Stage.Objects.Count());
    }

    private static async Task<Uri> Begin(UploadServer server, int length) =>
        (await Expect(201, server.Create(length, "a.bin"))).Headers.Location!;

    private static async Task Expire(UploadServer server)
    {
        var begun = Assert.Single(server.Stage.Happened<UploadEvent.Begun>());
        await server.Do(new ExpireUpload(begun.Upload, begun.File, server.Olga));
        Assert.Single(server.Stage.Happened<UploadEvent>());
        server.Stage.Now = begun.Until;
        await server.Do(new ExpireUpload(begun.Upload, begun.File, server.Olga));
        await server.Do(new ExpireUpload(begun.Upload, begun.File, server.Olga));
    }

    private static string One(HttpResponseMessage reply, string header) => Assert.Single(reply.Headers.GetValues(header));

    /// <summary>Sends one half, and the other when it is told to.</summary>
    private sealed class SlowContent(byte[] bytes) : HttpContent
    {
        private readonly TaskCompletionSource finish = new();

        public void Finish() => finish.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            await finish.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
