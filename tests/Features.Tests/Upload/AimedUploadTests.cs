using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Upload.WholeUploadTests;

namespace EventFiles.Features.Tests.Upload;

/// <summary>Resumable uploads that become versions of a named file: in either protocol, whole, in pieces and of parts.</summary>
public sealed class AimedUploadTests
{
    private static readonly AccountId Ravi = new(Guid.NewGuid());

    [Fact]
    public async Task Parts_become_the_next_version_of_a_file_that_is_named_on_its_owners_account()
    {
        await using var server = await UploadServer.Start();
        var file = await Keep(server, [1]);
        var parts = new[] { await Part(server, [2, 3]), await Part(server, [4]) };
        Assert.Equal(3, (await server.Stage.Balance(Ravi)).ReservedBytes);

        var final = await Expect(201, Join(server, file, Tag(1), parts));
        Assert.Equal($"{file}", One(final, "File-Id"));
        var done = server.Stage.Happened<UploadEvent.Completed>().Last();
        Assert.Equal((file, 2, "kept.bin"), (done.File, done.Version, done.Name));
        Assert.Equal((1 + 3, 0, 1), await Space(server));
        Assert.Equal((0, 0), ((await server.Stage.Balance(Ravi)).UsedBytes, (await server.Stage.Balance(Ravi)).ReservedBytes));
        Assert.Equal<byte>([2, 3, 4], server.Stage.Content(done.StoredAs));
        Assert.Equal(server.Olga, server.Stage.Owners[done.StoredAs]);
        Assert.All(server.Stage.Happened<UploadEvent.PartBegun>(), part => Assert.Equal(Ravi, server.Stage.Owners[ObjectKey.Raw(part.Upload)]));

        var again = await Expect(201, Join(server, file, Tag(1), parts));
        Assert.Equal((final.Headers.Location, $"{file}"), (again.Headers.Location, One(again, "File-Id")));
        await Expect(403, Send(server, HttpMethod.Patch, final.Headers.Location!, [1], ("Upload-Offset", "3")), "upload.final");
    }

    [Fact]
    public async Task A_file_that_has_changed_gets_no_version_of_parts_and_these_stay()
    {
        await using var server = await UploadServer.Start();
        var file = await Keep(server, [1]);
        var part = await Part(server, [2, 3]);
        await Expect(412, Join(server, file, Tag(9), part), "upload.changed-meanwhile");
        await Expect(404, Join(server, new FileId(Guid.NewGuid()), null, part), "files.missing");
        await Expect(200, Send(server, HttpMethod.Head, part, null));
        await Expect(201, Join(server, file, Tag(1), part));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Pieces_become_the_next_version_in_either_protocol_on_its_owners_account(bool isDraft, bool isChecked)
    {
        await using var server = await UploadServer.Start();
        var file = await Keep(server, [1]);
        var upload = (await Expect(201, Create(server, file, Tag(1), isDraft))).Headers.Location!;
        Assert.Equal((1, isDraft ? 0 : 3, 1), await Space(server));

        await Expect(204, Piece(server, upload, 0, [2, 3], isLast: false, isDraft, isChecked));
        Assert.Equal((1, isDraft ? 2 : 3, 1), await Space(server));
        var last = await Expect(204, Piece(server, upload, 2, [4], isLast: true, isDraft, isChecked));
        var done = server.Stage.Happened<UploadEvent.Completed>().Last();
        Assert.Equal((file, 2, $"{file}"), (done.File, done.Version, One(last, "File-Id")));
        Assert.Equal((1 + 3, 0, 1), await Space(server));
        Assert.Equal(default, (await server.Stage.Balance(Ravi)).UsedBytes);
        Assert.Equal<byte>([2, 3, 4], server.Stage.Content(done.StoredAs));
        Assert.Equal(isChecked ? 4 : 2, server.Stage.Owners.Count);
        Assert.All(server.Stage.Owners.Values, owner => Assert.Equal(server.Olga, owner));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_that_saw_the_same_version_the_second_gets_none(bool isDraft)
    {
        await using var server = await UploadServer.Start();
        var file = await Keep(server, [1]);
        var (one, two) = (
            (await Expect(201, Create(server, file, Tag(1), isDraft))).Headers.Location!,
            (await Expect(201, Create(server, file, Tag(1), isDraft))).Headers.Location!);
        await Expect(204, Piece(server, one, 0, [2, 3, 4], isLast: true, isDraft, isChecked: false));
        await Expect(412, Piece(server, two, 0, [5, 6, 7], isLast: true, isDraft, isChecked: false), "upload.changed-meanwhile");
        Assert.Equal((1 + 3, 0, 1), await Space(server));
        await Expect(412, Create(server, file, Tag(1), isDraft), "upload.changed-meanwhile");
    }

    [Fact]
    public async Task Who_sends_the_last_byte_of_an_upload_that_ends_at_that_moment_is_told_so()
    {
        await using var server = await UploadServer.Start();
        var upload = (await Expect(201, Send(
            server, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), null,
            ("Upload-Length", "3"), ("Upload-Metadata", $"filename {Convert.ToBase64String("mine.bin"u8)}")))).Headers.Location!;
        var begun = server.Stage.Happened<UploadEvent.Begun>().Single();
        server.Stage.BeforeSeal = key => End(server, begun.Upload, begun.File, key);

        await Expect(410, Piece(server, upload, 0, [2, 3, 4], isLast: true, isDraft: false, isChecked: false), "upload.ended");
        Assert.Empty(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Empty(server.Stage.Objects);
    }

    [Fact]
    public async Task Who_finishes_what_another_node_is_finishing_is_told_so_and_may_come_again()
    {
        await using var server = await UploadServer.Start();
        var file = await Keep(server, [1]);
        var upload = (await Expect(201, Create(server, file, Tag(1), isDraft: false))).Headers.Location!;
        server.Stage.BeforeSeal = _ => throw new OffsetMismatchException(3);
        await Expect(409, Piece(server, upload, 0, [2, 3, 4], isLast: true, isDraft: false, isChecked: false), "upload.in-use");

        server.Stage.BeforeSeal = _ => Task.CompletedTask;
        Assert.Equal($"{file}", One(await Expect(200, Send(server, HttpMethod.Head, upload, null)), "File-Id"));
    }

    [Fact]
    public async Task A_part_that_ends_while_it_is_joined_makes_nothing()
    {
        await using var server = await UploadServer.Start();
        var file = await Keep(server, [1]);
        var (kept, gone) = (await Part(server, [2, 3]), await Part(server, [4]));
        var part = server.Stage.Happened<UploadEvent.PartBegun>().Last();
        server.Stage.BeforeSeal = key => key == ObjectKey.Raw(part.Upload) ? End(server, part.Upload, part.File, key) : Task.CompletedTask;

        await Expect(410, Join(server, file, Tag(1), kept, gone), "upload.ended");
        Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        await Expect(200, Send(server, HttpMethod.Head, kept, null));
    }

    // As another node does it, where nobody knows that this one is at it.
    private static async Task End(UploadServer server, UploadId upload, FileId file, ObjectKey key)
    {
        await server.Stage.Transact<Done>(
            async transaction => await transaction.Decide(
                UploadDecider.StreamOf(file, Ravi), UploadDecider.Decider,
                new UploadCommand.Abandon(upload, file, "cancelled")) is { } no ? no : default(Done), default);
        await server.Stage.Delete(key, default);
    }

    private static async Task<FileId> Keep(UploadServer server, byte[] bytes)
    {
        await Expect(202, server.Upload("kept.bin", bytes));
        server.Stage.Editors.Add(Ravi);
        return server.Stage.Happened<UploadEvent.Completed>().Single().File;
    }

    private static Task<HttpResponseMessage> Create(UploadServer server, FileId file, string ifMatch, bool isDraft) => isDraft
        ? Draft(server, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), null, ("Upload-Complete", "?0"), Into(file), ("If-Match", ifMatch))
        : Send(server, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), null, ("Upload-Length", "3"), Into(file), ("If-Match", ifMatch));

    private static Task<HttpResponseMessage> Piece(
        UploadServer server, Uri upload, long offset, byte[] bytes, bool isLast, bool isDraft, bool isChecked)
    {
        var at = ("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        var digest = isChecked ? ("Content-Digest", $"sha-256=:{Convert.ToBase64String(SHA256.HashData(bytes))}:") : ("Prefer", "none");
        return isDraft
            ? Draft(server, HttpMethod.Patch, upload, bytes, at, digest, ("Upload-Complete", isLast ? "?1" : "?0"))
            : Send(server, HttpMethod.Patch, upload, bytes, at, digest);
    }

    private static async Task<Uri> Part(UploadServer server, byte[] bytes) => (await Expect(201, Send(
        server, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), bytes,
        ("Upload-Length", $"{bytes.Length}"), ("Upload-Concat", "partial")))).Headers.Location!;

    private static Task<HttpResponseMessage> Join(UploadServer server, FileId file, string? ifMatch, params Uri[] parts) => Send(
        server, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative), null,
        [
            ("Upload-Concat", $"final;{string.Join(' ', parts.Select(part => part.ToString()))}"), Into(file),
            .. ifMatch is null ? [] : new[] { ("If-Match", ifMatch) },
        ]);

    private static Task<HttpResponseMessage> Send(
        UploadServer server, HttpMethod method, Uri upload, byte[]? bytes, params (string Name, string Value)[] headers) =>
        server.Tus(Ravi, method, upload.ToString(), bytes is null ? null : new ByteArrayContent(bytes), headers);

    private static async Task<HttpResponseMessage> Draft(
        UploadServer server, HttpMethod method, Uri upload, byte[]? bytes, params (string Name, string Value)[] headers)
    {
        using var client = server.Client(Ravi);
        using var request = new HttpRequestMessage(method, upload) { Content = bytes is null ? null : new ByteArrayContent(bytes) };
        if (request.Content is not null)
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(DraftEndpoint.PartialUpload);
        foreach (var (name, value) in headers)
            (name.StartsWith("Content-", StringComparison.Ordinal) ? (HttpHeaders)request.Content!.Headers : request.Headers).TryAddWithoutValidation(name, value);
        return await client.SendAsync(request);
    }

    private static (string, string) Into(FileId file) =>
        ("Upload-Metadata", $"fileId {Convert.ToBase64String(Encoding.UTF8.GetBytes(file.ToString()))}");

    private static string Tag(byte content) => $"\"{Convert.ToHexStringLower(SHA256.HashData([content]))}\"";

    private static string One(HttpResponseMessage reply, string header) => Assert.Single(reply.Headers.GetValues(header));
}
