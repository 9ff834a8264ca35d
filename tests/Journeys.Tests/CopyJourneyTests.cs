using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public class CopyJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_copy_outlives_the_file_it_was_made_of()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var bytes = RandomNumberGenerator.GetBytes(3 << 20);
        var folder = (await (await olga.Post("api/folders", new { name = "Copies" })).Expect(201).Json()).Id();
        var file = await olga.Keep("data.bin", bytes);

        var beside = await Copied(olga, file, new { });
        Assert.Equal("data (1).bin", beside.GetProperty("name").GetString());
        var named = await Copied(olga, file, new { folderId = folder, name = "other.bin" });
        Assert.Equal((folder, "other.bin"), (named.GetProperty("folderId").GetGuid(), named.GetProperty("name").GetString()));
        await (await olga.Post($"api/files/{file}/copy", new { folderId = folder, name = "OTHER.bin", onConflict = "fail" })).Problem(409, "folders.name-taken");
        var version = await Copied(olga, beside.Id(), new { folderId = folder, name = "other.bin", onConflict = "newVersion" });
        Assert.Equal((named.Id(), 2), (version.Id(), version.GetProperty("version").GetInt32()));
        Assert.Equal((bytes.Length, 0L, 3), await olga.Quota());

        await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 2);
        foreach (var copy in new[] { beside.Id(), named.Id() })
            Assert.Equal(bytes, await Bytes(olga, copy));
        var history = (await olga.Read($"api/files/{beside.Id()}/history")).GetProperty("items");
        Assert.Contains(history.EnumerateArray(), one => one.GetProperty("what").GetString() == "upload.copied.v1"
            && one.GetProperty("details").GetProperty("source").GetGuid() == file);
    }

    [Fact]
    public async Task Who_may_read_a_file_may_copy_it_into_space_of_their_own_and_a_stranger_may_not()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        using var eve = await Person.Register(fixture.Server.Address, "Eve");
        var file = await olga.Keep("shared.txt", Samples.Text);
        await (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201);

        var copy = await Copied(ravi, file, new { });
        Assert.Equal(ravi.Id, copy.GetProperty("folderId").GetGuid());
        Assert.Equal((Samples.Text.Length, 0L, 1), await ravi.Quota());
        await (await eve.Post($"api/files/{file}/copy")).Problem(404, "files.not-found");
        await (await olga.Get($"api/files/{copy.Id()}")).Problem(404, "files.not-found");
        var foreign = (await (await olga.Post("api/folders", new { name = "Mine" })).Expect(201).Json()).Id();
        await (await ravi.Post($"api/files/{file}/copy", new { folderId = foreign })).Problem(404, "folders.not-found");

        await (await fixture.Administrator.Put($"api/admin/accounts/{ravi.Id}/quota", new { limitBytes = Samples.Text.Length })).Expect(200);
        await (await ravi.Post($"api/files/{file}/copy")).Problem(507, "quota.exceeded");
        await (await olga.Delete($"api/files/{file}")).Expect(202);
        await (await olga.Post($"api/files/{file}/copy")).Problem(403, "files.not-allowed");
    }

    [Fact]
    public async Task A_folder_is_copied_with_everything_in_it()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var top = await Folder(olga, "Top", null);
        var inner = await Folder(olga, "Inner", top);
        await Folder(olga, "Empty", inner);
        foreach (var (name, folder) in new[] { ("a.txt", top), ("b.txt", inner) })
            await (await olga.Upload(name, Samples.Text, null, ("folderId", $"{folder}"))).Expect(202);
        for (var number = 0; number < 120; number++)
            await (await olga.Upload($"{number}", [(byte)number], null, ("folderId", $"{inner}"))).Expect(202);
        var before = await olga.Quota();

        var copy = await (await olga.Post($"api/folders/{top}/copy")).Expect(202).Json();
        Assert.Equal((122, (2 * Samples.Text.Length) + 120), (copy.GetProperty("files").GetInt32(), copy.GetProperty("bytes").GetInt32()));
        var done = await olga.Until($"api/copies/{copy.Id()}", seen => seen.GetProperty("status").GetString() != "running");
        Assert.Equal(("done", 122), (done.GetProperty("status").GetString(), done.GetProperty("filesCopied").GetInt32()));

        var target = copy.GetProperty("folderId").GetGuid();
        Assert.Equal("Top (1)", (await olga.Read($"api/folders/{target}")).GetProperty("name").GetString());
        var root = (await olga.Read($"api/folders/{target}/children")).GetProperty("items");
        Assert.Equal(["Inner", "a.txt"], Names(root));
        var below = (await olga.Read($"api/folders/{root[0].Id()}/children?limit=1000")).GetProperty("items");
        Assert.Equal(["Empty", .. Enumerable.Range(0, 120).Select(number => $"{number}"), "b.txt"], Names(below));
        Assert.Equal([119], await Bytes(olga, below[120].Id()));
        Assert.Equal((before.Used, 0L, 2 * before.Files), await olga.Quota());
    }

    [Fact]
    public async Task A_folder_is_not_copied_into_itself_nor_where_there_is_no_room()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var eve = await Person.Register(fixture.Server.Address, "Eve");
        var top = await Folder(olga, "Top", null);
        var inner = await Folder(olga, "Inner", top);
        await (await olga.Upload("a.bin", new byte[1000], null, ("folderId", $"{inner}"))).Expect(202);

        await (await olga.Post($"api/folders/{top}/copy", new { parentId = top })).Problem(409, "copy.into-itself");
        await (await olga.Post($"api/folders/{top}/copy", new { parentId = inner })).Problem(409, "copy.into-itself");
        await (await olga.Post($"api/folders/{top}/copy", new { onConflict = "fail" })).Problem(409, "folders.name-taken");
        await (await olga.Post($"api/folders/{top}/copy", new { name = "a/b" })).Problem(422, "validation");
        await (await eve.Post($"api/folders/{top}/copy")).Problem(404, "folders.not-found");
        await (await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 1999 })).Expect(200);
        await (await olga.Post($"api/folders/{top}/copy")).Problem(507, "quota.exceeded");
        Assert.Equal((1000L, 0L, 1), await olga.Quota());
        Assert.Single((await olga.Read("api/folders/root/children")).GetProperty("items").EnumerateArray());

        await (await fixture.Administrator.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 2000 })).Expect(200);
        var copy = await (await olga.Post($"api/folders/{inner}/copy", new { parentId = olga.Id })).Expect(202).Json();
        await (await eve.Get($"api/copies/{copy.Id()}")).Problem(404, "copy.not-found");
        await olga.Until($"api/copies/{copy.Id()}", seen => seen.GetProperty("status").GetString() == "done");
        Assert.Equal((1000L, 0L, 2), await olga.Quota());
    }

    private static async Task<JsonElement> Copied(Person by, Guid file, object body) =>
        (await (await by.Post($"api/files/{file}/copy", body)).Expect(201).Json()).GetProperty("file");

    private static async Task<byte[]> Bytes(Person by, Guid file) =>
        await (await (await by.Get($"api/files/{file}/content")).Expect(200)).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);

    private static async Task<Guid> Folder(Person by, string name, Guid? parent) =>
        (await (await by.Post("api/folders", new { name, parentId = parent })).Expect(201).Json()).Id();

    private static IEnumerable<string> Names(JsonElement items) =>
        items.EnumerateArray().Select(item => item.GetProperty("name").GetString()!);
}
