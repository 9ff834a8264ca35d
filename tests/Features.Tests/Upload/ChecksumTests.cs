using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Upload.WholeUploadTests;

namespace EventFiles.Features.Tests.Upload;

/// <summary>What a client says of its bytes holds, or they do not count.</summary>
public sealed class ChecksumTests
{
    private static readonly byte[] Bytes = RandomNumberGenerator.GetBytes(100_000);

    public static TheoryData<string, string> Algorithms => new()
    {
        { "sha1", Base64(HashAlgorithmName.SHA1, Bytes) },
        { "sha256", Convert.ToBase64String(SHA256.HashData(Bytes)) },
        { "sha384", Convert.ToBase64String(SHA384.HashData(Bytes)) },
        { "sha512", Convert.ToBase64String(SHA512.HashData(Bytes)) },
        { "md5", Base64(HashAlgorithmName.MD5, Bytes) },
    };

    [Theory, MemberData(nameof(Algorithms))]
    public async Task Bytes_that_are_what_their_checksum_says_count_and_others_do_not(string algorithm, string digest)
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, Bytes.Length);
        var others = Bytes.ToArray();
        others[^1] ^= 1;
        await Expect(460, Checked(server, upload, 0, others, $"{algorithm} {digest}"), "upload.checksum-mismatch");
        Assert.Equal("0", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
        Assert.Empty(server.Stage.Objects);

        Assert.NotEmpty(One(await Expect(204, Checked(server, upload, 0, Bytes, $"{algorithm} {digest}")), "File-Id"));
        Assert.Equal(Bytes, server.Stage.Content(Assert.Single(server.Stage.Objects)));
        Assert.Equal((Bytes.Length, 0, 1), await Space(server));
    }

    [Fact]
    public async Task All_algorithms_are_told_of()
    {
        await using var server = await UploadServer.Start();
        var told = await Expect(204, server.Tus(HttpMethod.Options, "api/uploads", null));
        Assert.Equal(["md5", "sha1", "sha256", "sha384", "sha512"], One(told, "Tus-Checksum-Algorithm").Split(','));
        Assert.Contains("checksum", One(told, "Tus-Extension").Split(','));
    }

    [Theory]
    [InlineData("sha1")]
    [InlineData("sha1 ***")]
    [InlineData("sha1 AAAA")]
    [InlineData("crc99 AAAA")]
    [InlineData("SHA1 2jmj7l5rSw0yVb/vlWAYkK/YBwk=")]
    [InlineData("sha1  2jmj7l5rSw0yVb/vlWAYkK/YBwk=")]
    public async Task A_checksum_that_cannot_be_read_is_refused(string checksum)
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 10);
        await Expect(400, Checked(server, upload, 0, new byte[10], checksum), "upload.bad-checksum");
        Assert.Equal("0", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
    }

    [Fact]
    public async Task What_counts_already_stays_when_the_next_bytes_are_refused()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, Bytes.Length);
        await Expect(204, Checked(server, upload, 0, Bytes[..60_000], Sha1(Bytes.AsSpan(..60_000))));
        await Expect(460, Checked(server, upload, 60_000, Bytes[60_000..], Sha1(Bytes)), "upload.checksum-mismatch");
        Assert.Equal("60000", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
        await Expect(204, Checked(server, upload, 60_000, Bytes[60_000..], Sha1(Bytes.AsSpan(60_000..))));
        Assert.Equal(Bytes, server.Stage.Content(Assert.Single(server.Stage.Objects)));
    }

    [Fact]
    public async Task Bytes_whose_request_breaks_before_they_could_be_checked_do_not_count()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, Bytes.Length);
        using var cut = new CutContent(Bytes);
        await Assert.ThrowsAnyAsync<Exception>(() => server.Tus(
            server.Olga, HttpMethod.Patch, upload.ToString(), cut, ("Upload-Offset", "0"), ("Upload-Checksum", Sha1(Bytes))));
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20)))
        {
            while ((await server.Patch(upload, 0, [])).StatusCode != System.Net.HttpStatusCode.NoContent)
                await Task.Delay(20, patience.Token); // the broken request is still at it
        }

        Assert.Equal("0", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(2 << 20)]
    public async Task Bytes_that_come_with_the_creation_are_checked_too(int length)
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(length);
        await Expect(460, Create("sha256 " + Convert.ToBase64String(SHA256.HashData([1]))), "upload.checksum-mismatch");
        await Settle(server);
        Assert.Equal((0, 0, 0), await Space(server));
        Assert.Empty(server.Stage.Objects);
        await Expect(201, Create("sha256 " + Convert.ToBase64String(SHA256.HashData(bytes))));
        Assert.Equal((length, 0, 1), await Space(server));

        Task<HttpResponseMessage> Create(string checksum) =>
            server.Tus(HttpMethod.Post, "api/uploads", bytes, ("Upload-Length", $"{length}"), ("Upload-Checksum", checksum));
    }

    [Theory]
    [InlineData(true, 204)]
    [InlineData(false, 460)]
    public async Task A_checksum_may_come_behind_the_bytes(bool isRight, int status)
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, 5);
        using var socket = new TcpClient();
        await socket.ConnectAsync(server.Address.Host, server.Address.Port, TestContext.Current.CancellationToken);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PATCH {upload} HTTP/1.1\r\nHost: a\r\nAccount: {server.Olga}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            + "Content-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\nTrailer: Upload-Checksum\r\n\r\n"
            + $"5\r\nhello\r\n0\r\nUpload-Checksum: {Sha1(isRight ? "hello"u8 : "hallo"u8)}\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.StartsWith($"HTTP/1.1 {status}", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(isRight ? "5" : "0", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
    }

    [Fact]
    public async Task A_content_digest_is_a_checksum_too()
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, Bytes.Length);
        await Expect(400, With(("Content-Digest", Digest("sha-256", SHA256.HashData([1])))), "upload.digest-mismatch");
        await Expect(400, With(("Content-Digest", "sha-256=abc")), "upload.bad-digest");
        Assert.Equal("0", One(await Expect(200, server.Head(upload)), "Upload-Offset"));
        await Expect(204, With(("Content-Digest", $"unknown=:AA==:, {Digest("sha-512", SHA512.HashData(Bytes))}")));

        Task<HttpResponseMessage> With((string, string) header) =>
            server.Tus(HttpMethod.Patch, upload.ToString(), Bytes, ("Upload-Offset", "0"), header);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_digest_of_the_whole_that_came_with_the_creation_is_compared_at_the_end(bool isRight)
    {
        await using var server = await UploadServer.Start();
        var digest = Digest("sha-256", SHA256.HashData(isRight ? Bytes : [1]));
        var upload = (await Expect(201, server.Tus(
            HttpMethod.Post, "api/uploads", null, ("Upload-Length", $"{Bytes.Length}"), ("Repr-Digest", digest)))).Headers.Location!;
        await Expect(204, server.Patch(upload, 0, Bytes[..50_000]));
        await Expect(isRight ? 204 : 400, server.Patch(upload, 50_000, Bytes[50_000..]), isRight ? null : "upload.digest-mismatch");
        await Settle(server);
        Assert.Equal(isRight ? (Bytes.Length, 0, 1) : (0, 0, 0), await Space(server));
        Assert.Equal(isRight ? 1 : 0, server.Stage.Objects.Count());
    }

    [Theory]
    [InlineData(false, 100)]
    [InlineData(true, 100)]
    [InlineData(false, 2 << 20)]
    [InlineData(true, 2 << 20)]
    public async Task A_digest_of_the_whole_may_come_with_the_creation_and_all_bytes(bool isRight, int length)
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(length);
        var digest = Digest("sha-256", SHA256.HashData(isRight ? bytes : [1]));
        await Expect(
            isRight ? 201 : 400,
            server.Tus(HttpMethod.Post, "api/uploads", bytes, ("Upload-Length", $"{length}"), ("Repr-Digest", digest)),
            isRight ? null : "upload.digest-mismatch");
        await Settle(server);
        Assert.Equal(isRight ? (length, 0, 1) : (0, 0, 0), await Space(server));
        Assert.Equal(isRight ? 1 : 0, server.Stage.Objects.Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_digest_of_the_whole_may_come_with_the_last_bytes(bool isRight)
    {
        await using var server = await UploadServer.Start();
        var upload = await Begin(server, Bytes.Length);
        await Expect(isRight ? 204 : 400, server.Tus(
            HttpMethod.Patch, upload.ToString(), Bytes, ("Upload-Offset", "0"),
            ("Repr-Digest", Digest("sha-256", SHA256.HashData(isRight ? Bytes : [1])))));
        Assert.Equal(isRight ? 1 : 0, server.Stage.Happened<UploadEvent.Completed>().Count());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task An_upload_in_one_request_is_checked_by_the_digest_of_its_part_or_of_its_form(bool ofPart, bool isRight)
    {
        await using var server = await UploadServer.Start();
        using var client = server.Client(server.Olga);
        using var form = new MultipartFormDataContent("b");
        var file = new ByteArrayContent(Bytes);
        form.Add(file, "file", "a.bin");
        if (ofPart)
            file.Headers.Add("Repr-Digest", Digest("sha-256", SHA256.HashData(isRight ? Bytes : [1])));
        using var body = new ByteArrayContent(await form.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        body.Headers.ContentType = form.Headers.ContentType;
        if (!ofPart)
            body.Headers.Add("Content-Digest", Digest("sha-256", SHA256.HashData(isRight ? await body.ReadAsByteArrayAsync(TestContext.Current.CancellationToken) : [1])));
        await Expect(
            isRight ? 202 : 400, client.PostAsync(new Uri("api/upload", UriKind.Relative), body, TestContext.Current.CancellationToken),
            isRight ? null : "upload.digest-mismatch");
        Assert.Equal(isRight ? (Bytes.Length, 0, 1) : (0, 0, 0), await Space(server));
        Assert.Equal(isRight ? 1 : 0, server.Stage.Objects.Count());
    }

    [Theory]
    [InlineData("sha-256=:AAAA:")]
    [InlineData("sha-256=AAAA")]
    [InlineData("sha-256")]
    [InlineData("sha-256=:AA==")]
    [InlineData("=:AA==:")]
    [InlineData("sha-256=:AA==:x")]
    [InlineData(",")]
    public void A_digest_that_cannot_be_read_is_refused(string field) =>
        Assert.Equal(UploadRejection.BadDigest, DigestField.Parse(field).Refusal);

    [Fact]
    public void Of_digests_those_that_are_known_count_and_the_others_are_passed_over()
    {
        var field = $"crc32c=:AAAAAA==:, {Digest("sha-256", SHA256.HashData([1]))};x=1, {Digest("sha-512", SHA512.HashData([1]))}";
        var read = Assert.IsType<Answer<IReadOnlyList<ContentCheck>>.Yes>(DigestField.Parse(field)).Value;
        Assert.Equal(
            [Convert.ToHexStringLower(SHA256.HashData([1])), Convert.ToHexStringLower(SHA512.HashData([1]))],
            read.Select(check => check.Digest));
    }

    private static Task<HttpResponseMessage> Checked(UploadServer server, Uri upload, long offset, byte[] bytes, string checksum) => server.Tus(
        HttpMethod.Patch, upload.ToString(), bytes, ("Upload-Offset", $"{offset}"), ("Upload-Checksum", checksum));

    private static async Task<Uri> Begin(UploadServer server, int length) =>
        (await Expect(201, server.Create(length, "a.bin"))).Headers.Location!;

    private static string Sha1(ReadOnlySpan<byte> bytes) => "sha1 " + Base64(HashAlgorithmName.SHA1, bytes);

    private static string Base64(HashAlgorithmName algorithm, ReadOnlySpan<byte> bytes) =>
        Convert.ToBase64String(CryptographicOperations.HashData(algorithm, bytes));

    private static string Digest(string name, byte[] digest) => $"{name}=:{Convert.ToBase64String(digest)}:";

    private static string One(HttpResponseMessage reply, string header) => Assert.Single(reply.Headers.GetValues(header));

    /// <summary>Announces all bytes, sends half of them, and breaks.</summary>
    private sealed class CutContent(byte[] bytes) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            throw new IOException("The line broke.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
