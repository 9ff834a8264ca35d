using System.Text;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What people do with the versions of a file.</summary>
public class VersionsJourneyTests(ServerFixture fixture)
{
    private Task<Person> Somebody(string name) => Person.Register(fixture.Server.Address, name);

    [Fact]
    public async Task A_version_is_listed_labelled_restored_and_deleted()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("plan.txt", new byte[100]);
        await Into(olga, file, new byte[50]).Expect(202);
        await olga.Settled(file);

        await (await olga.Patch($"api/files/{file}/versions/1", new { label = " As signed " })).Expect(204);
        var versions = await Versions(olga, file);
        Assert.Equal([2, 1], versions.Select(one => one.GetProperty("version").GetInt32()));
        Assert.Equal([50, 100], versions.Select(one => one.GetProperty("size").GetInt32()));
        Assert.Equal([null, "As signed"], versions.Select(one => one.GetProperty("label").GetString()));
        Assert.All(versions, one => Assert.Equal((olga.Id, "Olga"), (one.GetProperty("author").Id(), one.GetProperty("author").GetProperty("displayName").GetString())));

        var restored = await (await olga.Post($"api/files/{file}/versions/1/restore")).Expect(200).Json();
        Assert.Equal((3, 100), (restored.GetProperty("version").GetInt32(), restored.GetProperty("size").GetInt32()));
        Assert.Equal(new byte[100], await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        Assert.Equal(1, (await Versions(olga, file))[0].GetProperty("restoredFrom").GetInt32());
        // The same bytes take up space once; and to restore what is there already is nothing new.
        Assert.Equal((150, 0, 1), await olga.Quota());
        await (await olga.Post($"api/files/{file}/versions/1/restore")).Expect(200);
        Assert.Equal(3, (await Versions(olga, file)).Count);

        await (await olga.Delete($"api/files/{file}/versions/3")).Problem(409, "files.version-is-current");
        await (await olga.Delete($"api/files/{file}/versions/4")).Problem(404, "files.no-such-version");
        await (await olga.Delete($"api/files/{file}/versions/2")).Expect(202);
        await (await olga.Delete($"api/files/{file}/versions/2")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 100);
        await (await olga.Get($"api/files/{file}/content?version=2")).Problem(404, "files.no-such-version");
        await (await olga.Post($"api/files/{file}/versions/2/restore")).Problem(404, "files.no-such-version");

        // The third version has the first one's bytes: they stay.
        await (await olga.Delete($"api/files/{file}/versions/1")).Expect(202);
        var purged = await Purged(olga, file, 2);
        Assert.Equal([(2, 1, 50L), (1, 0, 0L)], purged);
        Assert.Equal(new byte[100], await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        Assert.Equal((100, 0, 1), await olga.Quota());

        await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 0);
        Assert.Equal((0, 0, 0), await olga.Quota());
        Assert.Empty(await fixture.ObjectsOf(file));
    }

    [Fact]
    public async Task A_deleted_version_takes_its_pictures_along_and_the_log_agrees_with_the_store()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(file);
        var pictures = (await fixture.ObjectsOf(file)).Count(path => path.Contains("/1/", StringComparison.Ordinal));
        Assert.NotEqual(0, pictures);
        await Into(olga, file, Samples.Text).Expect(202);
        await (await olga.Delete($"api/files/{file}/versions/1")).Expect(202);

        var (_, objects, bytes) = Assert.Single(await Purged(olga, file, 1));
        Assert.Equal(pictures + 1, objects);
        Assert.True(bytes > Samples.Picture.Length);
        Assert.DoesNotContain(await fixture.ObjectsOf(file), path => path.Contains("/1/", StringComparison.Ordinal));
        Assert.Equal((Samples.Text.Length, 0, 1), await olga.Quota());
        var (_, output, _) = await fixture.Server.RunHere(["storage", "reconcile", "--json", .. fixture.Server.Where]);
        Assert.DoesNotContain($"{file}", output, StringComparison.Ordinal);
        var (_, scrubbed, _) = await fixture.Server.RunHere(["storage", "scrub", "--json", "--rate", "0", .. fixture.Server.Where]);
        Assert.DoesNotContain($"{file}", scrubbed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_replaces_a_version_that_they_have_not_seen_is_told_so()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("plan.txt", Encoding.UTF8.GetBytes("one"));
        var seen = (await olga.Get($"api/files/{file}/content")).Headers.ETag!.ToString();
        var tag = (await olga.Get($"api/files/{file}")).Headers.ETag!.ToString();
        await Into(olga, file, "two"u8.ToArray(), tag).Expect(202);

        await Into(olga, file, "three"u8.ToArray(), seen).Problem(412, "upload.changed-meanwhile");
        await Into(olga, file, "three"u8.ToArray(), "W/" + seen).Problem(412, "upload.changed-meanwhile");
        Assert.Equal("two", await olga.Http.GetStringAsync($"api/files/{file}/content"));
        Assert.Equal((6, 0, 1), await olga.Quota());
        await Into(olga, file, "three"u8.ToArray(), (await olga.Get($"api/files/{file}/content")).Headers.ETag!.ToString()).Expect(202);
        await Into(olga, file, "four"u8.ToArray(), "*").Expect(202);
    }

    [Fact]
    public async Task Of_sixteen_who_saw_the_same_version_one_replaces_it()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("plan.txt", Encoding.UTF8.GetBytes("one"));
        var seen = (await olga.Get($"api/files/{file}/content")).Headers.ETag!.ToString();

        var replies = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Into(olga, file, Encoding.UTF8.GetBytes($"more {n:00}"), seen)));

        Assert.Single(replies, reply => (int)reply.StatusCode == 202);
        foreach (var refused in replies.Where(reply => (int)reply.StatusCode != 202))
            await refused.Problem(412, "upload.changed-meanwhile");
        Assert.Equal([2, 1], (await Versions(olga, file)).Select(one => one.GetProperty("version").GetInt32()));
        Assert.Equal((10, 0, 1), await olga.Quota());
    }

    [Fact]
    public async Task A_resumable_upload_into_a_file_becomes_its_version_or_nothing()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("plan.txt", new byte[10]);
        var tag = (await olga.Get($"api/files/{file}/content")).Headers.ETag!.ToString();
        var first = (await Begin(olga, file, 20, tag).Expect(201)).Headers.Location!;
        var second = (await Begin(olga, file, 30, tag).Expect(201)).Headers.Location!;
        Assert.Equal((10, 50, 1), await olga.Quota());

        await (await Tus.Patch(olga, first, 0, new byte[5])).Expect(204);
        var last = await (await Tus.Patch(olga, first, 5, new byte[15])).Expect(204);
        Assert.Equal($"{file}", Assert.Single(last.Headers.GetValues("File-Id")));
        // The second one had seen the first version, and there is another by now: it makes no file of its own.
        await (await Tus.Patch(olga, second, 0, new byte[30])).Problem(412, "upload.changed-meanwhile");
        await (await Tus.Send(olga, HttpMethod.Head, second)).Expect(410);
        // A refusal tells no position to wait for.
        await olga.Until("api/quota", quota => quota.GetProperty("reservedBytes").GetInt64() == 0);
        Assert.Equal((30, 0, 1), await olga.Quota());
        Assert.Equal(file, Assert.Single((await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray()).Id());
        Assert.Equal("plan.txt", (await olga.Read($"api/files/{file}")).GetProperty("name").GetString());
    }

    [Fact]
    public async Task An_editor_adds_versions_to_anothers_file_in_the_owners_space_and_a_viewer_does_not()
    {
        using var olga = await Somebody("Olga");
        using var ravi = await Somebody("Ravi");
        var file = await olga.Keep("plan.txt", new byte[10]);
        await Into(ravi, file, new byte[20]).Problem(404, "files.not-found");
        await (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201);
        await Into(ravi, file, new byte[20]).Problem(403, "files.not-allowed");
        await Begin(ravi, file, 20).Problem(403, "files.not-allowed");
        await (await ravi.Patch($"api/files/{file}/versions/1", new { label = "mine" })).Problem(403, "files.not-allowed");
        await (await ravi.Post($"api/files/{file}/versions/1/restore")).Problem(403, "files.not-allowed");

        var share = await (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" })).Expect(201).Json();
        await Into(ravi, file, new byte[20]).Expect(202);
        await Into(ravi, file, new byte[3 << 20]).Expect(202);
        var upload = (await Begin(ravi, file, 40).Expect(201)).Headers.Location!;
        await (await Tus.Patch(ravi, upload, 0, new byte[40])).Expect(204);
        var half = (await Begin(ravi, file, 50).Expect(201)).Headers.Location!;
        Assert.Equal((70 + (3 << 20), 50, 1), await olga.Quota());
        Assert.Equal((0, 0, 0), await ravi.Quota());
        Assert.Equal(["Ravi", "Ravi", "Ravi", "Olga"], (await Versions(olga, file)).Select(one => one.GetProperty("author").GetProperty("displayName").GetString()));
        await (await ravi.Delete($"api/files/{file}/versions/1")).Problem(403, "files.not-allowed");

        await (await olga.Delete($"api/shares/{share.Id()}")).Expect(204);
        await (await Tus.Patch(ravi, half, 0, new byte[50])).Problem(404, "files.not-found");
        await (await Tus.Send(ravi, HttpMethod.Head, half)).Expect(404);
        Assert.Equal(4, (await Versions(olga, file)).Count);
    }

    [Fact]
    public async Task A_wrong_wish_for_a_version_is_refused_and_leaves_nothing()
    {
        using var olga = await Somebody("Olga");
        var file = await olga.Keep("plan.txt", new byte[10]);
        await Into(olga, Guid.CreateVersion7(), new byte[5]).Problem(404, "files.not-found");
        await (await olga.Upload("a", new byte[5], null, ("fileId", "no id"))).Problem(422, "upload.bad-field");
        await (await olga.Upload("a", new byte[5], null, ("fileId", $"{file}"), ("folderId", "root"))).Problem(422, "upload.bad-field");
        await (await Late(olga, file)).Problem(422, "upload.bad-field");
        await (await olga.Patch($"api/files/{file}/versions/1", new { label = new string('x', 201) })).Problem(422, "validation");
        await (await olga.Patch($"api/files/{file}/versions/1", new { label = "a\u202eb" })).Problem(422, "validation");
        await (await olga.Patch($"api/files/{file}/versions/9", new { label = "a" })).Problem(404, "files.no-such-version");

        await (await olga.Delete($"api/files/{file}")).Expect(202);
        await Into(olga, file, new byte[5]).Problem(403, "files.not-allowed");
        await (await olga.Delete($"api/files/{file}/versions/1")).Problem(403, "files.not-allowed");
        Assert.Equal((10, 0, 1), await olga.Quota());
    }

    private static async Task<HttpResponseMessage> Late(Person person, Guid file)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[5]), "file", "a" }, { new StringContent($"{file}"), "fileId" } };
        return await person.Http.PostAsync("api/upload", form);
    }

    private static async Task<HttpResponseMessage> Into(Person person, Guid file, byte[] content, string? ifMatch = null)
    {
        using var form = new MultipartFormDataContent { { new StringContent($"{file}"), "fileId" } };
        form.Add(new ByteArrayContent(content), "file", "whatever it is called");
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/upload") { Content = form };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await person.Http.SendAsync(request);
    }

    private static Task<HttpResponseMessage> Begin(Person person, Guid file, long length, string? ifMatch = null) =>
        Tus.Send(
            person, HttpMethod.Post, new Uri("api/uploads", UriKind.Relative),
            [
                ("Upload-Length", $"{length}"),
                ("Upload-Metadata", $"fileId {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{file}"))}"),
                .. ifMatch is null ? [] : new[] { ("If-Match", ifMatch) },
            ]);

    private static async Task<List<JsonElement>> Versions(Person person, Guid file) =>
        [.. (await person.Read($"api/files/{file}/versions")).GetProperty("items").EnumerateArray()];

    // What the history says was removed of versions, once so many have been.
    private static async Task<List<(int Version, int Objects, long Bytes)>> Purged(Person person, Guid file, int count)
    {
        static IEnumerable<JsonElement> In(JsonElement history) => history.GetProperty("items").EnumerateArray()
            .Where(entry => entry.GetProperty("what").GetString() == "files.version-purged.v1")
            .Select(entry => entry.GetProperty("details"));
        var history = await person.Until($"api/files/{file}/history?limit=1000", seen => In(seen).Count() >= count);
        return [.. In(history).Select(one => (one.GetProperty("version").GetInt32(), one.GetProperty("objects").GetInt32(), one.GetProperty("bytes").GetInt64()))];
    }
}
