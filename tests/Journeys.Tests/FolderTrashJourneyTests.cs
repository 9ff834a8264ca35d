using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public class FolderTrashJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_folder_goes_into_the_trash_with_all_that_is_in_it_and_comes_back_the_same()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var top = await Folder(olga, "Top", null);
        var inner = await Folder(olga, "Inner", top);
        var before = await Put(olga, "before.txt", inner);
        await (await olga.Delete($"api/files/{before}")).Expect(202);
        var (a, b) = (await Put(olga, "a.txt", top), await Put(olga, "b.txt", inner));
        for (var number = 0; number < 120; number++)
            await Put(olga, $"{number}", inner);
        await (await olga.Delete($"api/folders/{top}")).Problem(409, "folders.not-empty");

        await (await olga.Delete($"api/folders/{top}?recursive=true")).Expect(202);
        await (await olga.Get($"api/folders/{top}/children")).Problem(404, "folders.not-found");
        await (await olga.Upload("late.txt", Samples.Text, null, ("folderId", $"{top}"))).Problem(404, "folders.not-found");
        Assert.Empty((await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray());
        foreach (var file in new[] { a, b })
            await olga.Until($"api/files/{file}/status", seen => seen.GetProperty("status").GetString() == "trashed");
        await olga.Until($"api/files/{b}/status", seen => seen.GetProperty("status").GetString() == "trashed");
        Assert.Equal(["folder Top", "file before.txt"], await Trash(olga));
        Assert.Equal(123, (await olga.Quota()).Files);

        // Its name is free meanwhile.
        var other = await Folder(olga, "Top", null);
        var back = await (await olga.Post($"api/folders/{top}/restore")).Expect(200).Json();
        Assert.Equal("Top (1)", back.GetProperty("name").GetString());
        await olga.Until($"api/folders/{top}/children", list => Names(list).SequenceEqual(["Inner", "a.txt"]));
        await olga.Until($"api/folders/{inner}/children?limit=1000", list => list.GetProperty("items").GetArrayLength() == 121);
        Assert.Equal(["file before.txt"], await Trash(olga));
        Assert.Equal("ready", (await olga.Read($"api/files/{b}/status")).GetProperty("status").GetString());
        await (await olga.Post($"api/folders/{top}/restore")).Problem(409, "folders.not-trashed");
        await (await olga.Delete($"api/folders/{other}")).Expect(204);
    }

    [Fact]
    public async Task What_is_deleted_for_good_is_gone_with_all_that_went_with_it()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var eve = await Person.Register(fixture.Server.Address, "Eve");
        var top = await Folder(olga, "Top", null);
        var inner = await Folder(olga, "Inner", top);
        var file = await Put(olga, "a.txt", inner);
        await (await olga.Delete($"api/folders/{top}?permanent=true")).Problem(409, "folders.not-trashed");
        await (await olga.Delete("api/folders/root?recursive=true")).Problem(409, "folders.root");
        await (await eve.Delete($"api/folders/{top}?recursive=true")).Problem(404, "folders.not-found");
        await (await eve.Post($"api/folders/{top}/restore")).Problem(404, "folders.not-found");

        await (await olga.Delete($"api/folders/{top}?recursive=true")).Expect(202);
        await (await olga.Delete($"api/folders/{top}?permanent=true")).Expect(202);
        await olga.Until($"api/files/{file}/status", seen => seen.GetProperty("status").GetString() == "deleted");
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 0);
        await olga.Until("api/trash", trash => trash.GetProperty("items").GetArrayLength() == 0);
        var restored = await olga.Post($"api/folders/{top}/restore");
        Assert.Contains((int)restored.StatusCode, new[] { 404, 410 });

        // The same by emptying the trash.
        var again = await Folder(olga, "Again", null);
        await Put(olga, "b.txt", again);
        await (await olga.Delete($"api/folders/{again}?recursive=true")).Expect(202);
        await (await olga.Delete("api/trash")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 0);
        await olga.Until("api/trash", trash => trash.GetProperty("items").GetArrayLength() == 0);
    }

    [Fact]
    public async Task One_file_may_be_taken_out_of_a_folder_that_was_thrown_away()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var top = await Folder(olga, "Top", null);
        var (file, other) = (await Put(olga, "a.txt", top), await Put(olga, "b.txt", top));
        await (await olga.Delete($"api/folders/{top}?recursive=true")).Expect(202);
        await olga.Until($"api/files/{file}/status", seen => seen.GetProperty("status").GetString() == "trashed");

        var restored = await (await olga.Post($"api/files/{file}/restore")).Expect(200).Json();
        Assert.Equal(olga.Id, restored.GetProperty("folderId").GetGuid());
        await (await olga.Post($"api/folders/{top}/restore")).Expect(200);
        await olga.Until($"api/folders/{top}/children", list => Names(list).SequenceEqual(["b.txt"]));
        Assert.Equal(olga.Id, (await olga.Read($"api/files/{file}")).GetProperty("folderId").GetGuid());
        Assert.Equal(top, (await olga.Read($"api/files/{other}")).GetProperty("folderId").GetGuid());
    }

    [Fact]
    public async Task Thrown_away_and_taken_back_again_and_again_nothing_is_left_behind()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var top = await Folder(olga, "Top", null);
        var folders = new List<Guid> { top };
        for (var number = 0; number < 8; number++)
            folders.Add(await Folder(olga, $"F{number}", folders[number / 2]));
        foreach (var folder in folders)
        {
            for (var number = 0; number < 8; number++)
                await Put(olga, $"{number}", folder);
        }

        // As fast as they can be asked for, and a little later each time: the work of each is overtaken by the next, at
        // another place. Nothing is waited for here; late work by itself is for OvertakenWorkTests.
        olga.Http.DefaultRequestHeaders.Remove("Prefer");
        for (var round = 0; round < 6; round++)
        {
            await (await olga.Delete($"api/folders/{top}?recursive=true")).Expect(202);
            await Task.Delay(round * 20, TestContext.Current.CancellationToken);
            await (await olga.Post($"api/folders/{top}/restore")).Expect(200);
            await Task.Delay(round * 10, TestContext.Current.CancellationToken);
        }

        foreach (var folder in folders)
        {
            var inside = folders.Count(other => folders.IndexOf(other) is > 0 and var at && folders[(at - 1) / 2] == folder);
            await olga.Until($"api/folders/{folder}", _ => true, mayBeMissing: true);
            await olga.Until($"api/folders/{folder}/children", list => list.GetProperty("items").GetArrayLength() == inside + 8);
        }

        Assert.Empty(await Trash(olga));
    }

    [Fact]
    public async Task What_is_held_spares_its_folders_and_the_rest_goes()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ada = await Person.Register(fixture.Server.Address, "Ada");
        await (await fixture.Administrator.Put($"api/admin/accounts/{ada.Id}/auditor", new { })).Expect(204);
        var top = await Folder(olga, "Top", null);
        var inner = await Folder(olga, "Inner", top);
        var other = await Folder(olga, "Other", top);
        var (held, free) = (await Put(olga, "held.txt", inner), await Put(olga, "free.txt", other));
        var hold = (await (await ada.Post("api/holds", new { kind = "file", targetId = held, reason = "Case 1" })).Expect(201).Json()).Id();

        await (await olga.Delete($"api/folders/{top}?recursive=true")).Expect(202);
        await olga.Until($"api/files/{held}/status", seen => seen.GetProperty("status").GetString() == "trashed");
        await (await olga.Delete($"api/folders/{top}?permanent=true")).Expect(202);
        await olga.Until($"api/files/{free}/status", seen => seen.GetProperty("status").GetString() == "deleted");
        // Spared, it has a way back, with what is left of it.
        await Until(async () => (await olga.Post($"api/folders/{top}/restore")).IsSuccessStatusCode);
        await olga.Until($"api/folders/{inner}/children", list => Names(list).SequenceEqual(["held.txt"]), mayBeMissing: true);
        await (await olga.Get($"api/folders/{other}/children")).Problem(404, "folders.not-found");
        Assert.Equal(Samples.Text, await olga.Http.GetByteArrayAsync($"api/files/{held}/content"));

        await (await ada.Post($"api/holds/{hold}/lift", new { reason = "Closed" })).Expect(200);
        await (await olga.Delete($"api/folders/{top}?recursive=true")).Expect(202);
        await (await olga.Delete($"api/folders/{top}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 0);
        await olga.Until("api/trash", trash => trash.GetProperty("items").GetArrayLength() == 0);
    }

    [Fact]
    public async Task A_server_that_is_killed_in_the_middle_leaves_nothing_half_thrown_away()
    {
        const int Files = 150;
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var top = await Folder(olga, "Top", null);
        var inner = await Folder(olga, "Inner", top);
        for (var number = 0; number < Files; number++)
            await Put(olga, $"{number}", number % 2 == 0 ? top : inner);
        var quota = await olga.Quota();

        await (await olga.Delete($"api/folders/{top}?recursive=true")).Expect(202);
        await server.Kill();
        await server.Restart();
        Assert.Equal(["folder Top"], await Trash(olga));
        Assert.Equal(quota, await olga.Quota());

        await (await olga.Post($"api/folders/{top}/restore")).Expect(200);
        await server.Kill();
        await server.Restart();
        await olga.Until($"api/folders/{top}/children?limit=1000", list => list.GetProperty("items").GetArrayLength() == (Files / 2) + 1);
        await olga.Until($"api/folders/{inner}/children?limit=1000", list => list.GetProperty("items").GetArrayLength() == Files / 2, mayBeMissing: true);

        await (await olga.Delete($"api/folders/{top}?recursive=true")).Expect(202);
        await (await olga.Delete($"api/folders/{top}?permanent=true")).Expect(202);
        await server.Kill();
        await server.Restart();
        await olga.Until("api/quota", left => left.GetProperty("usedBytes").GetInt64() == 0);
        await olga.Until("api/trash", trash => trash.GetProperty("items").GetArrayLength() == 0);
    }

    private static async Task Until(Func<Task<bool>> isSo)
    {
        for (var tries = 0; !await isSo(); tries++)
        {
            Assert.True(tries < 600, "It never came.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<Guid> Folder(Person by, string name, Guid? parent) =>
        (await (await by.Post("api/folders", new { name, parentId = parent })).Expect(201).Json()).Id();

    private static async Task<Guid> Put(Person by, string name, Guid folder) =>
        (await (await by.Upload(name, Samples.Text, null, ("folderId", $"{folder}"))).Expect(202).Json()).GetProperty("file").Id();

    private static IEnumerable<string> Names(JsonElement list) =>
        list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!);

    private static async Task<string[]> Trash(Person by) =>
    [
        .. (await by.Read("api/trash")).GetProperty("items").EnumerateArray()
            .Select(item => $"{item.GetProperty("kind").GetString()} {item.GetProperty("name").GetString()}"),
    ];
}
