using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public sealed class SearchJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task Files_are_found_by_whoever_may_read_them_and_by_nobody_else()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        var tax = await olga.Keep("Zürcher_Steuererklärung-2024.txt", Samples.Text);
        var picture = await olga.Keep("Holiday 2024.jpg", Samples.Picture, "image/jpeg");
        var folder = (await (await olga.Post("api/folders", new { name = "Papers" })).Expect(201).Json()).Id();
        var deep = (await (await olga.Post("api/folders", new { name = "Old", parentId = folder })).Expect(201).Json()).Id();
        var draft = (await (await olga.Upload("holiday draft 2023.txt", [1, 2, 3], null, ("folderId", $"{deep}"))).Expect(202).Json()).GetProperty("file").Id();

        // Words, beginnings, phrases, without, accents and case.
        Assert.Equal([tax], await Found(olga, "q=steuererklarung%20"));
        Assert.Equal([tax], await Found(olga, "q=ZURCHER%20steu"));
        Assert.Equal([draft, picture], await Found(olga, "q=holi"));
        Assert.Empty(await Found(olga, "q=holi%20"));
        Assert.Equal([draft, picture], await Found(olga, "q=holi*%20"));
        Assert.Equal([picture], await Found(olga, "q=%22holiday%202024%22"));
        Assert.Empty(await Found(olga, "q=%222024%20holiday%22"));
        Assert.Equal([picture], await Found(olga, "q=holiday%20-draft"));
        Assert.Empty(await Found(olga, "q=-draft"));
        Assert.Empty(await Found(olga, "q=%21%40%23"));

        // Filters.
        Assert.Equal([picture], await Found(olga, "q=2024&type=image"));
        Assert.Equal([picture], await Found(olga, "type=image/jpeg"));
        Assert.Equal([draft], await Found(olga, "q=holiday&maxSize=3"));
        Assert.Equal([picture], await Found(olga, "q=holiday&minSize=4"));
        Assert.Equal([draft], await Found(olga, $"q=holiday&folderId={folder}"));
        Assert.Empty(await Found(olga, "q=holiday&to=2026-01-01T00:00:00Z"));
        Assert.Equal([draft, picture], await Found(olga, "q=holiday&from=2026-01-01T00:00:00Z"));
        Assert.Equal([draft, picture], await Found(olga, $"q=holiday&owner={olga.Id}"));
        Assert.Empty(await Found(olga, $"q=holiday&owner={ravi.Id}"));

        // What fits is told as places.
        var hit = (await olga.Read("api/search?q=steuererkl")).GetProperty("items")[0];
        Assert.False(hit.GetProperty("isShared").GetBoolean());
        Assert.Equal(8, hit.GetProperty("nameMarks")[0].GetProperty("start").GetInt32());
        Assert.Equal(15, hit.GetProperty("nameMarks")[0].GetProperty("length").GetInt32());

        // Page by page.
        var first = await olga.Read("api/search?q=holiday&limit=1");
        Assert.Equal(draft, first.GetProperty("items")[0].GetProperty("file").Id());
        var cursor = Uri.EscapeDataString(first.GetProperty("nextCursor").GetString()!);
        var second = await olga.Read($"api/search?q=holiday&limit=1&cursor={cursor}");
        Assert.Equal(picture, second.GetProperty("items")[0].GetProperty("file").Id());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("nextCursor").ValueKind);
        await (await olga.Get("api/search?q=a&cursor=nonsense")).Expect(400);
        await (await olga.Get("api/search?q=a&limit=0")).Problem(422, "validation");
        await (await olga.Get("api/search?q=a&type=image%2F%2F")).Problem(422, "validation");
        await (await olga.Get($"api/search?q=a&folderId={Guid.NewGuid()}")).Problem(404, "folders.not-found");
        await (await olga.Get($"api/search?q=a&tag={Guid.NewGuid()}")).Problem(404, "search.no-such-tag");

        // Tags are everybody's own.
        var tag = (await (await olga.Post("api/tags", new { name = "Swiss money" })).Expect(201).Json()).Id();
        await (await olga.Put($"api/files/{tax}/tags/{tag}", new { })).Expect(204);
        Assert.Equal([tax], await Found(olga, "q=swiss%20mon"));
        Assert.Equal([tax], await Found(olga, $"tag={tag}"));
        await (await ravi.Get($"api/search?tag={tag}")).Problem(404, "search.no-such-tag");

        // Others find what is shared with them, as long as it is.
        Assert.Empty(await Found(ravi, "q=2024"));
        var share = (await (await olga.Post($"api/files/{tax}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201).Json()).Id();
        Assert.Equal([tax], await Found(ravi, "q=2024"));
        Assert.Empty(await Found(ravi, "q=swiss"));
        await (await olga.Delete($"api/shares/{share}")).Expect(204);
        Assert.Empty(await Found(ravi, "q=2024"));

        // Renamed, with a new version, in the trash, back, and gone.
        await (await olga.Patch($"api/files/{tax}", new { name = "Taxes.txt" })).Expect(200);
        Assert.Empty(await Found(olga, "q=steuer"));
        Assert.Equal([tax], await Found(olga, "q=taxes"));
        await (await olga.Delete($"api/files/{tax}")).Expect(202);
        Assert.Empty(await Found(olga, "q=taxes"));
        Assert.Equal([tax], await Found(olga, "q=taxes&trashed=true"));
        await (await olga.Post($"api/files/{tax}/restore")).Expect(200);
        Assert.Equal([tax], await Found(olga, "q=taxes"));
        await (await olga.Delete($"api/files/{tax}?permanent=true")).Expect(202);
        Assert.Empty(await Found(olga, "q=taxes"));
        Assert.Empty(await Found(olga, "q=taxes&trashed=true"));
    }

    [Fact]
    public async Task What_is_in_a_shared_folder_is_found_by_whoever_may_read_it()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        using var mina = await Person.Register(fixture.Server.Address, "Mina");
        var top = await Folder(olga, "Trip", null);
        var deep = await Folder(olga, "Photos", top);
        var hidden = await Folder(olga, "Gifts", top);
        var report = await In(olga, top, "iceland report.txt");
        var photo = await In(olga, deep, "iceland geyser.txt");
        var gift = await In(olga, hidden, "iceland gift.txt");
        Assert.Empty(await Found(ravi, "q=iceland"));

        // The folder and all below it, the text as well as the name; of a folder that is given to bring files to, nothing.
        var share = await Share(olga, top, new { grantee = ravi.Email, role = "viewer" });
        await Share(olga, hidden, new { grantee = ravi.Email, role = "uploader" });
        Assert.Equal([photo, report], await Found(ravi, "q=iceland"));
        Assert.Equal([photo, report], await Found(ravi, $"q=iceland&folderId={top}"));
        Assert.Equal([photo], await Found(ravi, $"q=iceland&folderId={deep}"));
        await (await ravi.Get($"api/search?q=iceland&folderId={hidden}")).Problem(403, "folders.not-allowed");
        await (await mina.Get($"api/search?q=iceland&folderId={deep}")).Problem(404, "folders.not-found");
        await olga.Settled(photo);
        var hit = (await ravi.Until("api/search?q=waterfall%20geyser", seen => seen.GetProperty("items").GetArrayLength() == 1)).GetProperty("items")[0];
        Assert.Equal((photo, true), (hit.GetProperty("file").Id(), hit.GetProperty("isShared").GetBoolean()));
        Assert.Empty(await Found(mina, "q=iceland"));
        Assert.Equal([gift, photo, report], await Found(olga, "q=iceland"));
        // Whatever a text is written in.
        foreach (var (name, encoding) in new[] { ("west.txt", System.Text.Encoding.Latin1), ("wide.txt", new System.Text.UnicodeEncoding(false, true)) })
        {
            byte[] text = [.. encoding.GetPreamble(), .. encoding.GetBytes("Frau Mühlböck war hier")];
            var written = (await (await olga.Upload(name, text, "text/plain")).Expect(202).Json()).GetProperty("file").Id();
            await olga.Until($"api/search?q=m%C3%BChlb%C3%B6ck%20{name[..4]}", seen => seen.GetProperty("items") is var items
                && items.GetArrayLength() == 1 && items[0].GetProperty("file").Id() == written);
        }

        // Page by page, each once: also what is shared by itself and by its folder.
        await olga.Post($"api/files/{photo}/shares", new { grantee = ravi.Email, role = "editor" }).Expect(201);
        var first = await ravi.Read("api/search?q=iceland&limit=1");
        Assert.Equal(photo, first.GetProperty("items")[0].GetProperty("file").Id());
        Assert.Equal([report], await Found(ravi, $"q=iceland&limit=1&cursor={Uri.EscapeDataString(first.GetProperty("nextCursor").GetString()!)}"));

        // Through a group, and from the moment on when it is moved in, out, or taken back.
        var group = (await olga.Post("api/groups", new { name = "Travellers" }).Expect(201).Json()).Id();
        await olga.Post($"api/groups/{group}/members", new { member = mina.Email, isManager = false }).Expect(200);
        await Share(olga, deep, new { grantee = $"{group}", role = "viewer" });
        Assert.Equal([photo], await Found(mina, "q=iceland"));
        await olga.Patch($"api/files/{gift}", new { folderId = deep }).Expect(200);
        Assert.Equal([gift, photo], await Found(mina, "q=iceland"));
        await olga.Patch($"api/folders/{deep}", new { parentId = hidden }).Expect(200);
        Assert.Equal([photo, report], await Found(ravi, "q=iceland"));
        await olga.Delete($"api/shares/{share}").Expect(204);
        Assert.Equal([photo], await Found(ravi, "q=iceland"));
        await olga.Delete($"api/folders/{hidden}?recursive=true").Expect(202);
        await mina.Until("api/search?q=iceland", seen => seen.GetProperty("items").GetArrayLength() == 0);
    }

    private static async Task<Guid> Folder(Person by, string name, Guid? parent) =>
        (await by.Post("api/folders", new { name, parentId = parent }).Expect(201).Json()).Id();

    private static async Task<Guid> In(Person by, Guid folder, string name) =>
        (await (await by.Upload(name, System.Text.Encoding.UTF8.GetBytes($"a waterfall near {name}"), "text/plain", ("folderId", $"{folder}"))).Expect(202).Json())
            .GetProperty("file").Id();

    private static async Task<Guid> Share(Person by, Guid folder, object share) =>
        (await by.Post($"api/folders/{folder}/shares", share).Expect(201).Json()).Id();

    private static async Task<Guid[]> Found(Person by, string query) =>
        [.. (await by.Read($"api/search?{query}")).GetProperty("items").EnumerateArray().Select(hit => hit.GetProperty("file").Id())];
}
