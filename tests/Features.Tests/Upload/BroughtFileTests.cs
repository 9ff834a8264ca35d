using System.Net;
using System.Text.Json;
using EventFiles.Features.Share;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Upload;

/// <summary>What anybody brings by a link.</summary>
public sealed class BroughtFileTests
{
    private const long Larger = UploadOptions.SmallBytes + 1;

    [Fact]
    public async Task What_is_brought_is_the_owners_and_counted_with_it()
    {
        await using var server = await Opened();
        await Expect(201, server.Bring("a.txt", new byte[7]));
        await Expect(201, server.Bring("nothing.txt", []));

        var whole = server.Stage.Happened<UploadEvent.Completed>().ToList();
        Assert.Equal([("a.txt", 7L), ("nothing.txt", 0L)], whole.Select(done => (done.Name, done.SizeBytes)));
        Assert.All(whole, done => Assert.Equal(FolderId.RootOf(server.Olga), done.Folder));
        Assert.All(server.Stage.Owners.Values, owner => Assert.Equal(server.Olga, owner));
        Assert.Equal(
            whole.Select((done, number) => (done.File, number + 1)),
            server.Stage.Happened<InboxEvent.Received>().Select(received => (received.File, received.Uploads)));
        Assert.Equal((7L, 0L, 2), await Space(server));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_neither_replaced_nor_told_of()
    {
        await using var server = await Opened();
        await server.Upload("plan.txt", new byte[3]);
        var brought = await Expect(201, server.Bring("plan.txt", new byte[4]));

        Assert.Equal("""{"name":"plan.txt","size":4}""", await brought.Content.ReadAsStringAsync());
        Assert.Null(brought.Headers.Location);
        Assert.Equal(["plan.txt", "plan (2).txt"], server.Stage.Happened<UploadEvent.Completed>().Select(done => done.Name));
        Assert.All(server.Stage.Happened<UploadEvent.Completed>(), done => Assert.Equal(1, done.Version));
    }

    [Theory]
    [InlineData("folderId", "0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47")]
    [InlineData("fileId", "0197c2a4-6f1e-7c3a-9d52-3b8f6a1e2c47")]
    [InlineData("onConflict", "newVersion")]
    [InlineData("onConflict", "fail")]
    public async Task Whoever_brings_a_file_says_nothing_of_its_place(string field, string value)
    {
        await using var server = await Opened();
        await Expect(422, server.Bring("a.txt", new byte[3], fields: (field, value)), "upload.bad-field");
        await NothingIsLeft(server);
    }

    [Theory]
    [InlineData(5001, false)]
    [InlineData(5001, true)]
    [InlineData(100_000, false)]
    public async Task Larger_than_the_link_takes_leaves_nothing_behind(int bytes, bool chunked)
    {
        await using var server = await Opened();
        await Expect(413, server.Bring("a.bin", new byte[bytes], chunked), "upload.too-large");
        await NothingIsLeft(server);
        await Expect(201, server.Bring("a.bin", new byte[5000], chunked));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_owner_has_no_room_for_leaves_nothing_behind(bool chunked)
    {
        await using var server = await Opened();
        await server.Stage.Limit(server.Olga, 100);
        await Expect(507, server.Bring("a.bin", new byte[101], chunked), "quota.exceeded");
        await NothingIsLeft(server);
    }

    [Fact]
    public async Task No_more_come_than_the_link_takes_however_many_come_at_once()
    {
        await using var server = await Opened(maxUploads: 5);
        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => server.Bring("same.bin", new byte[10])));

        Assert.Equal(5, replies.Count(reply => (int)reply.StatusCode == 201));
        Assert.Equal(59, replies.Count(reply => (int)reply.StatusCode == 410));
        Assert.Equal((50L, 0L, 5), await Space(server));
        Assert.Equal(5, server.Stage.Objects.Count());
    }

    [Fact]
    public async Task A_link_that_is_taken_back_meanwhile_takes_nothing()
    {
        await using var server = await Opened();
        server.Stage.AfterPut = _ => server.Inbox.Close(server.Stage);
        await Expect(404, server.Bring("a.bin", new byte[10]), "share.no-such-link");
        await NothingIsLeft(server);
    }

    [Fact]
    public async Task What_a_visitor_says_sets_nothing_aside_and_a_link_that_is_taken_back_breaks_off_what_comes()
    {
        await using var server = await Opened(maxFileBytes: null);
        using var client = server.Client(new AccountId(Guid.NewGuid()));
        using var slow = new SlowForm(50 << 20);
        var reply = client.PostAsync($"api/links/{StageInbox.Token}/files", slow);
        await server.Inbox.Asked.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((0L, 0L, 0), await Space(server));

        await server.Inbox.Close(server.Stage);
        // The server answers and hangs up; who is still sending may learn of the second alone.
        await Task.WhenAny(reply).WaitAsync(TimeSpan.FromMinutes(1));
        if (reply.IsCompletedSuccessfully)
            await Expect(404, reply, "share.no-such-link");
        Assert.IsNotType<TaskCanceledException>(reply.Exception?.InnerException);
        await NothingIsLeft(server);
    }

    [Fact]
    public async Task Without_a_link_nothing_is_taken()
    {
        await using var server = await Opened();
        await Expect(404, server.Bring("a.bin", new byte[Larger], token: "another"), "share.no-such-link");
        await NothingIsLeft(server);
    }

    private static async Task<UploadServer> Opened(int? maxUploads = null, long? maxFileBytes = 5000)
    {
        var server = await UploadServer.Start();
        await server.Inbox.Open(server.Stage, maxUploads, maxFileBytes);
        return server;
    }

    private static async Task<(long Used, long Reserved, int Files)> Space(UploadServer server)
    {
        var balance = await server.Stage.Balance(server.Olga);
        return (balance.UsedBytes, balance.ReservedBytes, balance.Files);
    }

    private static async Task NothingIsLeft(UploadServer server)
    {
        Assert.Empty(server.Stage.Objects);
        Assert.Empty(server.Stage.Happened<UploadEvent.Completed>());
        Assert.Empty(server.Stage.Happened<InboxEvent.Received>());
        Assert.Equal((0L, 0L, 0), await Space(server));
    }

    private static async Task<HttpResponseMessage> Expect(int status, Task<HttpResponseMessage> asked, string? code = null)
    {
        var reply = await asked;
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True((int)reply.StatusCode == status, $"{(int)reply.StatusCode} {text}");
        if (code is not null)
            Assert.Equal($"urn:eventfiles:problem:{code}", JsonDocument.Parse(text).RootElement.GetProperty("type").GetString());
        return reply;
    }

    // A file that comes byte by byte and would take for ever, whatever its length is said to be.
    private sealed class SlowForm : HttpContent
    {
        private readonly long length;

        public SlowForm(long length)
        {
            this.length = length;
            Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n\r\n"u8.ToArray(), cancellationToken);
            using var next = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (await next.WaitForNextTickAsync(cancellationToken))
            {
                await stream.WriteAsync(new byte[64], cancellationToken);
                await stream.FlushAsync(cancellationToken);
            }
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override bool TryComputeLength(out long length)
        {
            length = this.length;
            return true;
        }
    }
}
