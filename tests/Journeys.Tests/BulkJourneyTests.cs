using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public class BulkJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task Each_item_has_a_result_and_a_refused_one_holds_up_no_other()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        var target = (await (await olga.Post("api/folders", new { name = "Target" })).Expect(201).Json()).Id();
        var (first, second) = (await olga.Keep("a.txt", Samples.Text), await olga.Keep("b.txt", Samples.Text));
        await (await olga.Upload("b.txt", Samples.Text, null, ("folderId", $"{target}"))).Expect(202);
        var foreign = await ravi.Keep("c.txt", Samples.Text);

        var moved = await Bulk(olga, "move", target, File(first), File(second), File(foreign), Folder(target), File(Guid.NewGuid()));

        Assert.Equal(
            ["200", "409 folders.name-taken", "404 files.not-found", "409 folders.cycle", "404 files.not-found"], Results(moved));
        Assert.Equal((1, 4), (moved.GetProperty("done").GetInt32(), moved.GetProperty("refused").GetInt32()));
        Assert.Equal(target, (await olga.Read($"api/files/{first}")).GetProperty("folderId").GetGuid());
        Assert.Equal(olga.Id, (await olga.Read($"api/files/{second}")).GetProperty("folderId").GetGuid());
    }

    [Fact]
    public async Task A_thousand_files_are_trashed_restored_copied_and_deleted()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var files = new Guid[1000];
        await Parallel.ForAsync(0, files.Length, async (at, _) => files[at] = await olga.Keep($"{at}", BitConverter.GetBytes(at)));
        var all = files.Select(File).ToArray();

        Assert.Equal(1000, (await Bulk(olga, "trash", null, all)).GetProperty("done").GetInt32());
        Assert.Empty((await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray());
        Assert.Equal(1000, (await Bulk(olga, "restore", null, all)).GetProperty("done").GetInt32());
        Assert.Equal(1000, (await olga.Read("api/folders/root/children?limit=1000")).GetProperty("items").GetArrayLength());
        Assert.Equal(1000, (await Bulk(olga, "copy", olga.Id, all)).GetProperty("done").GetInt32());
        Assert.Equal((4000L, 0L, 2000), await olga.Quota());
        Assert.Equal(1000, (await Bulk(olga, "delete", null, all)).GetProperty("done").GetInt32());
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 1000);

        await (await olga.Post("api/bulk", new { action = "trash", items = all.Append(all[0]) })).Problem(422, "validation");
    }

    [Fact]
    public async Task Asked_again_with_its_key_it_has_no_second_effect_and_the_same_reply()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var file = await olga.Keep("a.txt", Samples.Text);

        var (first, second) = (await Copy(), await Copy());

        Assert.Equal(await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), await second.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(first.Headers.GetValues("Event-Position"), second.Headers.GetValues("Event-Position"));
        Assert.Equal(2, (await olga.Quota()).Files);

        async Task<HttpResponseMessage> Copy()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/bulk")
            {
                Content = JsonContent.Create(new { action = "copy", items = new[] { File(file) }, folderId = olga.Id }),
                Headers = { { "Idempotency-Key", "one" } },
            };
            return await (await olga.Http.SendAsync(request)).Expect(200);
        }
    }

    private static object File(Guid id) => new { kind = "file", id };

    private static object Folder(Guid id) => new { kind = "folder", id };

    private static async Task<JsonElement> Bulk(Person by, string action, Guid? folderId, params object[] items) =>
        await (await by.Post("api/bulk", new { action, folderId, items })).Expect(200).Json();

    private static IEnumerable<string> Results(JsonElement reply) => reply.GetProperty("results").EnumerateArray().Select(result =>
        result.GetProperty("problem") is { ValueKind: JsonValueKind.Object } problem
            ? $"{result.GetProperty("status").GetInt32()} {problem.GetProperty("type").GetString()!["urn:eventfiles:problem:".Length..]}"
            : $"{result.GetProperty("status").GetInt32()}");
}
