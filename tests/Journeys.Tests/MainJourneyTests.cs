using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>The whole main job over HTTP, one chapter a test.</summary>
public sealed class MainJourneyTests(ServerFixture fixture)
{
    private Task<Person> Somebody(string name) => Person.Register(fixture.Server.Address, name);

    [Fact]
    public async Task A_picture_becomes_ready_with_its_variants()
    {
        using var olga = await Somebody("Olga");
        var reply = await (await olga.Upload("Dusk.jpg", Samples.Picture, "image/jpeg")).Expect(202);
        var uploaded = await reply.Json();

        Assert.NotEmpty(uploaded.GetProperty("jobs").EnumerateArray());
        Assert.Matches("^[1-9][0-9]*$", Assert.Single(reply.Headers.GetValues("Event-Position")));
        var file = uploaded.GetProperty("file");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Samples.Picture)), file.GetProperty("sha256").GetString());

        Assert.Equal("ready", (await olga.Settled(file.Id())).GetProperty("status").GetString());
        var variants = (await olga.Read($"api/files/{file.Id()}")).GetProperty("variants").EnumerateArray().ToList();
        Assert.Contains(variants, variant => variant.GetProperty("name").GetString() == "thumbnail");
        Assert.Contains(variants, variant => variant.GetProperty("contentType").GetString() == "image/webp");
        foreach (var variant in variants.Where(variant => variant.GetProperty("name").GetString() != "metadata"))
        {
            var bytes = await (await olga.Get($"api/files/{file.Id()}/variants/{variant.GetProperty("name").GetString()}")).Expect(200);
            Assert.Equal(variant.GetProperty("size").GetInt64(), (await bytes.Content.ReadAsByteArrayAsync()).Length);
            Assert.InRange(variant.GetProperty("width").GetInt32(), 1, 3000);
        }

        var thumbnail = variants.First(variant => variant.GetProperty("name").GetString() == "thumbnail");
        Assert.Equal(300, Math.Max(thumbnail.GetProperty("width").GetInt32(), thumbnail.GetProperty("height").GetInt32()));
    }

    [Fact]
    public async Task A_pdf_gets_a_picture_of_its_first_page()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("Report.pdf", Samples.Pdf, "application/pdf");

        Assert.Equal("ready", (await olga.Settled(file)).GetProperty("status").GetString());
        Assert.Equal(
            ["metadata", "pdf_thumbnail", "text"],
            (await olga.Read($"api/files/{file}")).GetProperty("variants").EnumerateArray().Select(variant => variant.GetProperty("name").GetString()).Order());
        var picture = await (await olga.Get($"api/files/{file}/variants/pdf_thumbnail")).Expect(200);
        Assert.Equal([0xff, 0xd8], (await picture.Content.ReadAsByteArrayAsync())[..2]);
    }

    [Fact]
    public async Task What_comes_back_is_what_was_sent_whole_and_in_ranges()
    {
        using var olga = await Somebody("Olga");
        var content = RandomNumberGenerator.GetBytes(300_000);
        var file = await olga.Keep("random.bin", content);

        var whole = await (await olga.Get($"api/files/{file}/content")).Expect(200);
        Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal("nosniff", Assert.Single(whole.Headers.GetValues("X-Content-Type-Options")));

        foreach (var (range, expected) in new[]
        {
            (new RangeHeaderValue(0, 0), content[..1]),
            (new RangeHeaderValue(1000, 1999), content[1000..2000]),
            (new RangeHeaderValue(299_999, null), content[^1..]),
            (new RangeHeaderValue(null, 500), content[^500..]),
        })
        {
            using var asks = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content") { Headers = { Range = range } };
            var part = await (await olga.Http.SendAsync(asks)).Expect(206);
            Assert.Equal(expected, await part.Content.ReadAsByteArrayAsync());
        }

        using var beyond = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content") { Headers = { Range = new RangeHeaderValue(300_000, null) } };
        var none = await olga.Http.SendAsync(beyond);
        await none.Problem(416, "status-416");
        Assert.Equal(300_000, none.Content.Headers.ContentRange!.Length);

        using var known = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content") { Headers = { IfNoneMatch = { whole.Headers.ETag! } } };
        await (await olga.Http.SendAsync(known)).Expect(304);
    }

    [Fact]
    public async Task Whom_the_owner_lets_in_may_read_and_nobody_else()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var file = await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        await (await ravi.Get($"api/files/{file}")).Problem(404, "files.not-found");
        await (await ravi.Get($"api/files/{Guid.CreateVersion7()}")).Problem(404, "files.not-found");

        var share = await (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201).Json();
        Assert.Equal(Samples.Text, await ravi.Http.GetByteArrayAsync($"api/files/{file}/content"));
        Assert.Equal(file, Assert.Single((await ravi.Read("api/shared-with-me")).GetProperty("items").EnumerateArray()).GetProperty("file").Id());
        Assert.Equal(403, (int)(await ravi.Patch($"api/files/{file}", new { name = "mine.txt" })).StatusCode);
        Assert.Equal(403, (int)(await ravi.Delete($"api/files/{file}")).StatusCode);

        await (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" })).Expect(201);
        await (await ravi.Patch($"api/files/{file}", new { name = "ours.txt" })).Expect(200);

        await (await olga.Delete($"api/shares/{share.Id()}")).Expect(204);
        await (await ravi.Get($"api/files/{file}")).Problem(404, "files.not-found");
    }

    [Fact]
    public async Task A_link_opens_with_its_password_as_often_as_was_said()
    {
        using var olga = await Somebody("Olga");
        using var anybody = new HttpClient { BaseAddress = fixture.Server.Address };
        var file = await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        var link = await (await olga.Post($"api/files/{file}/links", new { password = "open sesame", maxDownloads = 2 })).Expect(201).Json();
        var path = $"api/links/{link.GetProperty("token").GetString()}";

        Assert.Equal(401, (int)(await anybody.GetAsync($"{path}/content")).StatusCode);
        anybody.DefaultRequestHeaders.Add("Link-Password", "wrong");
        Assert.Equal(401, (int)(await anybody.GetAsync($"{path}/content")).StatusCode);
        anybody.DefaultRequestHeaders.Remove("Link-Password");
        anybody.DefaultRequestHeaders.Add("Link-Password", "open sesame");

        Assert.Equal("Notes.txt", (await (await anybody.GetAsync(path)).Expect(200).Json()).GetProperty("name").GetString());
        Assert.Equal(Samples.Text, await anybody.GetByteArrayAsync($"{path}/content"));
        Assert.Equal(Samples.Text, await anybody.GetByteArrayAsync($"{path}/content"));
        await (await anybody.GetAsync($"{path}/content")).Expect(410);
        Assert.Equal(404, (int)(await anybody.GetAsync("api/links/AAAAAAAAAAAAAAAAAAAAAAAAAAA")).StatusCode);
    }

    [Fact]
    public async Task Sixty_four_at_once_use_a_link_exactly_as_often_as_was_said()
    {
        using var olga = await Somebody("Olga");
        using var anybody = new HttpClient { BaseAddress = fixture.Server.Address };
        var file = await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        var link = await (await olga.Post($"api/files/{file}/links", new { maxDownloads = 10 })).Expect(201).Json();

        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ =>
            anybody.GetAsync($"api/links/{link.GetProperty("token").GetString()}/content")));

        Assert.Equal(10, replies.Count(reply => reply.IsSuccessStatusCode));
        Assert.All(replies.Where(reply => !reply.IsSuccessStatusCode), reply => Assert.Equal(410, (int)reply.StatusCode));
    }

    [Fact]
    public async Task A_file_goes_by_the_trash_and_leaves_nothing_but_its_history()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(file);
        Assert.Equal((Samples.Picture.Length, 0, 1), await olga.Quota());
        Assert.NotEmpty(ObjectsOf(file));

        await (await olga.Delete($"api/files/{file}")).Expect(202);
        Assert.Equal(file, Assert.Single((await olga.Read("api/trash")).GetProperty("items").EnumerateArray()).Id());
        Assert.Empty((await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray());
        Assert.Equal(Samples.Picture.Length, (await olga.Quota()).Used);

        await (await olga.Post($"api/files/{file}/restore")).Expect(200);
        Assert.Equal(file, Assert.Single((await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray()).Id());
        Assert.Equal(Samples.Picture, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));

        await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 0);
        Assert.Equal((0, 0, 0), await olga.Quota());
        Assert.Equal(404, (int)(await olga.Get($"api/files/{file}")).StatusCode);
        Assert.Equal(404, (int)(await olga.Get($"api/files/{file}/content")).StatusCode);
        Assert.Empty(ObjectsOf(file));

        var history = (await olga.Read($"api/files/{file}/history")).GetProperty("items").EnumerateArray()
            .Select(entry => entry.GetProperty("what").GetString()).ToList();
        // Each slice ends its own part of a file when it hears of the deletion: which does so last is chance.
        string[] way = ["upload.completed.v1", "delete.trashed.v1", "delete.restored.v1", "delete.requested.v1", "delete.purged.v1"];
        Assert.Equal(way, history.Where(way.Contains));
    }

    [Fact]
    public async Task Folders_nest_keep_names_apart_and_do_not_swallow_themselves()
    {
        using var olga = await Somebody("Olga");
        var outer = (await (await olga.Post("api/folders", new { name = "Outer" })).Expect(201).Json()).Id();
        var inner = (await (await olga.Post("api/folders", new { name = "Inner", parentId = outer })).Expect(201).Json()).Id();

        await (await olga.Post("api/folders", new { name = "outer" })).Problem(409, "folders.name-taken");
        await (await olga.Patch($"api/folders/{outer}", new { parentId = inner })).Problem(409, "folders.cycle");
        var first = await olga.Keep("same.txt", Samples.Text);
        var second = await (await olga.Upload("same.txt", Samples.Text)).Expect(202).Json();
        Assert.Equal("same (1).txt", second.GetProperty("file").GetProperty("name").GetString());
        await (await olga.Upload("same.txt", Samples.Text, null, ("onConflict", "fail"))).Problem(409, "folders.name-taken");

        await (await olga.Patch($"api/files/{first}", new { folderId = inner })).Expect(200);
        Assert.Equal(first, Assert.Single((await olga.Read($"api/folders/{inner}/children")).GetProperty("items").EnumerateArray()).Id());
        await (await olga.Delete($"api/folders/{inner}")).Problem(409, "folders.not-empty");
    }

    [Fact]
    public async Task A_list_comes_in_pages_and_in_the_order_asked_for()
    {
        using var olga = await Somebody("Olga");
        foreach (var number in new[] { 10, 2, 1, 33, 3 })
            await olga.Keep($"file {number}.txt", new byte[number]);

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await olga.Read($"api/folders/root/children?limit=2&sort=name{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
            if (cursor is not null)
                await (await olga.Get($"api/folders/root/children?sort=-size&cursor={Uri.EscapeDataString(cursor)}")).Problem(400, "bad-cursor");
        }
        while (cursor is not null);

        Assert.Equal(["file 1.txt", "file 2.txt", "file 3.txt", "file 10.txt", "file 33.txt"], seen);
        var bySize = (await olga.Read("api/folders/root/children?sort=-size")).GetProperty("items").EnumerateArray();
        Assert.Equal([33, 10, 3, 2, 1], bySize.Select(entry => entry.GetProperty("size").GetInt64()));
    }

    [Fact]
    public async Task A_new_version_keeps_the_file_and_counts_its_bytes()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("plan.txt", new byte[100]);
        var next = await (await olga.Upload("plan.txt", new byte[50], null, ("onConflict", "newVersion"))).Expect(202).Json();

        Assert.Equal(file, next.GetProperty("file").Id());
        Assert.Equal(2, next.GetProperty("file").GetProperty("version").GetInt32());
        Assert.Equal((150, 0, 1), await olga.Quota());
        Assert.Equal(100, (await olga.Http.GetByteArrayAsync($"api/files/{file}/content?version=1")).Length);
        Assert.Equal(50, (await olga.Http.GetByteArrayAsync($"api/files/{file}/content")).Length);
    }

    [Fact]
    public async Task A_version_that_meets_a_deletion_becomes_a_file_of_its_own()
    {
        using var olga = await Somebody("Olga");
        for (var round = 0; round < 5; round++)
        {
            var file = await olga.Keep("plan.txt", new byte[10]);
            var versions = Enumerable.Range(0, 4).Select(n => olga.Upload("plan.txt", new byte[20 + n], null, ("onConflict", "newVersion")));
            var deletion = olga.Delete($"api/files/{file}?permanent=true");
            var kept = await Task.WhenAll(versions);
            await (await deletion).Expect(202);

            Assert.All(kept, reply => Assert.Equal(202, (int)reply.StatusCode));
            var history = (await olga.Read($"api/files/{file}/history?limit=1000")).GetProperty("items").EnumerateArray()
                .Select(entry => entry.GetProperty("what").GetString()).ToList();
            Assert.True(history.LastIndexOf("upload.completed.v1") < history.IndexOf("delete.requested.v1"), string.Join(' ', history));
            foreach (var other in (await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray().ToList())
                await (await olga.Delete($"api/files/{other.Id()}?permanent=true")).Expect(202);
        }

        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 0);
        Assert.Equal((0, 0, 0), await olga.Quota());
    }

    private IEnumerable<string> ObjectsOf(Guid file) =>
        Directory.EnumerateFiles(Path.Combine(fixture.Server.Data, "objects"), "*", SearchOption.AllDirectories)
            .Where(path => path.Contains($"{file}", StringComparison.Ordinal) || path.Contains($"{file:n}", StringComparison.Ordinal));
}
