using System.Globalization;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Rules for folders, and what they would have done.</summary>
public class RetentionJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_rule_is_set_inherited_replaced_and_taken_away()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var outer = (await olga.Post("api/folders", new { name = "Outer" }).Expect(201).Json()).Id();
        var inner = (await olga.Post("api/folders", new { name = "Inner", parentId = outer }).Expect(201).Json()).Id();
        await olga.Put("api/folders/root/retention", new { keepVersions = 10, emptyTrashAfterDays = 30 }).Expect(200);
        await olga.Put($"api/folders/{outer}/retention", new { deleteAfterDays = 3650, keepAtLeastDays = 365, since = "created" }).Expect(200);

        var found = await olga.Read($"api/folders/{inner}/retention");
        Assert.Equal(JsonValueKind.Null, found.GetProperty("own").ValueKind);
        var effective = found.GetProperty("effective");
        Assert.Equal(
            (3650, "created", 365, 10, 30),
            (effective.GetProperty("deleteAfterDays").GetInt32(), effective.GetProperty("since").GetString(), effective.GetProperty("keepAtLeastDays").GetInt32(),
                effective.GetProperty("keepVersions").GetInt32(), effective.GetProperty("emptyTrashAfterDays").GetInt32()));
        Assert.NotEqual(JsonValueKind.Null, found.GetProperty("nextSweep").ValueKind);

        var file = (await olga.Upload("plan.txt", new byte[10], null, ("folderId", $"{inner}")).Expect(202).Json()).GetProperty("file").Id();
        await olga.Delete($"api/files/{file}?permanent=true").Problem(409, "retention.too-early");
        await olga.Delete($"api/folders/{outer}/retention").Expect(204);
        await olga.Delete($"api/folders/{outer}/retention").Expect(204);
        await olga.Delete($"api/files/{file}?permanent=true").Expect(202);

        await olga.Put($"api/folders/{inner}/retention", new { }).Problem(422, "validation");
        await olga.Put($"api/folders/{inner}/retention", new { deleteAfterDays = 0 }).Problem(422, "validation");
        await olga.Put($"api/folders/{inner}/retention", new { deleteAfterDays = 5, keepAtLeastDays = 6 }).Problem(422, "retention.contradiction");
        using var eve = await Person.Register(fixture.Server.Address, "Eve");
        await eve.Put($"api/folders/{outer}/retention", new { deleteAfterDays = 1 }).Problem(404, "folders.not-found");
        await eve.Get($"api/folders/{outer}/retention").Problem(404, "folders.not-found");
    }

    [Fact]
    public async Task What_a_rule_would_have_deleted_is_listed()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var folder = (await olga.Post("api/folders", new { name = "Letters" }).Expect(201).Json()).Id();
        var file = (await olga.Upload("plan.txt", new byte[10], null, ("folderId", $"{folder}")).Expect(202).Json()).GetProperty("file").Id();
        await olga.Upload("plan.txt", new byte[20], null, ("folderId", $"{folder}"), ("onConflict", "newVersion")).Expect(202);
        await olga.Keep("elsewhere.txt", new byte[30]);

        Assert.Empty(await Simulate("--delete-after", "30"));
        var year = DateTimeOffset.UtcNow.AddYears(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var gone = Assert.Single(await Simulate("--delete-after", "30", "--as-of", year));
        Assert.Equal((file, JsonValueKind.Null, 30), (gone.GetProperty("file").GetGuid(), gone.GetProperty("version").ValueKind, gone.GetProperty("bytes").GetInt32()));
        Assert.InRange((gone.GetProperty("at").GetDateTimeOffset() - DateTimeOffset.UtcNow).TotalDays, 29, 31);
        var version = Assert.Single(await Simulate("--keep-versions", "1"));
        Assert.Equal((file, 1, 10), (version.GetProperty("file").GetGuid(), version.GetProperty("version").GetInt32(), version.GetProperty("bytes").GetInt32()));
        Assert.Equal(20, (await olga.Http.GetByteArrayAsync($"api/files/{file}/content")).Length);

        var (code, output, _) = await Run("--delete-after", "30", "--as-of", year);
        Assert.Equal(0, code);
        Assert.Contains("1 files and 0 versions would have been deleted", output, StringComparison.Ordinal);
        Assert.DoesNotContain("plan.txt", output, StringComparison.Ordinal);
        Assert.Equal(2, (await Run("--as-of", year)).ExitCode);
        Assert.Equal(2, (await Run("--delete-after", "0")).ExitCode);
        Assert.Equal(2, (await Run("--delete-after", "1", "--as-of", "yesterday")).ExitCode);

        Task<(int ExitCode, string Output, string Error)> Run(params string[] more) => fixture.Server.RunHere(
            ["retention", "simulate", .. fixture.Server.Where, "--folder", $"{folder}", .. more]);

        async Task<List<JsonElement>> Simulate(params string[] more)
        {
            var (code, output, error) = await Run([.. more, "--json"]);
            Assert.True(code == 0, error);
            return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        }
    }
}
