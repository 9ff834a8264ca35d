namespace EventFiles.Journeys.Tests;

public sealed class MarksJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task Favourites_are_everybodys_own_and_what_cannot_be_read_is_none()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        var folder = (await (await olga.Post("api/folders", new { name = "Papers" })).Expect(201).Json()).Id();
        var file = await olga.Keep("a.txt", Samples.Text);
        await (await ravi.Put($"api/files/{file}/favourite", new { })).Problem(404, "files.not-found");
        await (await ravi.Put($"api/folders/{folder}/favourite", new { })).Problem(404, "folders.not-found");
        var share = (await (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201).Json()).Id();

        await (await olga.Put($"api/files/{file}/favourite", new { })).Expect(204);
        await (await olga.Put($"api/folders/{folder}/favourite", new { })).Expect(204);
        await (await ravi.Put($"api/files/{file}/favourite", new { })).Expect(204);
        Assert.Equal(["Papers", "a.txt"], await Names(olga, "api/favourites"));
        Assert.Equal(["a.txt"], await Names(ravi, "api/favourites"));
        var first = await olga.Read("api/favourites?limit=1");
        Assert.Equal(["a.txt"], await Names(olga, $"api/favourites?limit=1&cursor={Uri.EscapeDataString(first.GetProperty("nextCursor").GetString()!)}"));

        await (await olga.Delete($"api/shares/{share}")).Expect(204);
        Assert.Empty(await Names(ravi, "api/favourites"));
        await (await olga.Delete($"api/files/{file}")).Expect(202);
        Assert.Equal(["Papers"], await Names(olga, "api/favourites"));
        await (await olga.Post($"api/files/{file}/restore")).Expect(200);
        Assert.Equal(["Papers", "a.txt"], await Names(olga, "api/favourites"));
        await (await olga.Delete($"api/folders/{folder}/favourite")).Expect(204);
        Assert.Equal(["a.txt"], await Names(olga, "api/favourites"));
    }

    [Fact]
    public async Task Tags_are_made_put_on_read_renamed_and_removed()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        var file = await olga.Keep("a.txt", Samples.Text);
        var folder = (await (await olga.Post("api/folders", new { name = "Papers" })).Expect(201).Json()).Id();
        var tag = (await (await olga.Post("api/tags", new { name = "Trip" })).Expect(201).Json()).Id();
        await (await olga.Post("api/tags", new { name = "TRIP" })).Problem(409, "marks.tag-taken");
        await (await olga.Post("api/tags", new { name = "a\u0000" })).Problem(422, "validation");
        await (await ravi.Post("api/tags", new { name = "Trip" })).Expect(201);

        await (await olga.Put($"api/files/{file}/tags/{tag}", new { })).Expect(204);
        await (await olga.Put($"api/folders/{folder}/tags/{tag}", new { })).Expect(204);
        await (await ravi.Put($"api/files/{file}/tags/{tag}", new { })).Problem(404, "marks.no-such-tag");
        await (await ravi.Get($"api/tags/{tag}/entries")).Problem(404, "marks.no-such-tag");
        Assert.Equal(["Papers", "a.txt"], await Names(olga, $"api/tags/{tag}/entries"));

        await (await olga.Patch($"api/tags/{tag}", new { name = "Holiday" })).Expect(200);
        Assert.Equal(["Holiday"], await Names(olga, "api/tags"));
        var marks = (await (await olga.Post("api/marks", new { entries = new[] { file, folder, Guid.NewGuid() } })).Expect(200).Json()).GetProperty("items");
        Assert.Equal([file, folder], marks.EnumerateArray().Select(mark => mark.Id()));
        Assert.All(marks.EnumerateArray(), mark => Assert.Equal("Holiday", mark.GetProperty("tags")[0].GetProperty("name").GetString()));

        await (await olga.Delete($"api/folders/{folder}/tags/{tag}")).Expect(204);
        Assert.Equal(["a.txt"], await Names(olga, $"api/tags/{tag}/entries"));
        await (await olga.Delete($"api/tags/{tag}")).Expect(204);
        await (await olga.Get($"api/tags/{tag}/entries")).Problem(404, "marks.no-such-tag");
        marks = (await (await olga.Post("api/marks", new { entries = new[] { file } })).Expect(200).Json()).GetProperty("items");
        Assert.Empty(marks[0].GetProperty("tags").EnumerateArray());
        await (await olga.Post("api/tags", new { name = "Holiday" })).Expect(201);
    }

    [Fact]
    public async Task Many_are_marked_at_once()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var items = new List<object>();
        for (var number = 0; number < 5; number++)
            items.Add(new { kind = "file", id = await olga.Keep($"{number}", [1]) });
        items.Add(new { kind = "folder", id = (await (await olga.Post("api/folders", new { name = "F" })).Expect(201).Json()).Id() });
        var tagId = (await (await olga.Post("api/tags", new { name = "Trip" })).Expect(201).Json()).Id();

        foreach (var action in new[] { "favourite", "tag" })
            Assert.Equal(6, (await (await olga.Post("api/bulk", new { action, items, tagId })).Expect(200).Json()).GetProperty("done").GetInt32());
        Assert.Equal(6, (await Names(olga, "api/favourites")).Length);
        Assert.Equal(6, (await Names(olga, $"api/tags/{tagId}/entries")).Length);
        foreach (var action in new[] { "unfavourite", "untag" })
            await (await olga.Post("api/bulk", new { action, items, tagId })).Expect(200);
        Assert.Empty(await Names(olga, "api/favourites"));
        Assert.Empty(await Names(olga, $"api/tags/{tagId}/entries"));
        await (await olga.Post("api/bulk", new { action = "tag", items })).Problem(422, "validation");
    }

    private static async Task<string[]> Names(Person by, string path) =>
        [.. (await by.Read(path)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];
}
