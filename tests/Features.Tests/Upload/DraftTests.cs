using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Upload.WholeUploadTests;

namespace EventFiles.Features.Tests.Upload;

/// <summary>Resumable uploads as the IETF's drafts have them, on the same resource as tus.</summary>
public sealed class DraftTests
{
    [Theory]
    [InlineData(3, null)]
    [InlineData(4, null)]
    [InlineData(5, null)]
    [InlineData(6, DraftEndpoint.PartialUpload)]
    [InlineData(7, DraftEndpoint.PartialUpload)]
    [InlineData(8, DraftEndpoint.PartialUpload)]
    public async Task An_upload_in_pieces_becomes_one_file_in_every_draft(int version, string? type)
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var created = await Expect(201, Send(server, version, HttpMethod.Post, "api/uploads", bytes[..1_000_000], isLast: false));
        var upload = created.Headers.Location!.ToString();
        Assert.Equal((false, "1000000"), (IsComplete(created, version), One(created, "Upload-Offset")));
        Assert.Contains("max-size=", One(created, "Upload-Limit"), StringComparison.Ordinal);

        var more = await Expect(204, Send(server, version, HttpMethod.Patch, upload, bytes[1_000_000..2_000_000], isLast: false, 1_000_000, type));
        Assert.Equal((false, "2000000"), (IsComplete(more, version), One(more, "Upload-Offset")));
        var head = await Expect(204, Send(server, version, HttpMethod.Head, upload, null, null));
        Assert.Equal((false, "2000000", true), (IsComplete(head, version), One(head, "Upload-Offset"), head.Headers.CacheControl?.NoStore));
        var last = await Expect(204, Send(server, version, HttpMethod.Patch, upload, bytes[2_000_000..], isLast: true, 2_000_000, type));

        var done = Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Equal((true, "3000000", done.File.ToString()), (IsComplete(last, version), One(last, "Upload-Offset"), One(last, "File-Id")));
        Assert.Equal(bytes, server.Stage.Content(done.StoredAs));
        Assert.True(IsComplete(await Expect(204, Send(server, version, HttpMethod.Head, upload, null, null)), version));
        Assert.Equal((3_000_000, 0, 1), await Space(server));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(100, true)]
    [InlineData(100, false)]
    [InlineData(2 << 20, true)]
    [InlineData(2 << 20, false)]
    public async Task All_bytes_may_come_at_once(int length, bool saysLength)
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(length);
        HttpContent body = saysLength ? new ByteArrayContent(bytes) : new UnknownLength(bytes);
        body.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        body.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileNameStar = "Größe.txt" };
        var reply = await Expect(201, SendContent(server, 6, HttpMethod.Post, "api/uploads", body, isLast: true));
        var done = Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Equal((true, done.File.ToString(), "Größe.txt"), (IsComplete(reply, 6), One(reply, "File-Id"), done.Name));
        Assert.Equal(bytes, server.Stage.Content(done.StoredAs));
        Assert.Equal((length, 0, 1), await Space(server));
    }

    [Fact]
    public async Task The_end_may_be_said_when_all_bytes_are_there()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 6);
        await Expect(204, Send(server, 6, HttpMethod.Patch, upload, [1, 2, 3], isLast: false, 0, DraftEndpoint.PartialUpload));
        var last = await Expect(204, Send(server, 6, HttpMethod.Patch, upload, [], isLast: true, 3, DraftEndpoint.PartialUpload));
        Assert.NotEmpty(One(last, "File-Id"));
        Assert.Equal((3, 0, 1), await Space(server));
        await Expect(204, Send(server, 6, HttpMethod.Patch, upload, [], isLast: true, 3, DraftEndpoint.PartialUpload));
    }

    [Fact]
    public async Task Whoever_is_elsewhere_is_told_where_the_upload_stands()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 6);
        await Expect(204, Send(server, 6, HttpMethod.Patch, upload, [1, 2, 3], isLast: false, 0, DraftEndpoint.PartialUpload));
        foreach (var offset in new[] { 0, 4 })
        {
            var reply = await Expect(409, Send(server, 6, HttpMethod.Patch, upload, [4], isLast: false, offset, DraftEndpoint.PartialUpload), "upload.wrong-offset");
            Assert.Equal(("3", false), (One(reply, "Upload-Offset"), IsComplete(reply, 6)));
        }
    }

    [Fact]
    public async Task Lengths_that_contradict_each_other_are_refused()
    {
        await using var server = await UploadServer.Start();
        await Expect(400, Send(server, 6, HttpMethod.Post, "api/uploads", [1, 2], isLast: true, headers: ("Upload-Length", "3")), "upload.other-length");
        await Expect(413, Send(server, 6, HttpMethod.Post, "api/uploads", [1, 2], isLast: false, headers: ("Upload-Length", "1")), "upload.beyond-length");
        var upload = await Begin(server, 6, ("Upload-Length", "5"));
        await Expect(400, Send(server, 6, HttpMethod.Patch, upload, [1, 2], isLast: true, 0, DraftEndpoint.PartialUpload), "upload.other-length");
        await Expect(400, Send(server, 6, HttpMethod.Patch, upload, [1, 2], isLast: false, 0, DraftEndpoint.PartialUpload, ("Upload-Length", "6")), "upload.other-length");
        var head = await Expect(204, Send(server, 6, HttpMethod.Head, upload, null, null));
        Assert.Equal(("0", "5"), (One(head, "Upload-Offset"), One(head, "Upload-Length")));
        Assert.Equal((0, 5, 0), await Space(server));
    }

    [Fact]
    public async Task Whoever_speaks_wrongly_is_told_why()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 6);
        await Expect(400, Send(server, 2, HttpMethod.Head, upload, null, null));
        await Expect(400, Send(server, 9, HttpMethod.Post, "api/uploads", [1], isLast: true), "upload.other-draft");
        await Expect(400, Send(server, 6, HttpMethod.Post, "api/uploads", [1], isLast: null), "upload.bad-complete");
        await Expect(400, Send(server, 6, HttpMethod.Post, "api/uploads", [1], isLast: null, headers: ("Upload-Complete", "yes")), "upload.bad-complete");
        await Expect(400, Send(server, 3, HttpMethod.Post, "api/uploads", [1], isLast: null, headers: ("Upload-Complete", "?1")), "upload.bad-complete");
        await Expect(400, Send(server, 6, HttpMethod.Post, "api/uploads", [1], isLast: false, headers: ("Upload-Length", "-1")), "upload.bad-length");
        await Expect(400, Send(server, 6, HttpMethod.Patch, upload, [1], isLast: false, null, DraftEndpoint.PartialUpload), "upload.bad-offset");
        await Expect(415, Send(server, 6, HttpMethod.Patch, upload, [1], isLast: false, 0, "text/plain"), "upload.not-partial-upload");
        Assert.Equal("0", One(await Expect(204, Send(server, 6, HttpMethod.Head, upload, null, null)), "Upload-Offset"));
        await Expect(204, Send(server, 6, HttpMethod.Delete, upload, null, null));
        await Expect(410, Send(server, 6, HttpMethod.Head, upload, null, null));
    }

    [Fact]
    public async Task An_upload_exists_for_its_owner_alone()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 6);
        var ravi = new AccountId(Guid.NewGuid());
        using var client = server.Client(ravi);
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, upload);
            request.Headers.Add(DraftEndpoint.VersionHeader, "6");
            await Expect(404, client.SendAsync(request, Cancel));
        }
    }

    [Fact]
    public async Task A_client_that_comes_again_ends_its_broken_request()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 6);
        using var hanging = await Raw(server, $"PATCH {upload} HTTP/1.1", "Upload-Offset: 0", "Upload-Complete: ?0", $"Content-Type: {DraftEndpoint.PartialUpload}", "Content-Length: 10");
        await hanging.GetStream().WriteAsync("abc"u8.ToArray(), Cancel);
        await server.Stage.Appending.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        var offset = int.Parse(One(await Expect(204, Send(server, 6, HttpMethod.Head, upload, null, null)), "Upload-Offset"), CultureInfo.InvariantCulture);
        Assert.InRange(offset, 0, 3);
        await Expect(204, Send(server, 6, HttpMethod.Patch, upload, "abcd"u8.ToArray()[offset..], isLast: true, offset, DraftEndpoint.PartialUpload));
        Assert.Equal("abcd"u8, server.Stage.Content(Assert.Single(server.Stage.Objects)));
    }

    [Fact]
    public async Task Where_an_upload_can_be_continued_is_told_before_its_bytes_come()
    {
        await using var server = await UploadServer.Start();
        using var connection = await Raw(server, "POST /api/uploads HTTP/1.1", "Upload-Complete: ?1", "Content-Length: 3000000");
        using var reader = new StreamReader(connection.GetStream(), leaveOpen: true);
        Assert.Equal("HTTP/1.1 104 Upload Resumption Supported", await reader.ReadLineAsync(Cancel));
        Assert.Equal("Upload-Draft-Interop-Version: 6", await reader.ReadLineAsync(Cancel));
        var upload = (await reader.ReadLineAsync(Cancel))!["Location: ".Length..];
        Assert.Equal("", await reader.ReadLineAsync(Cancel));

        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        await connection.GetStream().WriteAsync(bytes.AsMemory(0, 1_000_000), Cancel);
        await server.Stage.Appending.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancel);
        connection.Close();
        var offset = int.Parse(One(await Expect(204, Send(server, 6, HttpMethod.Head, upload, null, null)), "Upload-Offset"), CultureInfo.InvariantCulture);
        Assert.InRange(offset, 0, 1_000_000);
        var last = await Expect(204, Send(server, 6, HttpMethod.Patch, upload, bytes[offset..], isLast: true, offset, DraftEndpoint.PartialUpload));
        Assert.NotEmpty(One(last, "File-Id"));
        Assert.Equal(bytes, server.Stage.Content(Assert.Single(server.Stage.Objects)));
    }

    [Theory]
    [InlineData("Via: 1.1 somebody")]
    [InlineData("X-Forwarded-For: 10.0.0.1")]
    public async Task Through_a_proxy_nothing_is_told_before_the_reply(string mark)
    {
        await using var server = await UploadServer.Start();
        using var connection = await Raw(server, "POST /api/uploads HTTP/1.1", "Upload-Complete: ?0", "Content-Length: 5", mark);
        await connection.GetStream().WriteAsync("hello"u8.ToArray(), Cancel);
        using var reader = new StreamReader(connection.GetStream());
        Assert.Equal("HTTP/1.1 201 Created", await reader.ReadLineAsync(Cancel));
    }

    [Fact]
    public async Task What_one_protocol_began_the_other_may_continue()
    {
        await using var server = await UploadServer.Start();
        var upload = (await Expect(201, server.Create(4, "a.bin"))).Headers.Location!;
        await Expect(204, Send(server, 6, HttpMethod.Patch, upload.ToString(), [1, 2], isLast: false, 0, DraftEndpoint.PartialUpload));
        Assert.Equal("2", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
        Assert.NotEmpty(One(await Expect(204, server.Patch(upload, 2, [3, 4])), "File-Id"));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task<string> Begin(UploadServer server, int version, params (string, string)[] headers) =>
        (await Expect(201, SendContent(server, version, HttpMethod.Post, "api/uploads", null, isLast: false, headers: headers))).Headers.Location!.ToString();

    private static Task<HttpResponseMessage> Send(
        UploadServer server, int version, HttpMethod method, string path, byte[]? bytes, bool? isLast, long? offset = null,
        string? type = null, params (string Name, string Value)[] headers)
    {
        var body = bytes is null ? null : new ByteArrayContent(bytes);
        if (body is not null && type is not null)
            body.Headers.ContentType = new MediaTypeHeaderValue(type);
        return SendContent(server, version, method, path, body, isLast, offset, headers);
    }

    private static async Task<HttpResponseMessage> SendContent(
        UploadServer server, int version, HttpMethod method, string path, HttpContent? body, bool? isLast, long? offset = null,
        params (string Name, string Value)[] headers)
    {
        using var client = server.Client(server.Olga);
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.Add(DraftEndpoint.VersionHeader, $"{version}");
        if (isLast is { } last)
            request.Headers.Add(version < 4 ? "Upload-Incomplete" : "Upload-Complete", last == version >= 4 ? "?1" : "?0");
        if (offset is not null)
            request.Headers.Add("Upload-Offset", $"{offset}");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await client.SendAsync(request);
    }

    private static async Task<TcpClient> Raw(UploadServer server, string line, params string[] headers)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(server.Address.Host, server.Address.Port, Cancel);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Join(
            "\r\n", [line, "Host: a", $"Account: {server.Olga}", "Upload-Draft-Interop-Version: 6", .. headers, "", ""])), Cancel);
        return connection;
    }

    private static bool IsComplete(HttpResponseMessage reply, int version) =>
        One(reply, version < 4 ? "Upload-Incomplete" : "Upload-Complete") == (version < 4 ? "?0" : "?1");

    private static string One(HttpResponseMessage reply, string header) => Assert.Single(reply.Headers.GetValues(header));
}
