using System.Security.Cryptography;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Upload.WholeUploadTests;

namespace EventFiles.Features.Tests.Upload;

/// <summary>Uploads whose length is told later.</summary>
public sealed class TusLengthTests
{
    [Fact]
    public async Task The_length_may_come_with_the_last_bytes()
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var upload = await Defer(server);
        var head = await Expect(200, server.Head(upload));
        Assert.Equal(("0", "1", false), (One(head, "Upload-Offset"), One(head, "Upload-Defer-Length"), head.Headers.Contains("Upload-Length")));

        await Expect(204, server.Patch(upload, 0, bytes[..2_000_000]));
        Assert.Equal((0, 2_000_000, 0), await Space(server));
        Assert.Equal("2000000", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
        var last = await Tell(server, upload, 2_000_000, 3_000_000, bytes[2_000_000..]);

        var done = Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Equal(done.File.ToString(), One(last, "File-Id"));
        Assert.Equal(bytes, server.Stage.Content(done.StoredAs));
        Assert.Equal((3_000_000, 0, 1), await Space(server));
        var told = await Expect(200, server.Head(upload));
        Assert.Equal(("3000000", false), (One(told, "Upload-Length"), told.Headers.Contains("Upload-Defer-Length")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task The_length_may_be_told_when_all_bytes_are_there(int length)
    {
        await using var server = await UploadServer.Start();
        var upload = await Defer(server);
        if (length > 0)
            await Expect(204, server.Patch(upload, 0, new byte[length]));
        Assert.False((await Expect(200, server.Head(upload))).Headers.Contains("File-Id"));
        Assert.NotEmpty(One(await Tell(server, upload, length, length, []), "File-Id"));
        Assert.Equal((length, 0, 1), await Space(server));
        Assert.Equal(length, Assert.Single(server.Stage.Happened<UploadEvent.Completed>()).SizeBytes);
    }

    [Fact]
    public async Task The_length_may_be_told_before_the_bytes_and_only_once()
    {
        await using var server = await UploadServer.Start();
        var upload = await Defer(server);
        await Tell(server, upload, 0, 10, new byte[4]);
        Assert.Equal((0, 10, 0), await Space(server));
        await Expect(400, Told(server, upload, 4, 11, new byte[1]), "upload.other-length");
        await Expect(413, server.Patch(upload, 4, new byte[7]), "upload.beyond-length");
        await Tell(server, upload, 4, 10, new byte[6]);
        Assert.Equal((10, 0, 1), await Space(server));
    }

    [Fact]
    public async Task A_length_below_what_is_there_is_refused_and_nothing_is_cut_off()
    {
        await using var server = await UploadServer.Start();
        var upload = await Defer(server);
        await Expect(204, server.Patch(upload, 0, new byte[10]));
        await Expect(400, Told(server, upload, 10, 9, []), "upload.other-length");
        await Expect(413, Told(server, upload, 10, 12, new byte[5]), "upload.beyond-length");
        await Expect(400, Told(server, upload, 10, -1, []), "upload.bad-length");
        Assert.Equal("10", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
        Assert.Empty(server.Stage.Happened<UploadEvent.Completed>());
    }

    [Fact]
    public async Task More_bytes_than_announced_make_no_file_however_they_come()
    {
        await using var server = await UploadServer.Start();
        var upload = await Defer(server);
        using var more = new UnknownLength(new byte[100_000]);
        await Expect(
            413, server.Tus(server.Olga, HttpMethod.Patch, upload.ToString(), more, ("Upload-Offset", "0"), ("Upload-Length", "70000")),
            "upload.beyond-length");
        await Settle(server);
        await Expect(410, server.Head(upload));
        Assert.Equal((0, 0, 0), await Space(server));
        Assert.Empty(server.Stage.Objects);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bytes_of_unknown_number_are_taken_as_far_as_the_space_goes(bool chunked)
    {
        await using var server = await UploadServer.Start();
        await server.Stage.Limit(server.Olga, 1000);
        var (first, second) = (await Defer(server), await Defer(server));
        await Expect(204, Send(first, 0, 600));
        await Expect(413, Send(second, 0, 401), "quota.exceeded");
        Assert.Equal((0, 600, 0), await Space(server));
        await Expect(204, Send(second, 0, 400));
        Assert.Equal((0, 1000, 0), await Space(server));
        await Expect(413, Told(server, second, 400, 401, []), "quota.exceeded");
        await Expect(204, server.Tus(HttpMethod.Delete, second.ToString(), null));
        await Tell(server, first, 600, 1000, new byte[400]);
        Assert.Equal((1000, 0, 1), await Space(server));

        Task<HttpResponseMessage> Send(Uri upload, long offset, int length) => server.Tus(
            server.Olga, HttpMethod.Patch, upload.ToString(),
            chunked ? new UnknownLength(new byte[length]) : new ByteArrayContent(new byte[length]),
            ("Upload-Offset", $"{offset}"));
    }

    [Fact]
    public async Task No_file_grows_beyond_the_largest()
    {
        await using var server = await UploadServer.Start(UploadOptions.Default with { MaxFileBytes = 5000 });
        var upload = await Defer(server);
        await Expect(413, server.Patch(upload, 0, new byte[5001]), "upload.too-large");
        await Expect(413, Told(server, upload, 0, 5001, []), "upload.too-large");
        await Expect(204, server.Patch(upload, 0, new byte[5000]));
        Assert.Equal((0, 5000, 0), await Space(server));
    }

    [Fact]
    public async Task A_length_that_is_never_told_ends_with_its_time()
    {
        await using var server = await UploadServer.Start();
        var upload = await Defer(server);
        await Expect(204, server.Patch(upload, 0, new byte[10]));
        var begun = Assert.Single(server.Stage.Happened<UploadEvent.Begun>());
        server.Stage.Now = begun.Until;
        await server.Do(new ExpireUpload(begun.Upload, begun.File, server.Olga));
        await Settle(server);
        await Expect(410, server.Head(upload));
        Assert.Equal((0, 0, 0), await Space(server));
        Assert.Empty(server.Stage.Objects);
    }

    [Theory]
    [InlineData("1", "10")]
    [InlineData("0", null)]
    [InlineData("yes", null)]
    public async Task Either_a_length_or_the_word_that_it_comes_later(string defer, string? length)
    {
        await using var server = await UploadServer.Start();
        await Expect(
            400, server.Tus(HttpMethod.Post, "api/uploads", null, [("Upload-Defer-Length", defer), .. length is null ? [] : new[] { ("Upload-Length", length) }]),
            "upload.bad-length");
    }

    private static async Task<Uri> Defer(UploadServer server) =>
        (await Expect(201, server.Tus(HttpMethod.Post, "api/uploads", null, ("Upload-Defer-Length", "1")))).Headers.Location!;

    private static Task<HttpResponseMessage> Told(UploadServer server, Uri upload, long offset, long length, byte[] bytes) => server.Tus(
        HttpMethod.Patch, upload.ToString(), bytes, ("Upload-Offset", $"{offset}"), ("Upload-Length", $"{length}"));

    private static Task<HttpResponseMessage> Tell(UploadServer server, Uri upload, long offset, long length, byte[] bytes) =>
        Expect(204, Told(server, upload, offset, length, bytes));

    private static string One(HttpResponseMessage reply, string header) => Assert.Single(reply.Headers.GetValues(header));
}

/// <summary>Bytes that are sent without saying beforehand how many there are.</summary>
internal sealed class UnknownLength(byte[] bytes) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => stream.WriteAsync(bytes).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
