using System.Text;

namespace EventFiles.Journeys.Tests;

/// <summary>Folders and groups: what is shared with whom, and from when on no more.</summary>
public sealed class SharingJourneyTests(ServerFixture fixture)
{
    // More than the buffers between server and client hold.
    private const int LargeBytes = 48 << 20;

    [Fact]
    public async Task A_shared_folder_is_read_filled_and_left_and_what_leaves_it_is_shared_no_more()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var (top, papers) = await TwoFolders(olga);
        var file = await Put(olga, "plan.txt", 10, papers);
        await ravi.Get($"api/files/{file}").Problem(404, "files.not-found");
        await ravi.Get($"api/folders/{papers}/children").Problem(404, "folders.not-found");

        var share = await Share(olga, top, ravi.Email, "viewer");
        Assert.Equal(["plan.txt"], await Names(ravi, $"api/folders/{papers}/children"));
        Assert.Equal(new byte[10], await ravi.Http.GetByteArrayAsync($"api/files/{file}/content"));
        // Of the way to it nobody sees more than is shared with them.
        var seen = await ravi.Read($"api/folders/{papers}");
        Assert.Equal(["Top"], seen.GetProperty("path").EnumerateArray().Select(step => step.GetProperty("name").GetString()!));
        await ravi.Patch($"api/files/{file}", new { name = "other.txt" }).Problem(403, "files.not-allowed");
        await ravi.Upload("mine.txt", new byte[5], null, ("folderId", $"{papers}")).Problem(403, "folders.not-allowed");
        await ravi.Post("api/folders", new { name = "Mine", parentId = papers }).Problem(403, "folders.not-allowed");

        Assert.Equal(share, await Share(olga, top, ravi.Email, "editor"));
        await ravi.Patch($"api/files/{file}", new { name = "other.txt" }).Expect(200);
        var inner = (await ravi.Post("api/folders", new { name = "Mine", parentId = papers }).Expect(201).Json()).Id();
        var brought = await Put(ravi, "brought.txt", 7, inner);
        Assert.Equal((17L, 0L, 2), await olga.Quota());
        Assert.Equal((0L, 0L, 0), await ravi.Quota());
        Assert.Equal(new byte[7], await olga.Http.GetByteArrayAsync($"api/files/{brought}/content"));
        await ravi.Delete($"api/files/{brought}").Problem(403, "files.not-allowed");
        await ravi.Patch($"api/folders/{papers}", new { name = "Taken" }).Problem(403, "folders.not-allowed");
        await ravi.Post($"api/folders/{papers}/shares", new { grantee = olga.Email, role = "viewer" }).Problem(403, "folders.not-allowed");

        // The nearest grant counts, also where it gives less.
        await Share(olga, papers, ravi.Email, "viewer");
        await ravi.Patch($"api/files/{file}", new { name = "plan.txt" }).Problem(403, "files.not-allowed");
        Assert.Equal(
            ["Papers", "Top"], (await ravi.Read("api/shared-with-me")).GetProperty("items").EnumerateArray()
                .Select(item => item.GetProperty("folder").GetProperty("name").GetString()!));
        Assert.Equal(2, (await olga.Read("api/shared-by-me")).GetProperty("items").GetArrayLength());

        await olga.Patch($"api/files/{file}", new { folderId = olga.Id }).Expect(200);
        await ravi.Get($"api/files/{file}").Problem(404, "files.not-found");
        var ofPapers = (await olga.Read($"api/folders/{papers}/shares")).GetProperty("items")[0].Id();
        await ravi.Delete($"api/shares/{ofPapers}").Expect(204);
        await ravi.Get($"api/files/{brought}").Expect(200);
        await olga.Delete($"api/shares/{share}").Expect(204);
        await ravi.Get($"api/files/{brought}").Problem(404, "files.not-found");
        await ravi.Get($"api/folders/{papers}/children").Problem(404, "folders.not-found");
        Assert.Empty((await ravi.Read("api/shared-with-me")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Whoever_may_only_upload_brings_files_and_learns_nothing_of_what_is_there()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var (_, inbox) = await TwoFolders(olga);
        var there = await Put(olga, "plan.txt", 10, inbox);
        var share = await Share(olga, inbox, ravi.Email, "uploader");

        var brought = await Put(ravi, "plan.txt", 4, inbox, "fail");
        Assert.Equal(4, (await olga.Read($"api/files/{brought}")).GetProperty("size").GetInt32());
        await Put(ravi, "plan.txt", 5, inbox, "newVersion");
        Assert.Equal(1, (await olga.Read($"api/files/{there}")).GetProperty("version").GetInt32());
        Assert.Equal(3, (await olga.Read($"api/folders/{inbox}/children")).GetProperty("items").GetArrayLength());
        await ravi.Get($"api/files/{brought}").Problem(404, "files.not-found");
        await ravi.Get($"api/files/{there}/content").Problem(404, "files.not-found");
        await ravi.Get($"api/folders/{inbox}/children").Problem(403, "folders.not-allowed");

        // In pieces as well, until it is taken back: then not a byte more is taken.
        var token = await Begin(ravi, inbox, 8);
        await Piece(ravi, token, 0, "abcd").Expect(204);
        await olga.Delete($"api/shares/{share}").Expect(204);
        await Piece(ravi, token, 4, "efgh").Expect(404);
        await Share(olga, inbox, ravi.Email, "uploader");
        await Piece(ravi, token, 4, "efgh").Expect(204);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 4 && quota.GetProperty("reservedBytes").GetInt64() == 0);
        Assert.Equal((0L, 0L, 0), await ravi.Quota());
        await ravi.Post($"api/files/{there}/shares", new { grantee = olga.Email, role = "uploader" }).Problem(404, "files.not-found");
        await olga.Post($"api/files/{there}/shares", new { grantee = ravi.Email, role = "uploader" }).Problem(422, "share.only-into-folders");
    }

    [Fact]
    public async Task What_a_group_is_given_everybody_in_it_has_as_long_as_they_are()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var mei = await Somebody("Mei");
        var file = await olga.Keep("plan.txt", new byte[10]);
        var team = (await olga.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
        var board = (await ravi.Post("api/groups", new { name = "Board" }).Expect(201).Json()).Id();
        await olga.Post($"api/groups/{team}/members", new { member = board }).Problem(422, "groups.no-such-member");
        await ravi.Get($"api/groups/{team}").Problem(404, "groups.not-found");
        await ravi.Post($"api/files/{file}/shares", new { grantee = team, role = "viewer" }).Problem(404, "files.not-found");
        await olga.Post($"api/files/{file}/shares", new { grantee = board, role = "viewer" }).Problem(422, "share.no-such-account");
        await olga.Post($"api/files/{file}/shares", new { grantee = team, role = "viewer" }).Expect(201);

        await olga.Post($"api/groups/{team}/members", new { member = ravi.Email, isManager = true }).Expect(200);
        await ravi.Get($"api/files/{file}").Expect(200);
        await ravi.Post($"api/groups/{board}/members", new { member = mei.Email }).Expect(200);
        await mei.Get($"api/files/{file}").Problem(404, "files.not-found");
        var now = await ravi.Post($"api/groups/{team}/members", new { member = board }).Expect(200).Json();
        Assert.Equal(["owner", "manager", "group"], now.GetProperty("members").EnumerateArray().Select(member => member.GetProperty("role").GetString()!));
        await mei.Get($"api/files/{file}").Expect(200);
        Assert.True((await mei.Read("api/shared-with-me?limit=1")).GetProperty("items")[0].GetProperty("share").GetProperty("grantee").GetProperty("isGroup").GetBoolean());
        await ravi.Post($"api/groups/{board}/members", new { member = team }).Problem(409, "groups.nested-once");

        // Only the owner changes the group, only managers who is in it; everybody may leave.
        await ravi.Patch($"api/groups/{team}", new { name = "Crew" }).Problem(403, "groups.not-allowed");
        await mei.Post($"api/groups/{team}/members", new { member = mei.Email }).Problem(403, "groups.not-allowed");
        await olga.Delete($"api/groups/{team}/members/{olga.Id}").Problem(409, "groups.owner");
        await olga.Patch($"api/groups/{team}", new { name = "Crew" }).Expect(200);
        await mei.Delete($"api/groups/{board}/members/{mei.Id}").Expect(204);
        await mei.Get($"api/files/{file}").Problem(404, "files.not-found");
        await olga.Delete($"api/groups/{team}").Expect(204);
        await ravi.Get($"api/files/{file}").Problem(404, "files.not-found");
        await ravi.Get($"api/groups/{team}").Problem(404, "groups.not-found");
        Assert.Equal(["Board"], await Names(ravi, "api/groups"));
    }

    [Fact]
    public async Task An_editor_shares_where_the_owner_lets_them_and_what_they_gave_and_no_more()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var mei = await Somebody("Mei");
        var file = await olga.Keep("plan.txt", new byte[10]);
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer", mayShare = true }).Problem(422, "share.only-editors-share");
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" }).Expect(201);
        await ravi.Post($"api/files/{file}/shares", new { grantee = mei.Email, role = "viewer" }).Problem(403, "files.not-allowed");
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor", mayShare = true }).Expect(201);

        await ravi.Post($"api/files/{file}/shares", new { grantee = mei.Email, role = "editor", mayShare = true }).Problem(403, "share.owners-only");
        var given = await ravi.Post($"api/files/{file}/shares", new { grantee = mei.Email, role = "commenter" }).Expect(201).Json();
        await mei.Get($"api/files/{file}").Expect(200);
        var asked = await mei.Post("api/permissions/check", new { checks = new[] { "read", "comment", "edit" }.Select(action => new { fileId = file, action }) }).Expect(200).Json();
        Assert.Equal([true, true, false], asked.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("allowed").GetBoolean()));
        // Links are the owner's, and nobody gives themselves what would outlive what they were given.
        await ravi.Post($"api/files/{file}/links").Problem(403, "files.not-allowed");
        await ravi.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" }).Problem(403, "share.owners-only");
        await ravi.Delete($"api/shares/{given.Id()}").Expect(204);
        await mei.Get($"api/files/{file}").Problem(404, "files.not-found");
        await olga.Post($"api/files/{file}/shares", new { grantee = mei.Email, role = "viewer" }).Expect(201);
        await ravi.Post($"api/files/{file}/shares", new { grantee = mei.Email, role = "editor" }).Problem(403, "share.owners-only");
    }

    [Fact]
    public async Task Who_could_open_a_file_and_when_is_read_from_the_log()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var mei = await Somebody("Mei");
        var (top, papers) = await TwoFolders(olga);
        var file = await Put(olga, "plan.txt", 10, papers);
        var team = (await olga.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
        await olga.Post($"api/folders/{top}/shares", new { grantee = team, role = "viewer" }).Expect(201);
        var before = DateTimeOffset.UtcNow;
        await olga.Post($"api/groups/{team}/members", new { member = ravi.Email }).Expect(200);
        var link = await olga.Post($"api/files/{file}/links").Expect(201).Json();
        using var anybody = new HttpClient { BaseAddress = fixture.Server.Address };
        await anybody.GetAsync($"api/links/{link.GetProperty("token").GetString()}/content").Expect(200);
        await Share(olga, papers, mei.Email, "editor");
        var between = DateTimeOffset.UtcNow;
        await olga.Patch($"api/files/{file}", new { folderId = olga.Id }).Expect(200);
        var after = DateTimeOffset.UtcNow;

        await ravi.Get($"api/files/{file}/access").Problem(404, "files.not-found");
        var all = await olga.Read($"api/files/{file}/access");
        // Whom she named by an address she sees by that address.
        Assert.Equal(["owner Olga", "viewer Ravi", $"editor {mei.Email}"], People(all));
        Assert.All(all.GetProperty("people").EnumerateArray().Skip(1), span => Assert.InRange(span.GetProperty("to").GetDateTimeOffset(), between, after));
        Assert.Single(Assert.Single(all.GetProperty("links").EnumerateArray()).GetProperty("downloadedAt").EnumerateArray());
        // Cut out of it, a time has who could then and nobody else; the group's owner is in it, and the file's as well.
        Assert.Equal(["owner Olga"], People(await olga.Read($"api/files/{file}/access?from={Word(after)}")));
        Assert.Equal(["owner Olga"], People(await olga.Read($"api/files/{file}/access?to={Word(before)}")));
        await olga.Get($"api/files/{file}/access?from={Word(after)}&to={Word(before)}").Problem(422, "validation");

        static string Word(DateTimeOffset at) => Uri.EscapeDataString(at.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
    }

    private static string[] People(System.Text.Json.JsonElement access) =>
    [
        .. access.GetProperty("people").EnumerateArray().Select(span =>
            $"{span.GetProperty("role").GetString()} {span.GetProperty("who").GetProperty("displayName").GetString() ?? span.GetProperty("who").GetProperty("email").GetString()}"),
    ];

    [Fact]
    public async Task A_download_that_runs_stops_when_it_is_taken_back()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var file = await olga.Keep("large.bin", new byte[LargeBytes]);
        var share = (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" }).Expect(201).Json()).Id();
        var link = await olga.Post($"api/files/{file}/links").Expect(201).Json();
        var token = link.GetProperty("token").GetString();
        using var anybody = new HttpClient { BaseAddress = fixture.Server.Address };

        using var shared = await Opened(ravi.Http, $"api/files/{file}/content");
        using var linked = await Opened(anybody, $"api/links/{token}/content");
        using var own = await Opened(olga.Http, $"api/files/{file}/content");
        await olga.Delete($"api/shares/{share}").Expect(204);
        await olga.Delete($"api/links/{link.Id()}").Expect(204);
        Assert.All(
            await Task.WhenAll(Read(shared), Read(linked)), read => Assert.True(read < LargeBytes, $"All {read} bytes came."));
        Assert.Equal(LargeBytes, await Read(own));
    }

    private static async Task<HttpResponseMessage> Opened(HttpClient http, string path)
    {
        var reply = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        return await reply.Expect(200);
    }

    // As slowly as over a poor line: what is taken back meanwhile stops long before the end.
    private static async Task<int> Read(HttpResponseMessage reply)
    {
        var (bytes, read) = (new byte[256 << 10], 0);
        await using var content = await reply.Content.ReadAsStreamAsync();
        try
        {
            while (await content.ReadAsync(bytes) is > 0 and var more)
            {
                read += more;
                await Task.Delay(10);
            }
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            Assert.True(read < LargeBytes);
        }

        return read;
    }

    private static async Task<(Guid Top, Guid Inner)> TwoFolders(Person owner)
    {
        var top = (await owner.Post("api/folders", new { name = "Top" }).Expect(201).Json()).Id();
        return (top, (await owner.Post("api/folders", new { name = "Papers", parentId = top }).Expect(201).Json()).Id());
    }

    private static async Task<Guid> Put(Person by, string name, int sizeBytes, Guid folder, string onConflict = "rename") =>
        (await by.Upload(name, new byte[sizeBytes], null, ("folderId", $"{folder}"), ("onConflict", onConflict)).Expect(202).Json())
        .GetProperty("file").Id();

    private static async Task<Guid> Share(Person owner, Guid folder, string grantee, string role) =>
        (await owner.Post($"api/folders/{folder}/shares", new { grantee, role }).Expect(201).Json()).Id();

    private static async Task<string[]> Names(Person who, string path) =>
        [.. (await who.Read(path)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];

    private static async Task<Uri> Begin(Person by, Guid folder, int sizeBytes)
    {
        static string Word(string value) => Convert.ToBase64String(Encoding.UTF8.GetBytes(value));
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/uploads");
        request.Headers.Add("Tus-Resumable", "1.0.0");
        request.Headers.Add("Upload-Length", $"{sizeBytes}");
        request.Headers.Add("Upload-Metadata", $"filename {Word("slow.txt")},folderId {Word($"{folder}")}");
        return (await by.Http.SendAsync(request).Expect(201)).Headers.Location!;
    }

    private static async Task<HttpResponseMessage> Piece(Person by, Uri upload, int offset, string content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, upload) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(content)) };
        request.Content.Headers.ContentType = new("application/offset+octet-stream");
        request.Headers.Add("Tus-Resumable", "1.0.0");
        request.Headers.Add("Upload-Offset", $"{offset}");
        return await by.Http.SendAsync(request);
    }

    private Task<Person> Somebody(string name) => Person.Register(fixture.Server.Address, name);
}
