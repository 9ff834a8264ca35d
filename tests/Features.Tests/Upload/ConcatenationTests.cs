using System.Security.Cryptography;
using EventFiles.Features.Upload;
using static EventFiles.Features.Tests.Upload.WholeUploadTests;

namespace EventFiles.Features.Tests.Upload;

/// <summary>Files that are made of partial uploads.</summary>
public sealed class ConcatenationTests
{
    [Fact]
    public async Task Parts_become_one_file_and_are_used_up()
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var parts = new[] { await Part(server, bytes[..1_000_000]), await Part(server, []), await Part(server, bytes[1_000_000..]) };
        Assert.Equal((0, 3_000_000, 0), await Space(server));
        Assert.Equal("partial", One(await Expect(200, server.Head(parts[0])), "Upload-Concat"));

        var final = await Expect(201, Join(server, parts));
        var done = Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Equal((done.File.ToString(), "3000000"), (One(final, "File-Id"), One(final, "Upload-Offset")));
        Assert.Equal((3_000_000, 0, 1), await Space(server));
        await Settle(server);
        Assert.Equal(bytes, server.Stage.Content(Assert.Single(server.Stage.Objects)));

        var head = await Expect(200, server.Head(final.Headers.Location!));
        Assert.Equal(
            ("final", "3000000", "3000000", done.File.ToString()),
            (One(head, "Upload-Concat"), One(head, "Upload-Offset"), One(head, "Upload-Length"), One(head, "File-Id")));
        foreach (var part in parts)
        {
            await Expect(410, server.Head(part));
            await Expect(410, server.Tus(HttpMethod.Delete, part.ToString(), null), "upload.ended");
        }
    }

    [Fact]
    public async Task The_log_tells_of_what_a_file_was_made()
    {
        await using var server = await UploadServer.Start();
        var parts = new[] { await Part(server, [1, 2]), await Part(server, [3]) };
        await Expect(201, Join(server, parts));
        var begun = server.Stage.Happened<UploadEvent.PartBegun>().Select(part => part.Upload).ToList();
        var assembled = Assert.Single(server.Stage.Happened<UploadEvent.Assembled>());
        Assert.Equal(begun, assembled.Parts);
        Assert.Equal(
            begun.Select(part => (part, assembled.Upload, assembled.File)),
            server.Stage.Happened<UploadEvent.Consumed>().Select(used => (used.Upload, used.Into, used.IntoFile)));
    }

    [Fact]
    public async Task Nothing_can_be_added_to_a_final_upload()
    {
        await using var server = await UploadServer.Start();
        var final = (await Expect(201, Join(server, await Part(server, [1, 2, 3])))).Headers.Location!;
        await Expect(403, server.Patch(final, 3, []), "upload.final");
        await Expect(403, server.Patch(final, 0, [1]), "upload.final");
        await Expect(409, server.Tus(HttpMethod.Delete, final.ToString(), null), "upload.already-complete");
    }

    [Fact]
    public async Task A_client_that_missed_the_reply_gets_it_again()
    {
        await using var server = await UploadServer.Start();
        var parts = new[] { await Part(server, [1, 2]), await Part(server, [3]) };
        var first = await Expect(201, Join(server, parts));
        await Settle(server);
        var again = await Expect(201, Join(server, parts));
        Assert.Equal(
            (first.Headers.Location, One(first, "File-Id"), One(first, "Upload-Offset")),
            (again.Headers.Location, One(again, "File-Id"), One(again, "Upload-Offset")));
        await Expect(410, Join(server, parts[1], parts[0]), "upload.ended");
        await Expect(410, Join(server, parts[0]), "upload.ended");
        Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Equal((3, 0, 1), await Space(server));
    }

    [Fact]
    public async Task Of_two_that_want_the_same_part_one_gets_it()
    {
        await using var server = await UploadServer.Start();
        var (one, two, shared) = (await Part(server, [1]), await Part(server, [2]), await Part(server, [3]));
        var replies = await Task.WhenAll(Join(server, one, shared), Join(server, two, shared));
        Assert.Equal([201, 410], replies.Select(reply => (int)reply.StatusCode).Order());
        await Settle(server);
        Assert.Equal((2, 1, 1), await Space(server));
        Assert.Equal(2, server.Stage.Objects.Count());
    }

    [Fact]
    public async Task Unfinished_parts_make_nothing()
    {
        await using var server = await UploadServer.Start();
        var whole = await Part(server, [1, 2]);
        var half = await Begin(server, ("Upload-Length", "4"));
        var open = await Begin(server, ("Upload-Defer-Length", "1"));
        await Expect(409, Join(server, whole, half), "upload.unfinished-part");
        await Expect(409, Join(server, whole, open), "upload.unfinished-part");
        await Expect(204, server.Patch(half, 0, [1, 2]));
        await Expect(409, Join(server, whole, half), "upload.unfinished-part");
        await Expect(204, server.Patch(half, 2, [3, 4]));
        await Expect(204, server.Tus(HttpMethod.Patch, open.ToString(), [5], ("Upload-Offset", "0"), ("Upload-Length", "1")));
        await Expect(201, Join(server, whole, half, open));
        Assert.Equal((7, 0, 1), await Space(server));
    }

    [Fact]
    public async Task Others_parts_look_like_missing_ones_and_other_uploads_are_no_parts()
    {
        await using var server = await UploadServer.Start();
        var mine = await Part(server, [1]);
        var ravi = new AccountId(Guid.NewGuid());
        var theirs = (await Expect(201, server.Tus(
            ravi, HttpMethod.Post, "api/uploads", null, ("Upload-Length", "0"), ("Upload-Concat", "partial")))).Headers.Location!;
        await Expect(404, Join(server, mine, theirs), "upload.missing");
        await Expect(404, Join(server, mine, new Uri("/api/uploads/nothing", UriKind.Relative)), "upload.missing");
        var whole = (await Expect(201, server.Create(1, "a.bin", bytes: [1]))).Headers.Location!;
        await Expect(400, Join(server, mine, whole), "upload.not-a-part");
        var final = (await Expect(201, Join(server, mine))).Headers.Location!;
        await Expect(400, Join(server, final), "upload.not-a-part");
    }

    [Theory]
    [InlineData("")]
    [InlineData("full")]
    [InlineData("Partial")]
    [InlineData("final")]
    [InlineData("final;")]
    [InlineData("final; ")]
    [InlineData("final;x")]
    [InlineData("final;/api/uploads/")]
    [InlineData("final;/api/files/a")]
    [InlineData("final;/api/uploads/a /api/uploads/a")]
    public async Task A_wish_that_cannot_be_read_is_refused(string concat)
    {
        await using var server = await UploadServer.Start();
        await Expect(400, server.Tus(HttpMethod.Post, "api/uploads", null, ("Upload-Concat", concat)), "upload.bad-concat");
    }

    [Fact]
    public async Task A_final_upload_has_neither_length_nor_body_and_not_too_many_parts()
    {
        await using var server = await UploadServer.Start();
        var concat = ("Upload-Concat", $"final;{await Part(server, [1])}");
        await Expect(400, server.Tus(HttpMethod.Post, "api/uploads", null, concat, ("Upload-Length", "1")), "upload.bad-concat");
        await Expect(400, server.Tus(HttpMethod.Post, "api/uploads", null, concat, ("Upload-Defer-Length", "1")), "upload.bad-concat");
        await Expect(400, server.Tus(HttpMethod.Post, "api/uploads", [1], concat), "upload.bad-concat");
        var many = string.Join(' ', Enumerable.Range(0, UploadOptions.MaxParts + 1).Select(number => $"/api/uploads/{number}"));
        await Expect(400, server.Tus(HttpMethod.Post, "api/uploads", null, ("Upload-Concat", $"final;{many}")), "upload.too-many-parts");
        await Expect(201, server.Tus(HttpMethod.Post, "api/uploads", null, concat));
    }

    [Fact]
    public async Task Parts_hold_their_space_and_the_whole_needs_no_more()
    {
        await using var server = await UploadServer.Start();
        await server.Stage.Limit(server.Olga, 10);
        var parts = new[] { await Part(server, new byte[6]), await Part(server, new byte[4]) };
        await Expect(413, server.Tus(HttpMethod.Post, "api/uploads", null, ("Upload-Length", "1"), ("Upload-Concat", "partial")), "quota.exceeded");
        await Expect(201, Join(server, parts));
        Assert.Equal((10, 0, 1), await Space(server));
        await Expect(413, server.Create(1, "more.bin"), "quota.exceeded");
    }

    [Fact]
    public async Task Together_parts_are_no_larger_than_the_largest_file()
    {
        await using var server = await UploadServer.Start(UploadOptions.Default with { MaxFileBytes = 10 });
        await Expect(413, Join(server, await Part(server, new byte[6]), await Part(server, new byte[5])), "upload.too-large");
        Assert.Equal((0, 11, 0), await Space(server));
    }

    [Fact]
    public async Task Parts_of_which_nothing_is_made_in_time_go_away()
    {
        await using var server = await UploadServer.Start();
        var (whole, half) = (await Part(server, [1, 2]), await Begin(server, ("Upload-Length", "4")));
        await Expect(204, server.Patch(half, 0, [1]));
        foreach (var begun in server.Stage.Happened<UploadEvent.PartBegun>().ToList())
        {
            server.Stage.Now = begun.Until;
            await server.Do(new ExpireUpload(begun.Upload, begun.File, server.Olga));
        }

        await Settle(server);
        await Expect(410, Join(server, whole), "upload.ended");
        await Expect(410, server.Head(half));
        Assert.Equal((0, 0, 0), await Space(server));
        Assert.Empty(server.Stage.Objects);
    }

    [Fact]
    public async Task What_dies_while_parts_are_joined_has_changed_nothing()
    {
        await using var server = await UploadServer.Start();
        var parts = new[] { await Part(server, [1, 2]), await Part(server, [3]) };
        server.Stage.BeforeCommit = _ => throw new IOException("The database is away.");
        await Expect(500, Join(server, parts));
        server.Stage.BeforeCommit = _ => Task.CompletedTask;
        Assert.Equal((0, 3, 0), await Space(server));
        await Expect(201, Join(server, parts));
        Assert.Equal((3, 0, 1), await Space(server));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_dealt_with_as_the_client_chose()
    {
        await using var server = await UploadServer.Start();
        await Expect(202, server.Upload("a.bin", new byte[1]));
        await Expect(201, Named("newVersion", await Part(server, [1, 2])));
        await Expect(201, Named("rename", await Part(server, [1, 2])));
        await Expect(409, Named("fail", await Part(server, [1, 2])), "folders.name-taken");
        Assert.Equal(
            [("a.bin", 1), ("a.bin", 2), ("a (2).bin", 1)],
            server.Stage.Happened<UploadEvent.Completed>().Select(file => (file.Name, file.Version)));

        Task<HttpResponseMessage> Named(string onConflict, Uri part) => server.Tus(
            HttpMethod.Post, "api/uploads", null, ("Upload-Concat", $"final;{part}"),
            ("Upload-Metadata", $"filename {Base64("a.bin")},onConflict {Base64(onConflict)}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_digest_of_the_whole_is_compared(bool isRight)
    {
        await using var server = await UploadServer.Start();
        var part = await Part(server, [1, 2]);
        var digest = Convert.ToBase64String(SHA256.HashData(isRight ? [1, 2] : [1]));
        await Expect(
            isRight ? 201 : 400,
            server.Tus(HttpMethod.Post, "api/uploads", null, ("Upload-Concat", $"final;{part}"), ("Repr-Digest", $"sha-256=:{digest}:")),
            isRight ? null : "upload.digest-mismatch");
        Assert.Equal(isRight ? (2, 0, 1) : (0, 2, 0), await Space(server));
    }

    private static Task<HttpResponseMessage> Join(UploadServer server, params Uri[] parts) => server.Tus(
        HttpMethod.Post, "api/uploads", null,
        ("Upload-Concat", $"final;{string.Join(' ', parts.Select((part, at) => at % 2 == 0 ? part.ToString() : new Uri(server.Address, part).ToString()))}"),
        ("Upload-Metadata", $"filename {Base64("whole.bin")}"));

    private static async Task<Uri> Part(UploadServer server, byte[] bytes)
    {
        var part = await Begin(server, ("Upload-Length", $"{bytes.Length}"));
        if (bytes.Length > 0)
            Assert.False((await Expect(204, server.Patch(part, 0, bytes))).Headers.Contains("File-Id"));
        return part;
    }

    private static async Task<Uri> Begin(UploadServer server, (string, string) length) => (await Expect(201, server.Tus(
        HttpMethod.Post, "api/uploads", null, length, ("Upload-Concat", "partial")))).Headers.Location!;

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private static string One(HttpResponseMessage reply, string header) => Assert.Single(reply.Headers.GetValues(header));
}
