using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Storage that belongs to a group and to no person.</summary>
public sealed class SpacesJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task What_is_put_into_a_groups_space_takes_up_the_spaces_room_and_nobodys_own()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var team = await Team(olga, ravi);
        await olga.Get($"api/groups/{team}/space").Problem(404, "groups.no-space");
        await olga.Post($"api/groups/{team}/space", new { name = "Plans", limitBytes = 1000 }).Problem(403, "groups.administrators-only");
        await Ada.Post($"api/groups/{Guid.CreateVersion7()}/space", new { name = "Plans", limitBytes = 1000 }).Problem(404, "groups.not-found");
        await Ada.Post($"api/groups/{team}/space", new { name = "a/b", limitBytes = 1000 }).Problem(422, "validation");
        await Ada.Post($"api/groups/{team}/space", new { name = "Plans", limitBytes = 1000, softLimitBytes = 1001 }).Problem(422, "quota.soft-above-limit");
        var opened = await Open(team, new { name = "Plans", limitBytes = 1000, maxFiles = 3, maxFileBytes = 900 });
        await Ada.Post($"api/groups/{team}/space", new { name = "Plans", limitBytes = 1000 }).Problem(409, "groups.space-exists");
        var root = opened.GetProperty("folderId").GetGuid();
        Assert.NotEqual(olga.Id, root);

        // A member is an editor of all of it.
        Assert.Equal("Plans", (await ravi.Read($"api/folders/{root}")).GetProperty("name").GetString());
        var shared = Assert.Single((await ravi.Read("api/shared-with-me")).GetProperty("items").EnumerateArray());
        Assert.Equal(("Plans", "editor", "Team"), (
            shared.GetProperty("folder").GetProperty("name").GetString(), shared.GetProperty("share").GetProperty("role").GetString(),
            shared.GetProperty("owner").GetProperty("displayName").GetString()));
        var drafts = (await ravi.Post("api/folders", new { name = "Drafts", parentId = root }).Expect(201).Json()).Id();
        var file = await Put(ravi, "plan.txt", 400, drafts);
        Assert.Equal(
            ["Plans"], (await ravi.Read($"api/folders/{drafts}")).GetProperty("path").EnumerateArray().Select(step => step.GetProperty("name").GetString()!));
        Assert.Equal((0, 0, 0), await ravi.Quota());
        Assert.Equal((0, 0, 0), await olga.Quota());
        Assert.Equal((400, 0, 1), Figures(await olga.Read($"api/groups/{team}/space")));

        // What is in flight counts, and what does not fit is refused with the code of any space.
        var upload = await Begin(ravi, 500, root);
        await upload.Expect(201);
        Assert.Equal((400, 500, 1), Figures(await ravi.Read($"api/groups/{team}/space")));
        await Upload(ravi, "more.bin", 101, root).Problem(507, "quota.exceeded");
        await Upload(ravi, "large.bin", 901, root).Problem(413, "quota.file-too-large");
        await (await Tus.Send(ravi, HttpMethod.Delete, upload.Headers.Location!)).Expect(204);
        // The same bytes of one space take up room once, whoever brings them; and they are a file each.
        await Put(olga, "again.txt", 400, root);
        await Put(olga, "third.txt", 7, root);
        await Upload(ravi, "fourth.txt", 1, root).Problem(507, "quota.too-many-files");
        var listed = Assert.Single((await ravi.Read("api/spaces")).GetProperty("items").EnumerateArray());
        Assert.Equal((407, 0, 3), Figures(listed));
        Assert.Equal((false, "Team", 3, 900L), (
            listed.GetProperty("isManager").GetBoolean(), listed.GetProperty("groupName").GetString(), listed.GetProperty("maxFiles").GetInt32(),
            listed.GetProperty("maxFileBytes").GetInt64()));

        await olga.Put($"api/groups/{team}/space", new { name = "Plans", limitBytes = 1 }).Problem(403, "groups.administrators-only");
        await Ada.Put($"api/groups/{team}/space", new { name = "All plans", limitBytes = 2000 }).Expect(200);
        await Put(ravi, "fourth.txt", 950, root);
        Assert.Equal("All plans", (await ravi.Read($"api/folders/{root}")).GetProperty("name").GetString());
        var overseen = (await Groups()).Single(group => group.Id() == team);
        Assert.Equal((olga.Email, 2, false), (
            overseen.GetProperty("ownerEmail").GetString(), overseen.GetProperty("members").GetInt32(), overseen.GetProperty("isLeft").GetBoolean()));
        Assert.Equal((1357, 0, 4), Figures(overseen.GetProperty("space")));
        // Who opens it is in it no more than anybody else.
        await Ada.Get($"api/files/{file}").Problem(404, "files.not-found");
        await Ada.Get($"api/folders/{root}/children").Problem(404, "folders.not-found");
        await Ada.Get($"api/groups/{team}/space").Problem(404, "groups.not-found");
        await ravi.Get("api/admin/groups").Problem(403, "groups.administrators-only");
    }

    [Fact]
    public async Task Who_manages_the_group_counts_as_the_owner_of_its_space_and_who_is_in_it_as_an_editor()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var mei = await Somebody("Mei");
        var team = await Team(olga, ravi);
        var root = (await Open(team, new { name = "Plans", limitBytes = 100_000 })).GetProperty("folderId").GetGuid();
        var drafts = (await ravi.Post("api/folders", new { name = "Drafts", parentId = root }).Expect(201).Json()).Id();
        var file = await Put(ravi, "plan.txt", 400, drafts);
        await ravi.Settled(file);

        // An editor's way ends where it ends in a person's folder, also for whoever brought the file.
        await ravi.Delete($"api/files/{file}").Problem(403, "files.not-allowed");
        await ravi.Delete($"api/folders/{drafts}?recursive=true").Problem(404, "folders.not-found");
        await ravi.Get($"api/trash?space={team}").Problem(403, "folders.not-allowed");
        await ravi.Delete($"api/trash?space={team}").Problem(403, "folders.not-allowed");
        await ravi.Post($"api/files/{file}/shares", new { grantee = mei.Email, role = "viewer" }).Problem(403, "files.not-allowed");
        await mei.Get($"api/trash?space={team}").Problem(404, "folders.not-found");
        await mei.Get($"api/trash?space={Guid.CreateVersion7()}").Problem(404, "folders.not-found");

        // Files and folders into the trash and back, into the root where their folder is gone; and away for good.
        var then = Uri.EscapeDataString(DateTimeOffset.UtcNow.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        await olga.Delete($"api/files/{file}").Expect(202);
        Assert.Equal(["plan.txt"], await Names(olga, $"api/folders/{drafts}/children?asOf={then}"));
        Assert.Equal(["Drafts"], await Names(olga, $"api/folders/{root}/children?asOf={then}"));
        await ravi.Get($"api/folders/{root}/children?asOf={then}").Problem(404, "folders.not-found");
        Assert.Equal(["plan.txt"], await Names(olga, $"api/trash?space={team}"));
        Assert.Empty(await Names(olga, "api/trash"));
        await ravi.Get($"api/files/{file}").Problem(404, "files.not-found");
        await olga.Delete($"api/folders/{drafts}?recursive=true").Expect(202);
        await olga.Post($"api/files/{file}/restore").Expect(200);
        Assert.Equal(["plan.txt"], await Names(ravi, $"api/folders/{root}/children"));
        await olga.Post($"api/folders/{drafts}/restore").Expect(200);
        await olga.Patch($"api/files/{file}", new { folderId = drafts }).Expect(200);
        await olga.Patch($"api/folders/{drafts}", new { name = "Old drafts" }).Expect(200);
        Assert.Equal(["plan.txt"], await Names(ravi, $"api/folders/{drafts}/children"));
        // Nothing leaves the space for somebody's own folders.
        await olga.Patch($"api/files/{file}", new { folderId = olga.Id }).Problem(404, "folders.not-found");
        await olga.Patch($"api/folders/{drafts}", new { parentId = olga.Id }).Problem(404, "folders.not-found");

        // The root stays as it is: it is the group's.
        await olga.Patch($"api/folders/{root}", new { name = "Mine" }).Problem(409, "folders.root");
        await olga.Delete($"api/folders/{root}?recursive=true").Problem(409, "folders.root");
        await olga.Post($"api/folders/{root}/shares", new { grantee = mei.Email, role = "viewer" }).Problem(409, "share.root");
        // It is the group's: who manages it gives nothing of it away.
        foreach (var (path, code) in new[] { ($"api/folders/{root}", "folders"), ($"api/folders/{drafts}", "folders"), ($"api/files/{file}", "files") })
            await olga.Post($"{path}/transfer", new { to = mei.Email }).Problem(403, $"{code}.not-allowed");
        await olga.Delete($"api/shares/{team}").Problem(409, "share.root");
        await olga.Post($"api/folders/{root}/links", new { access = "upload" }).Problem(409, "share.root");

        // Shared further, and taken back by another manager; never with oneself, which would outlive the group.
        await olga.Post($"api/folders/{drafts}/shares", new { grantee = olga.Id, role = "editor" }).Problem(403, "share.owners-only");
        var share = (await olga.Post($"api/folders/{drafts}/shares", new { grantee = mei.Email, role = "viewer" }).Expect(201).Json()).Id();
        await mei.Get($"api/files/{file}").Expect(200);
        var link = (await olga.Post($"api/files/{file}/links").Expect(201).Json()).Id();
        await ravi.Delete($"api/shares/{share}").Problem(404, "share.no-such-share");
        await olga.Post($"api/groups/{team}/members", new { member = ravi.Email, isManager = true }).Expect(200);
        await ravi.Delete($"api/shares/{share}").Expect(204);
        await ravi.Delete($"api/links/{link}").Expect(204);
        await mei.Get($"api/files/{file}").Problem(404, "files.not-found");

        await ravi.Delete($"api/files/{file}").Expect(202);
        await ravi.Delete($"api/trash?space={team}").Expect(202);
        await ravi.Until($"api/groups/{team}/space", space => Figures(space) == (0, 0, 0));
        // In the log it is the manager who did it, and a space that it was done to.
        var said = (await Auditor(ravi)).GetProperty("items").EnumerateArray().Last(one => one.GetProperty("what").GetString() == "delete.trashed.v1");
        Assert.Equal(("Ravi", team), (
            said.GetProperty("actor").GetProperty("displayName").GetString(), said.GetProperty("space").GetGuid()));
        Assert.Equal(JsonValueKind.Null, said.GetProperty("person").ValueKind);

        async Task<JsonElement> Auditor(Person who)
        {
            await Ada.Put($"api/admin/accounts/{who.Id}/auditor", new { }).Expect(204);
            return await who.Read($"api/audit/events?person={team}&limit=1000");
        }
    }

    [Fact]
    public async Task Who_leaves_the_group_has_nothing_of_its_space_with_the_next_request_and_who_could_open_it_is_read_from_the_log()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        using var mei = await Somebody("Mei");
        var team = await Team(olga, ravi);
        var root = (await Open(team, new { name = "Plans", limitBytes = 100_000 })).GetProperty("folderId").GetGuid();
        var file = await Put(ravi, "kestrel.txt", 40, root);
        var half = await Begin(ravi, 500, root);
        await half.Expect(201);
        await olga.Until("api/search?q=kestrel", found => found.GetProperty("items").GetArrayLength() == 1);
        await ravi.Until("api/search?q=kestrel", found => found.GetProperty("items").GetArrayLength() == 1);

        await ravi.Delete($"api/groups/{team}/members/{ravi.Id}").Expect(204);

        await ravi.Get($"api/files/{file}").Problem(404, "files.not-found");
        await ravi.Get($"api/folders/{root}").Problem(404, "folders.not-found");
        await ravi.Get($"api/groups/{team}/space").Problem(404, "groups.not-found");
        Assert.Empty((await ravi.Read("api/spaces")).GetProperty("items").EnumerateArray());
        Assert.Empty((await ravi.Read("api/search?q=kestrel")).GetProperty("items").EnumerateArray());
        await Upload(ravi, "late.bin", 5, root).Problem(404, "folders.not-found");
        await olga.Post($"api/groups/{team}/members", new { member = mei.Email }).Expect(200);
        await mei.Get($"api/files/{file}/content").Expect(200);

        var people = (await olga.Read($"api/files/{file}/access")).GetProperty("people").EnumerateArray()
            .Select(span => $"{span.GetProperty("role").GetString()} {span.GetProperty("who").GetProperty("displayName").GetString()}").Order();
        Assert.Equal(["editor Mei", "editor Ravi", "owner Olga"], people);
    }

    [Fact]
    public async Task A_space_that_holds_files_keeps_its_group_and_an_empty_one_goes_with_it()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var team = await Team(olga, ravi);
        await Ada.Delete($"api/groups/{team}/space").Problem(404, "groups.no-space");
        var root = (await Open(team, new { name = "Plans", limitBytes = 1000 })).GetProperty("folderId").GetGuid();
        var file = await Put(ravi, "plan.txt", 40, root);
        await olga.Delete($"api/groups/{team}/space").Problem(403, "groups.administrators-only");
        await Ada.Delete($"api/groups/{team}/space").Problem(409, "groups.space-in-use");
        await olga.Delete($"api/groups/{team}").Problem(409, "groups.space-in-use");
        await olga.Delete($"api/files/{file}").Expect(202);
        await olga.Delete($"api/groups/{team}").Problem(409, "groups.space-in-use");
        await olga.Delete($"api/trash?space={team}").Expect(202);
        await olga.Until($"api/groups/{team}/space", space => Figures(space) == (0, 0, 0));
        var folder = (await ravi.Post("api/folders", new { name = "Drafts", parentId = root }).Expect(201).Json()).Id();
        await Ada.Delete($"api/groups/{team}/space").Problem(409, "groups.space-in-use");
        await olga.Delete($"api/folders/{folder}").Expect(204);

        await Ada.Delete($"api/groups/{team}/space").Expect(204);
        await ravi.Get($"api/folders/{root}").Problem(404, "folders.not-found");
        await Upload(ravi, "late.bin", 0, root).Problem(404, "folders.not-found");
        await olga.Get($"api/groups/{team}/space").Problem(404, "groups.no-space");
        Assert.Empty((await ravi.Read("api/shared-with-me")).GetProperty("items").EnumerateArray());

        await Open(team, new { name = "Plans again", limitBytes = 500 });
        Assert.Equal("Plans again", (await ravi.Read($"api/folders/{root}")).GetProperty("name").GetString());
        await Upload(ravi, "plan.txt", 501, root).Problem(507, "quota.exceeded");
        await olga.Delete($"api/groups/{team}").Expect(204);
        await ravi.Get($"api/folders/{root}").Problem(404, "folders.not-found");
        Assert.DoesNotContain(await Groups(), group => group.Id() == team);
    }

    [Fact]
    public async Task Of_a_space_that_is_closed_and_what_is_brought_at_once_one_is_first()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        for (var round = 0; round < 8; round++)
        {
            var team = await Team(olga, ravi);
            var root = (await Open(team, new { name = "Plans", limitBytes = 100_000 })).GetProperty("folderId").GetGuid();
            var brought = Enumerable.Range(0, 4).Select(n => Upload(ravi, $"{n}.bin", n, root)).ToList();
            using var closed = await Ada.Delete($"api/groups/{team}/space");
            var kept = (await Task.WhenAll(brought)).Count(reply => (int)reply.StatusCode == 202);
            if ((int)closed.StatusCode == 204)
                Assert.Equal(0, kept);
            else
                await ravi.Until($"api/groups/{team}/space", space => space.GetProperty("files").GetInt32() == kept);
        }
    }

    [Fact]
    public async Task Who_manages_the_group_is_told_of_its_space_by_mail_and_the_last_ones_erasure_leaves_it_to_administrators()
    {
        await using var post = await MailServer.Start();
        await using var server = await Server.Start(
            null, ("SMTP_URL", post.Url), ("MAIL_FROM", "EventFiles <files@example.org>"), ("PUBLIC_URL", "https://files.example.org"),
            ("SSL_CERT_FILE", post.Certificate));
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        using var mei = await Person.Register(server.Address, "Mei");
        foreach (var one in new[] { ada, olga, ravi, mei })
            await one.Http.PostAsJsonAsync("api/auth/email/confirm", new { token = await post.NextToken(one.Email, "confirm") }).Expect(204);
        var team = await Team(olga, mei);
        await olga.Post($"api/groups/{team}/members", new { member = ravi.Email, isManager = true }).Expect(200);
        var root = (await ada.Post($"api/groups/{team}/space", new { name = "Plans", limitBytes = 1000 }).Expect(201).Json()).GetProperty("folderId").GetGuid();
        var file = await Put(mei, "plan.txt", 810, root);
        foreach (var keeper in new[] { olga, ravi })
            Assert.Contains("80 % of the space of a group", await post.Next(keeper.Email), StringComparison.Ordinal);
        await Put(mei, "more.txt", 150, root);
        foreach (var keeper in new[] { olga, ravi })
            Assert.Contains("95 % of the space of a group", await post.Next(keeper.Email), StringComparison.Ordinal);
        Assert.Equal(95, (await mei.Read($"api/groups/{team}/space")).GetProperty("warnedPercent").GetInt32());
        // Of each level one letter each, and none to who only is in it.
        Assert.Equal(0, post.Left);

        // Who made the group and who manages it are erased; what is in the space stays, and so does what a member brought.
        await ada.Post($"api/groups/{team}/members", new { member = ada.Email, isManager = true }).Problem(404, "groups.not-found");
        foreach (var one in new[] { olga, ravi })
            await ada.Post($"api/admin/accounts/{one.Id}/erasure", new { ground = "objection", immediately = true }).Expect(202);
        var left = await ada.Until("api/admin/groups", page => page.GetProperty("items")[0].GetProperty("isLeft").GetBoolean());
        Assert.Equal("Plans", left.GetProperty("items")[0].GetProperty("space").GetProperty("name").GetString());
        await mei.Get($"api/files/{file}/content").Expect(200);
        await mei.Delete($"api/files/{file}").Problem(403, "files.not-allowed");
        await ada.Post($"api/groups/{team}/members", new { member = mei.Email, isManager = true }).Expect(200);
        await mei.Delete($"api/files/{file}?permanent=true").Expect(202);
        await ada.Post($"api/groups/{team}/members", new { member = ada.Email, isManager = true }).Problem(404, "groups.not-found");
        await mei.Until($"api/groups/{team}/space", space => Figures(space) == (150, 0, 1));
    }

    private Person Ada => fixture.Administrator;

    private Task<Person> Somebody(string name) => Person.Register(fixture.Server.Address, name);

    private static async Task<Guid> Team(Person owner, Person member)
    {
        var team = (await owner.Post("api/groups", new { name = "Team" }).Expect(201).Json()).Id();
        await owner.Post($"api/groups/{team}/members", new { member = member.Email }).Expect(200);
        return team;
    }

    private Task<JsonElement> Open(Guid team, object body) => Ada.Post($"api/groups/{team}/space", body).Expect(201).Json();

    private async Task<List<JsonElement>> Groups()
    {
        var all = new List<JsonElement>();
        for (string? cursor = null; ;)
        {
            var page = await Ada.Read($"api/admin/groups?limit=1000{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            all.AddRange(page.GetProperty("items").EnumerateArray());
            if ((cursor = page.GetProperty("nextCursor").GetString()) is null)
                return all;
        }
    }

    private static Task<HttpResponseMessage> Upload(Person by, string name, int size, Guid folder) =>
        by.Upload(name, [.. Enumerable.Range(0, size).Select(n => (byte)(size + n))], null, ("folderId", $"{folder}"));

    private static async Task<Guid> Put(Person by, string name, int size, Guid folder) =>
        (await Upload(by, name, size, folder).Expect(202).Json()).GetProperty("file").Id();

    private static async Task<string[]> Names(Person by, string path) =>
        [.. (await by.Read(path)).GetProperty("items").EnumerateArray().Select(one => one.GetProperty("name").GetString()!)];

    private static Task<HttpResponseMessage> Begin(Person by, int size, Guid folder) => Tus.Send(
        by, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative),
        ("Upload-Length", $"{size}"), ("Upload-Metadata", $"filename {Word("half.bin")},folderId {Word($"{folder}")}"));

    private static string Word(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private static (long Used, long Reserved, int Files) Figures(JsonElement space) =>
        (space.GetProperty("usedBytes").GetInt64(), space.GetProperty("reservedBytes").GetInt64(), space.GetProperty("files").GetInt32());
}
