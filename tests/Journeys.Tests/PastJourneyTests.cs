using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EventFiles.Journeys.Tests;

/// <summary>Looking back: what a read shows as of a moment is what it showed at that moment.</summary>
public sealed partial class PastJourneyTests(ServerFixture fixture)
{
    private static readonly string[] Sorts = ["name", "-name", "size", "-size", "createdAt", "-createdAt", "modifiedAt", "-modifiedAt", "type", "-type"];

    [Fact]
    public async Task What_was_is_shown_as_it_was_shown_then()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        var seen = new List<Seen>();
        var folder = await Step(olga.Post("api/folders", new { name = "Reports" }), json => json.Id());
        var other = await Step(olga.Post("api/folders", new { name = "Archive", parentId = folder }), json => json.Id());
        var file = await Step(olga.Upload("draft.txt", Samples.Text, "text/plain"), json => json.GetProperty("file").Id());
        var second = await Step(olga.Upload("file10.bin", new byte[30]), json => json.GetProperty("file").Id());
        await Step(olga.Upload("file9.bin", new byte[7]));
        await Step(olga.Patch($"api/files/{file}", new { name = "final.txt" }));
        await Step(olga.Patch($"api/files/{file}", new { folderId = folder }));
        await Step(olga.Patch($"api/folders/{other}", new { name = "Old", parentId = olga.Id }));
        await Step(olga.Upload("final.txt", new byte[500], "text/plain", ("folderId", $"{folder}"), ("onConflict", "newVersion")));
        var share = await Step(olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" }), json => json.Id());
        await Step(olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" }));
        await Step(olga.Delete($"api/files/{second}"));
        await Step(olga.Delete($"api/shares/{share}"));
        await Step(olga.Post($"api/files/{second}/restore"));
        await Step(olga.Delete($"api/folders/{other}"));
        // What is gone today was there then.
        await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);

        string[] paths =
        [
            "api/quota", "api/folders/root", $"api/folders/{folder}", $"api/folders/{other}",
            .. new[] { file, second }.SelectMany(id => new[] { $"api/files/{id}", $"api/files/{id}/status", $"api/files/{id}/versions", $"api/files/{id}/shares" }),
            .. new[] { "root", $"{folder}", $"{other}" }.SelectMany(id => Sorts.Select(sort => $"api/folders/{id}/children?sort={sort}")),
        ];
        Assert.Equal(paths.Order(StringComparer.Ordinal), seen[^1].Replies.Keys.Order(StringComparer.Ordinal));
        foreach (var then in seen)
        {
            foreach (var path in paths)
            {
                // Before its id was known nobody could look.
                var expected = WithoutIndex(then.Replies.GetValueOrDefault(path, "404"));
                Assert.Equal(expected, await Look(olga, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}asOf={then.Position}"));
            }

            var time = then.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
            Assert.Equal(then.Replies["api/folders/root/children?sort=name"], await Look(olga, $"api/folders/root/children?sort=name&asOf={time}"));
            Assert.Equal(then.Replies["api/quota"], await Look(olga, $"api/quota?asOf={time}"));
        }

        Task<Guid> Step(Task<HttpResponseMessage> does, Func<JsonElement, Guid>? id = null) => Taken(olga, seen, does, id);
    }

    [Fact]
    public async Task A_former_list_is_read_page_by_page_whatever_happens_meanwhile()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        for (var number = 0; number < 5; number++)
            await (await olga.Post("api/folders", new { name = $"Folder {number}" })).Expect(201);
        var last = await (await olga.Post("api/folders", new { name = "Folder 5" })).Expect(201);
        var position = Assert.Single(last.Headers.GetValues("Event-Position"));

        var first = await olga.Read($"api/folders/root/children?limit=4&asOf={position}");
        await (await olga.Patch($"api/folders/{(await last.Json()).Id()}", new { name = "A first one" })).Expect(200);
        var cursor = Uri.EscapeDataString(first.GetProperty("nextCursor").GetString()!);
        var rest = await olga.Read($"api/folders/root/children?limit=4&asOf={position}&cursor={cursor}");

        Assert.Equal(
            Enumerable.Range(0, 6).Select(number => $"Folder {number}"),
            first.GetProperty("items").EnumerateArray().Concat(rest.GetProperty("items").EnumerateArray()).Select(entry => entry.GetProperty("name").GetString()));
        await (await olga.Get($"api/folders/root/children?limit=4&asOf=1&cursor={cursor}")).Expect(404);
        await (await olga.Get($"api/folders/root/children?limit=4&sort=size&asOf={position}&cursor={cursor}")).Problem(400, "bad-cursor");
        await (await olga.Get($"api/folders/root/children?limit=4&cursor={cursor}")).Problem(400, "bad-cursor");
    }

    [Fact]
    public async Task Whoever_may_read_the_history_today_may_look_back_and_nobody_else()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        using var eve = await Person.Register(fixture.Server.Address, "Eve");
        var folder = (await (await olga.Post("api/folders", new { name = "Reports" })).Expect(201).Json()).Id();
        var file = await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        var shared = await (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" })).Expect(201);
        var position = Assert.Single(shared.Headers.GetValues("Event-Position"));

        foreach (var path in new[] { $"api/files/{file}", $"api/files/{file}/status", $"api/files/{file}/versions", $"api/files/{file}/shares" })
        {
            await (await olga.Get($"{path}?asOf={position}")).Expect(200);
            await (await ravi.Get($"{path}?asOf={position}")).Problem(403, "files.not-allowed");
            await (await eve.Get($"{path}?asOf={position}")).Problem(404, "files.not-found");
        }

        await (await eve.Get($"api/folders/{folder}?asOf={position}")).Problem(404, "folders.not-found");
        await (await eve.Get($"api/folders/{folder}/children?asOf={position}")).Problem(404, "folders.not-found");
        Assert.Equal(position, Assert.Single((await olga.Get($"api/files/{file}?asOf={position}")).Headers.GetValues("Event-Position")));
    }

    [Theory]
    [InlineData("api/quota")]
    [InlineData("api/folders/root")]
    [InlineData("api/folders/root/children")]
    [InlineData("file")]
    [InlineData("file/status")]
    [InlineData("file/versions")]
    [InlineData("file/shares")]
    public async Task A_wrong_moment_is_refused_and_before_its_beginning_nothing_is_there(string path)
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        if (path.StartsWith("file", StringComparison.Ordinal))
            path = path.Replace("file", $"api/files/{await olga.Keep("Notes.txt", Samples.Text, "text/plain")}", StringComparison.Ordinal);

        foreach (var unreadable in new[] { "yesterday", "-1", "1.5", "2026-01-01", "" })
            await (await olga.Get($"{path}?asOf={unreadable}")).Problem(400, "past.unreadable");
        foreach (var future in new[] { "9000000000000000000", "2999-01-01T00:00:00Z" })
            await (await olga.Get($"{path}?asOf={future}")).Problem(422, "past.not-yet");
        foreach (var early in new[] { "0", "2020-01-01T00:00:00Z" })
            Assert.Equal(404, (int)(await olga.Get($"{path}?asOf={early}")).StatusCode);
    }

    // What a read says after each step, and where the log stood then. Nothing of this account happens by itself meanwhile.
    private static async Task<Guid> Taken(Person by, List<Seen> seen, Task<HttpResponseMessage> does, Func<JsonElement, Guid>? id)
    {
        var reply = await does;
        Assert.True(reply.IsSuccessStatusCode, $"{reply.RequestMessage?.RequestUri}: {reply.StatusCode}");
        var made = id is null ? default : id(await reply.Json());
        var (position, at) = (long.Parse(Assert.Single(reply.Headers.GetValues("Event-Position")), CultureInfo.InvariantCulture), DateTimeOffset.UtcNow);
        var paths = seen.Count == 0 ? ["api/quota", "api/folders/root", .. Children("root")] : seen[^1].Replies.Keys.ToHashSet(StringComparer.Ordinal);
        var uri = reply.RequestMessage!.RequestUri!.AbsolutePath;
        if (uri.EndsWith("/folders", StringComparison.Ordinal) && made != default)
            paths.UnionWith([$"api/folders/{made}", .. Children($"{made}")]);
        if (uri.EndsWith("/upload", StringComparison.Ordinal) && made != default)
            paths.UnionWith([$"api/files/{made}", $"api/files/{made}/status", $"api/files/{made}/versions", $"api/files/{made}/shares"]);

        var replies = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in paths)
            replies.Add(path, await Look(by, path));
        seen.Add(new Seen(position, at, replies));
        return made;
    }

    private static IEnumerable<string> Children(string folder) => Sorts.Select(sort => $"api/folders/{folder}/children?sort={sort}");

    private static async Task<string> Look(Person by, string path)
    {
        var reply = await by.Get(path);
        return reply.IsSuccessStatusCode ? await reply.Content.ReadAsStringAsync() : $"{(int)reply.StatusCode}";
    }

    // When a text could be searched in is no fact of the log (ADR 90).
    private static string WithoutIndex(string reply) => IndexStage().Replace(reply, "");

    [GeneratedRegex(",?\\{\"stage\":\"index\"[^}]*\\}")]
    private static partial Regex IndexStage();

    private sealed record Seen(long Position, DateTimeOffset At, Dictionary<string, string> Replies);
}
