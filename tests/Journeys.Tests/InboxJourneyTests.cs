using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Links by which anybody brings files into a folder, and learns nothing of it.</summary>
public sealed class InboxJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task By_a_link_into_a_folder_files_are_brought_and_nothing_is_learnt_or_replaced()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var papers = await Folder(olga, "Secret project");
        await olga.Upload("plan.txt", new byte[10], null, ("folderId", $"{papers}")).Expect(202);
        await ravi.Post($"api/folders/{papers}/links", new { access = "upload" }).Problem(404, "folders.not-found");
        await olga.Post($"api/folders/{papers}/links").Problem(422, "validation");
        await olga.Post($"api/folders/{olga.Id}/links", new { access = "upload" }).Problem(409, "share.root");
        var made = await olga.Post($"api/folders/{papers}/links", new { access = "upload", title = "Your photos", qrCode = true }).Expect(201).Json();
        Assert.EndsWith($"/l/{made.GetProperty("token").GetString()}", made.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Contains("<svg", made.GetProperty("qrCode").GetString(), StringComparison.Ordinal);
        var link = PathOf(made);

        using var anybody = Anybody();
        var seen = await anybody.GetAsync(link).Expect(200).Json();
        Assert.Equal("Your photos", seen.GetProperty("name").GetString());
        Assert.Equal("upload", seen.GetProperty("access").GetString());
        Assert.DoesNotContain("Secret", seen.GetRawText(), StringComparison.Ordinal);
        foreach (var name in new[] { "plan.txt", "dusk.jpg", "dusk.jpg" })
        {
            var brought = await Bring(anybody, link, name, Samples.Picture).Expect(201).Json();
            Assert.Equal(["name", "size"], brought.EnumerateObject().Select(field => field.Name));
            Assert.Equal(name, brought.GetProperty("name").GetString());
        }

        await Bring(anybody, link, "nothing.txt", []).Expect(201);
        Assert.Equal(
            ["dusk (1).jpg", "dusk.jpg", "nothing.txt", "plan (1).txt", "plan.txt"], (await Children(olga, papers)).Order(StringComparer.Ordinal));
        Assert.Equal((10L + Samples.Picture.Length, 0L, 5), await olga.Quota());
        await anybody.GetAsync($"{link}/content").Problem(403, "share.link-for-uploads");
        await anybody.GetAsync($"{link}/thumbnail").Problem(403, "share.link-for-uploads");
        await anybody.GetAsync($"api/folders/{papers}/children").Expect(401);
        await Bring(anybody, link, "a.txt", new byte[1], ("folderId", $"{olga.Id}")).Problem(422, "upload.bad-field");
        await Bring(anybody, link, "../a.txt", new byte[1]).Problem(422, "validation");
        // The secret is in the path; the log tells what was refused, and not to which link.
        await olga.Until("api/quota", _ => fixture.Server.Log.Contains("share.link-for-uploads", StringComparison.Ordinal));
        Assert.Contains("\"TraceId\"", fixture.Server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(made.GetProperty("token").GetString()!, fixture.Server.Log, StringComparison.Ordinal);

        // Pictures that were brought are worked on as her own are.
        var picture = (await olga.Read($"api/folders/{papers}/children")).GetProperty("items").EnumerateArray()
            .First(item => item.GetProperty("name").GetString() == "dusk.jpg").Id();
        Assert.Equal("ready", (await olga.Settled(picture)).GetProperty("status").GetString());
        var ofFolder = Assert.Single((await olga.Read($"api/folders/{papers}/links")).GetProperty("items").EnumerateArray());
        var own = Assert.Single((await olga.Read("api/shared-by-me/links")).GetProperty("items").EnumerateArray());
        foreach (var told in new[] { ofFolder, own })
            Assert.Equal((made.Id(), "upload", 4), (told.Id(), told.GetProperty("access").GetString(), told.GetProperty("uploads").GetInt32()));
    }

    [Fact]
    public async Task Sixty_four_at_once_bring_exactly_as_many_files_as_a_link_takes()
    {
        using var olga = await Somebody("Olga");
        using var anybody = Anybody();
        var papers = await Folder(olga, "Papers");
        var made = await olga.Post($"api/folders/{papers}/links", new { access = "upload", maxUploads = 10 }).Expect(201).Json();
        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(one =>
            Bring(anybody, PathOf(made), "same.bin", [(byte)one, 1, 2])));

        Assert.Equal(10, replies.Count(reply => (int)reply.StatusCode == 201));
        Assert.Equal(54, replies.Count(reply => (int)reply.StatusCode == 410));
        Assert.Equal(10, (await Children(olga, papers)).Distinct().Count());
        Assert.Equal((30L, 0L, 10), await olga.Quota());
        await anybody.GetAsync(PathOf(made)).Problem(410, "share.link-ended");
    }

    [Fact]
    public async Task A_link_into_a_folder_asks_for_its_password_and_takes_nothing_more_once_it_is_over()
    {
        using var olga = await Somebody("Olga");
        var papers = await Folder(olga, "Papers");
        var made = await olga.Post($"api/folders/{papers}/links", new { access = "upload", password = "open sesame" }).Expect(201).Json();
        var link = PathOf(made);
        using var anybody = Anybody();
        await anybody.GetAsync(link).Problem(401, "share.link-password-needed");
        await Bring(anybody, link, "a.txt", new byte[3]).Problem(401, "share.link-password-needed");
        anybody.DefaultRequestHeaders.Add("Link-Password", "wrong");
        await Bring(anybody, link, "a.txt", new byte[3]).Problem(401, "share.link-password-wrong");
        anybody.DefaultRequestHeaders.Remove("Link-Password");
        anybody.DefaultRequestHeaders.Add("Link-Password", "open sesame");
        await Bring(anybody, link, "a.txt", new byte[3]).Expect(201);

        // While the folder lies in the trash its link leads nowhere.
        await olga.Delete($"api/folders/{papers}?recursive=true").Expect(202);
        await Bring(anybody, link, "b.txt", new byte[3]).Problem(404, "share.no-such-link");
        await olga.Post($"api/folders/{papers}/restore").Expect(200);
        await Bring(anybody, link, "b.txt", new byte[4]).Expect(201);

        // A file that is on its way when the link is taken back is not taken either.
        using var slow = new Halved(new byte[100_000]);
        var arriving = Bring(anybody, link, "c.bin", slow);
        await slow.Half;
        await olga.Delete($"api/links/{made.Id()}").Expect(204);
        slow.GoOn();
        await arriving.Problem(404, "share.no-such-link");
        await Bring(anybody, link, "d.txt", new byte[3]).Problem(404, "share.no-such-link");
        Assert.Empty((await olga.Read($"api/folders/{papers}/links")).GetProperty("items").EnumerateArray());
        Assert.Equal(["a.txt", "b.txt"], await Children(olga, papers));
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 7 && quota.GetProperty("reservedBytes").GetInt64() == 0);
    }

    [Fact]
    public async Task What_is_too_large_for_the_link_or_its_owner_is_refused_and_nothing_of_it_is_stored()
    {
        using var olga = await Somebody("Olga");
        using var anybody = Anybody();
        var papers = await Folder(olga, "Papers");
        var file = await olga.Keep("notes.txt", new byte[5]);
        await olga.Post($"api/files/{file}/links", new { access = "upload" }).Problem(422, "share.only-into-folders");
        var reading = await olga.Post($"api/files/{file}/links", new { access = "download" }).Expect(201).Json();
        await Bring(anybody, PathOf(reading), "a.txt", new byte[3]).Problem(403, "share.link-not-for-uploads");
        Assert.Equal("download", (await anybody.GetAsync(PathOf(reading)).Expect(200).Json()).GetProperty("access").GetString());

        var limited = await olga.Post($"api/folders/{papers}/links", new { access = "upload", maxFileBytes = 100 }).Expect(201).Json();
        await Bring(anybody, PathOf(limited), "large.bin", new byte[101]).Problem(413, "upload.too-large");
        await Bring(anybody, PathOf(limited), "just.bin", new byte[100]).Expect(201);
        await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 3_000_000 }).Expect(200);
        var free = await olga.Post($"api/folders/{papers}/links", new { access = "upload" }).Expect(201).Json();
        await Bring(anybody, PathOf(free), "larger.bin", new byte[4_000_000]).Problem(507, "quota.exceeded");
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 105 && quota.GetProperty("reservedBytes").GetInt64() == 0);
        Assert.Equal(["just.bin"], await Children(olga, papers));
    }

    private static string PathOf(JsonElement link) => $"api/links/{link.GetProperty("token").GetString()}";

    private static async Task<Guid> Folder(Person owner, string name) =>
        (await owner.Post("api/folders", new { name }).Expect(201).Json()).Id();

    private static async Task<string[]> Children(Person who, Guid folder) =>
        [.. (await who.Read($"api/folders/{folder}/children")).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    private static Task<HttpResponseMessage> Bring(
        HttpClient by, string link, string name, byte[] content, params (string Name, string Value)[] fields) =>
        Bring(by, link, name, new ByteArrayContent(content), fields);

    private static async Task<HttpResponseMessage> Bring(
        HttpClient by, string link, string name, HttpContent content, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        foreach (var field in fields)
            form.Add(new StringContent(field.Value), field.Name);
        form.Add(content, "file", name);
        return await by.PostAsync($"{link}/files", form);
    }

    // What was written shows in the next read, however busy the machine is.
    private HttpClient Anybody() => new() { BaseAddress = fixture.Server.Address, DefaultRequestHeaders = { { "Prefer", "wait=60" } } };

    private Task<Person> Somebody(string name) => Person.Register(fixture.Server.Address, name);

    /// <summary>Content that stops in its middle until it is told to go on.</summary>
    private sealed class Halved(byte[] bytes) : HttpContent
    {
        private readonly TaskCompletionSource half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The first half is on its way.</summary>
        public Task Half => half.Task;

        public void GoOn() => goOn.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await stream.FlushAsync();
            half.TrySetResult();
            await goOn.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length / 2));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
