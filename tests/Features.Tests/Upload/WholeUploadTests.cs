using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFiles.Features.Quota;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Upload;

public sealed class WholeUploadTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public async Task A_small_file_is_one_fact()
    {
        await using var server = await UploadServer.Start();
        var reply = await Expect(202, server.Upload("a.txt", "hello"u8.ToArray()));
        var file = (await Json(reply)).GetProperty("file");

        Assert.Equal($"/api/files/{file.GetProperty("id").GetString()}", reply.Headers.Location?.ToString());
        Assert.Equal("text/plain", file.GetProperty("contentType").GetString());
        Assert.Equal("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", file.GetProperty("sha256").GetString());
        Assert.IsType<UploadEvent.Completed>(Assert.Single(server.Stage.Happened<UploadEvent>()));
        Assert.Equal((5, 0, 1), await Space(server));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Space_for_a_large_file_is_set_aside_before_its_bytes_are_taken(bool chunked)
    {
        await using var server = await UploadServer.Start();
        var bytes = RandomNumberGenerator.GetBytes(20 * MiB);
        await Expect(202, server.Upload("large.bin", bytes, chunked));

        var facts = server.Stage.Log.Select(happened => happened.Fact.GetType().Name).ToList();
        Assert.Equal(["Begun", "Reserved"], facts[..2]);
        Assert.Equal(["Completed", "Charged"], facts[^2..]);
        Assert.Equal((20 * MiB, 0, 1), await Space(server));
        Assert.Equal(bytes, server.Stage.Content(Assert.Single(server.Stage.Objects)));
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(100, true)]
    [InlineData(3 * MiB, false)]
    [InlineData(3 * MiB, true)]
    public async Task The_last_byte_is_taken_and_not_one_more(int bytes, bool chunked)
    {
        await using var server = await UploadServer.Start();
        await server.Stage.Limit(server.Olga, bytes);
        await Expect(507, server.Upload("more.bin", new byte[bytes + 1], chunked));
        await Expect(202, server.Upload("just.bin", new byte[bytes], chunked));
        await Expect(507, server.Upload("one.bin", new byte[1], chunked));
        await Settle(server);
        Assert.Equal((bytes, 0, 1), await Space(server));
        Assert.Single(server.Stage.Objects);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(2 * MiB)]
    public async Task Many_at_once_never_take_more_than_there_is(int bytes)
    {
        await using var server = await UploadServer.Start();
        await server.Stage.Limit(server.Olga, (5L * bytes) + bytes - 1);
        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => server.Upload("same.bin", new byte[bytes])));
        await Settle(server);

        Assert.Equal(5, replies.Count(reply => (int)reply.StatusCode == 202));
        Assert.Equal(11, replies.Count(reply => (int)reply.StatusCode == 507));
        Assert.Equal((5 * bytes, 0, 5), await Space(server));
        Assert.Equal(5, server.Stage.Objects.Count());
        Assert.Equal(5, server.Stage.Happened<UploadEvent.Completed>().Select(done => done.Name).Distinct().Count());
    }

    [Theory]
    [InlineData(3000, false)]
    [InlineData(3000, true)]
    [InlineData(3 * MiB, false)]
    [InlineData(3 * MiB, true)]
    public async Task A_file_that_is_too_large_leaves_nothing_behind(int bytes, bool chunked)
    {
        await using var server = await UploadServer.Start(UploadOptions.Default with { MaxFileBytes = 2999 });
        await Expect(413, server.Upload("a.bin", new byte[bytes], chunked), "upload.too-large");
        await NothingIsLeft(server);
        await Expect(202, server.Upload("a.bin", new byte[2999], chunked));
    }

    [Theory]
    [InlineData("x.bin", "text/html", "plain")]
    [InlineData("x.bin", null, "\u007fELF is what a program begins with")]
    [InlineData("x.html", null, "plain")]
    public async Task A_type_that_is_refused_leaves_nothing_behind(string name, string? type, string text)
    {
        await using var server = await UploadServer.Start(UploadOptions.Default with
        {
            RefusedTypes = new HashSet<string> { "text/*", "application/x-executable" },
        });
        await Expect(415, server.Upload(name, Encoding.UTF8.GetBytes(text), type: type), "upload.type-refused");
        await Expect(415, server.Upload(name, Encoding.UTF8.GetBytes(text.PadRight(3 * MiB)), type: type), "upload.type-refused");
        await NothingIsLeft(server);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(3_000_000)]
    public async Task A_cut_connection_leaves_nothing_behind(int sent)
    {
        await using var server = await UploadServer.Start();
        using (var line = new TcpClient(server.Address.Host, server.Address.Port))
        {
            var stream = line.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /api/upload HTTP/1.1\r\nHost: x\r\nAccount: {server.Olga}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                + "Content-Length: 9000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut.bin\"\r\n\r\n"),
                Cancel);
            await stream.WriteAsync(new byte[sent], Cancel);
            await Until(() => server.Stage.Happened<UploadEvent.Begun>().Any());
        }

        await Until(() => server.Stage.Happened<UploadEvent.Abandoned>().Any());
        await NothingIsLeft(server);
    }

    [Fact]
    public async Task A_second_file_in_the_form_leaves_nothing_of_the_first_behind()
    {
        await using var server = await UploadServer.Start();
        using var client = server.Client(server.Olga);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[10]), "file", "a" }, { new ByteArrayContent(new byte[10]), "file", "b" } };
        await Expect(400, client.PostAsync("api/upload", form, Cancel), "upload.two-files");
        await NothingIsLeft(server);
    }

    [Fact]
    public async Task A_folder_named_after_the_file_counts()
    {
        await using var server = await UploadServer.Start();
        using var client = server.Client(server.Olga);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[10]), "file", "a" }, { new StringContent(Guid.NewGuid().ToString()), "folderId" } };
        await Expect(404, client.PostAsync("api/upload", form, Cancel), "folders.missing");
        await NothingIsLeft(server);
    }

    [Fact]
    public async Task A_body_that_is_no_form_is_told_so()
    {
        await using var server = await UploadServer.Start();
        using var client = server.Client(server.Olga);
        await Expect(415, client.PostAsync("api/upload", new StringContent("{}", Encoding.UTF8, "application/json"), Cancel), "upload.not-multipart");
        await Expect(415, client.PostAsync("api/upload", null, Cancel), "upload.not-multipart");
        await NothingIsLeft(server);
    }

    [Fact]
    public async Task A_taken_name_gets_a_number_or_is_refused()
    {
        await using var server = await UploadServer.Start();
        await Expect(202, server.Upload("a.txt", new byte[1]));
        var second = await Json(await Expect(202, server.Upload("A.txt", new byte[1])));
        Assert.Equal("A (2).txt", second.GetProperty("file").GetProperty("name").GetString());
        await Expect(409, server.Upload("a.txt", new byte[1], onConflict: "fail"), "folders.name-taken");
        Assert.Equal(2, server.Stage.Objects.Count());
    }

    [Fact]
    public async Task Uploads_of_the_next_version_at_once_each_get_their_number()
    {
        await using var server = await UploadServer.Start();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n =>
            Expect(202, server.Upload("a.bin", new byte[n % 2 == 0 ? 10 : 2 * MiB], onConflict: "newVersion"))));

        var done = server.Stage.Happened<UploadEvent.Completed>().ToList();
        Assert.Single(done.Select(version => version.File).Distinct());
        Assert.Equal(Enumerable.Range(1, 8), done.Select(version => version.Version));
        Assert.Equal((40 + (4 * 2 * MiB), 0, 1), await Space(server));
        Assert.Equal(
            server.Stage.Happened<UploadEvent.Begun>().Count(begun => begun.File != done[0].File),
            server.Stage.Happened<UploadEvent.Redirected>().Count());
    }

    [Theory]
    [InlineData("rename", false)]
    [InlineData("newVersion", false)]
    [InlineData("rename", true)]
    [InlineData("newVersion", true)]
    public async Task Bytes_that_were_given_up_for_lost_before_the_commit_never_become_a_file(string onConflict, bool tus)
    {
        await using var server = await UploadServer.Start();
        await Expect(202, server.Upload("a.bin", new byte[7]));
        server.Stage.AfterPut = async key => Assert.Null(await server.Uploads.Disown(key.AsRaw()!.Value, Cancel));

        await Expect(
            410,
            tus ? server.Create(10, "a.bin", onConflict, new byte[10]) : server.Upload("a.bin", new byte[10], onConflict: onConflict),
            "upload.ended");
        await Settle(server);
        Assert.Single(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Single(server.Stage.Objects);
        Assert.Equal((7, 0, 1), await Space(server));
    }

    [Theory]
    [InlineData("rename")]
    [InlineData("newVersion")]
    public async Task Of_all_bytes_their_uploads_own_stream_tells(string onConflict)
    {
        await using var server = await UploadServer.Start();
        await Expect(202, server.Upload("a.bin", new byte[7]));
        await Expect(202, server.Upload("a.bin", new byte[8], onConflict: onConflict));
        await Expect(202, server.Upload("a.bin", new byte[2 * MiB], onConflict: onConflict));
        await Expect(201, server.Create(9, "a.bin", onConflict, new byte[9]));
        var later = (await Expect(201, server.Create(2 * MiB, "a.bin", onConflict))).Headers.Location!;
        await Expect(204, server.Patch(later, 0, new byte[10]));

        Assert.Equal(5, server.Stage.Objects.Count());
        foreach (var key in server.Stage.Objects)
        {
            Assert.NotEmpty(await server.Stage.Read($"upload-{key.AsRaw()}", 0, Cancel).ToListAsync(Cancel));
            Assert.Equal("upload.not-lost", (await server.Uploads.Disown(key.AsRaw()!.Value, Cancel))?.Code);
        }
    }

    [Fact]
    public async Task Bytes_that_may_be_a_file_by_now_are_not_removed()
    {
        await using var server = await UploadServer.Start();
        server.Stage.BeforeCommit = _ => throw new IOException("The answer to the commit was lost.");
        await Expect(500, server.Upload("a.bin", new byte[10]));
        Assert.Single(server.Stage.Objects);
    }

    [Fact]
    public async Task A_slow_upload_keeps_its_space_and_a_dead_one_loses_it()
    {
        await using var server = await UploadServer.Start();
        var stage = server.Stage;
        using var line = new TcpClient(server.Address.Host, server.Address.Port);
        var stream = line.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/upload HTTP/1.1\r\nHost: x\r\nAccount: {server.Olga}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            + "Content-Length: 2000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"slow.bin\"\r\n\r\n"),
            Cancel);
        await Until(() => stage.Happened<UploadEvent.Begun>().Any());
        var begun = stage.Happened<UploadEvent.Begun>().Single();
        var expiry = new ExpireUpload(begun.Upload, begun.File, server.Olga);

        stage.Now += TimeSpan.FromMinutes(1);
        await stream.WriteAsync(new byte[1000], Cancel);
        await Until(() => stage.Happened<UploadEvent.Extended>().Any());
        stage.Now = begun.Until;
        await server.Do(expiry);
        Assert.Empty(stage.Happened<UploadEvent.Abandoned>());

        stage.Now = stage.Happened<UploadEvent.Extended>().Last().Until;
        await server.Do(expiry);
        await server.Do(expiry);
        Assert.Equal("expired", Assert.Single(stage.Happened<UploadEvent.Abandoned>()).Reason);
        Assert.Equal((0, 0, 0), await Space(server));
    }

    internal static async Task<HttpResponseMessage> Expect(int status, Task<HttpResponseMessage> asked, string? code = null)
    {
        var reply = await asked;
        Assert.True(status == (int)reply.StatusCode, $"{(int)reply.StatusCode}: {await reply.Content.ReadAsStringAsync(Cancel)}");
        if (code is not null)
            Assert.Equal(Http.ProblemPrefix + code, (await Json(reply)).GetProperty("type").GetString());
        return reply;
    }

    internal static async Task<(long Used, long Reserved, int Files)> Space(UploadServer server)
    {
        var balance = await server.Stage.Balance(server.Olga);
        return (balance.UsedBytes, balance.ReservedBytes, balance.Files);
    }

    /// <summary>What follows from the facts has been done, and done again.</summary>
    internal static async Task Settle(UploadServer server)
    {
        foreach (var hearing in UploadSlice.Define().Hearings)
        {
            foreach (var happened in server.Stage.Log.Where(happened => happened.Fact.GetType() == hearing.Fact))
            {
                if (hearing.Follow(happened) is not { } work)
                    continue;
                await server.Do(work);
                await server.Do(work);
            }
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task Until(Func<bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        while (!holds())
            await Task.Delay(10, patience.Token);
    }

    private static async Task NothingIsLeft(UploadServer server)
    {
        await Settle(server);
        Assert.Equal((0, 0, 0), await Space(server));
        Assert.Empty(server.Stage.Objects);
        Assert.Equal(
            server.Stage.Happened<UploadEvent.Begun>().Select(begun => begun.Upload),
            server.Stage.Happened<UploadEvent.Abandoned>().Select(ended => ended.Upload));
    }

    private static async Task<JsonElement> Json(HttpResponseMessage reply) =>
        JsonDocument.Parse(await reply.Content.ReadAsStringAsync(Cancel)).RootElement;
}
