using System.Net.Http.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What changes is told to whoever follows, as long as they may know of it.</summary>
public sealed class SyncJourneyTests
{
    [Fact]
    public async Task Progress_is_told_step_by_step_and_to_nobody_else()
    {
        await using var server = await Quick();
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        using var hers = await Follower.Of(olga);
        using var his = await Follower.Of(ravi);
        Assert.Equal("reset", (await hers.Next())!.Kind);
        Assert.Equal("reset", (await his.Next())!.Kind);

        var file = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");

        var told = await hers.Until(one => one.Kind == "file" && Status(one) == "ready");
        var changes = told.Where(one => one.Kind == "file").ToList();
        Assert.All(changes, one => Assert.Equal(file, one.File));
        var percents = changes.Select(one => one.Json.GetProperty("status").GetProperty("progress").GetProperty("percent").GetInt32()).ToList();
        Assert.Equal(percents.Order(), percents);
        Assert.Equal(100, percents[^1]);
        Assert.True(percents.Distinct().Count() > 1, "Nothing was told between the beginning and the end.");
        var running = changes.SelectMany(one => one.Json.GetProperty("status").GetProperty("steps").EnumerateArray())
            .Where(step => step.GetProperty("status").GetString() == "running").ToList();
        Assert.All(running, step =>
        {
            Assert.Equal(1, step.GetProperty("attempts").GetInt32());
            Assert.True(step.GetProperty("deadline").GetDateTimeOffset() > step.GetProperty("since").GetDateTimeOffset());
        });
        Assert.Equal(
            (await olga.Read($"api/files/{file}/status")).GetRawText(), changes[^1].Json.GetProperty("status").GetRawText());

        // Another hears that nothing has happened, of all of it nothing.
        Assert.All(await his.Until(one => one.Kind == "heartbeat" && IsAfter(one, hers.LastId)), one => Assert.Equal("heartbeat", one.Kind));
    }

    [Fact]
    public async Task The_one_pipeline_is_told_stage_by_stage_until_the_text_can_be_searched_in()
    {
        await using var server = await Server.Start(null, ("Sync__Heartbeat", "00:00:30"));
        using var olga = await Person.Register(server.Address, "Olga");
        using var hers = await Follower.Of(olga);
        Assert.Equal("reset", (await hers.Next())!.Kind);

        foreach (var (name, content, type, word, stages) in ((string, byte[], string, string, string[])[])
            [
                ("What happened.pdf", Samples.Pdf, "application/pdf", "happened", ["inspect", "renditions", "text", "index"]),
                ("Notes.txt", Samples.Text, "text/plain", "notes", ["index"]),
                ("bytes.bin", [1, 2, 3], "application/octet-stream", "bytes", ["index"]),
            ])
        {
            var file = await olga.Keep(name, content, type);
            var told = await hers.Until(one => one.Kind == "file" && one.File == file && Stages(one) is { Count: > 0 } all && all.All(stage => stage.Status == "succeeded"));
            Assert.All(told.Where(one => one.Kind == "file" && one.File == file), one => Assert.Equal(stages, Stages(one).Select(stage => stage.Name)));
            Assert.Equal((await olga.Read($"api/files/{file}/status")).GetRawText(), told[^1].Json.GetProperty("status").GetRawText());
            var found = (await olga.Read($"api/search?q={word}")).GetProperty("items").EnumerateArray().Select(one => one.GetProperty("file").Id());
            Assert.Contains(file, found);
            // A reader of what it was then is not told what nobody knows of then.
            var then = await olga.Read($"api/files/{file}/status?asOf={hers.LastId}");
            Assert.DoesNotContain(then.GetProperty("stages").EnumerateArray(), stage => stage.GetProperty("stage").GetString() == "index");
        }
    }

    [Fact]
    public async Task What_is_shared_is_told_until_the_moment_it_is_revoked()
    {
        await using var server = await Quick();
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var folder = (await olga.Post("api/folders", new { name = "Ours" }).Expect(201).Json()).Id();
        var inFolder = (await (await olga.Upload("in it.txt", Samples.Text, "text/plain", ("folderId", folder.ToString()))).Expect(202).Json())
            .GetProperty("file").Id();
        var share = (await olga.Post($"api/folders/{folder}/shares", new { grantee = ravi.Email, role = "viewer" }).Expect(201).Json()).Id();
        await olga.Settled(inFolder);
        using var his = await Follower.Of(ravi);
        await his.Until(one => one.Kind == "reset");

        await olga.Patch($"api/files/{inFolder}", new { name = "renamed.txt" }).Expect(200);
        var told = (await his.Until(one => one.Kind == "file"))[^1];
        Assert.Equal(("renamed.txt", inFolder), (told.Json.GetProperty("file").GetProperty("name").GetString(), told.File));

        await olga.Delete($"api/shares/{share}").Expect(204);
        Assert.Equal(inFolder, (await his.Until(one => one.Kind == "gone"))[^1].File);
        await olga.Patch($"api/files/{inFolder}", new { name = "secret.txt" }).Expect(200);
        using var hers = await Follower.Of(olga);
        await hers.Until(one => one.Kind == "reset");
        Assert.All(await his.Until(one => one.Kind == "heartbeat" && IsAfter(one, hers.LastId)), one => Assert.Equal("heartbeat", one.Kind));

        await olga.Delete($"api/files/{inFolder}?permanent=true").Expect(202);
        Assert.Equal(inFolder, (await hers.Until(one => one.Kind == "gone"))[^1].File);
    }

    [Fact]
    public async Task It_ends_at_once_when_the_sign_in_ends()
    {
        // So rare a heartbeat is none: what ends it is the news.
        await using var server = await Server.Start(null, ("Sync__Heartbeat", "00:00:50"));
        using var olga = await Person.Register(server.Address, "Olga");
        var signIn = await olga.SignIn();
        using var other = await olga.SignInAt(server.Address);
        var made = await olga.Post("api/auth/tokens", new { name = "reader", scopes = new[] { "read" } }).Expect(201).Json();
        using var program = olga.At(server.Address);
        program.Http.DefaultRequestHeaders.Authorization = new("Bearer", made.GetProperty("token").GetString());
        using var hers = await Follower.Of(olga);
        using var others = await Follower.Of(other);
        using var programs = await Follower.Of(program);
        foreach (var each in new[] { hers, others, programs })
            await each.Until(one => one.Kind == "reset");
        var since = TimeProvider.System.GetTimestamp();

        await olga.Delete($"api/auth/tokens/{made.Id()}").Expect(204);
        await programs.Until(one => one.Kind == "end");
        Assert.Null(await programs.Next());
        await olga.Http.PostAsJsonAsync("api/auth/logout", new { refreshToken = signIn.GetProperty("refreshToken").GetString() }).Expect(204);
        await hers.Until(one => one.Kind == "end");
        Assert.Null(await hers.Next());

        Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(20));
        await Follower.Ask(olga).Problem(401, "accounts.sign-in-first");
        // Whoever is still signed in is told what happens.
        await other.Keep("plan.txt", Samples.Text, "text/plain");
        await others.Until(one => one.Kind == "file");
    }

    [Fact]
    public async Task An_account_follows_in_so_many_places_and_a_stop_waits_for_none()
    {
        await using var server = await Server.Start(null, ("Sync__PerAccount", "2"));
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var first = await Follower.Of(olga);
        using var second = await Follower.Of(olga);
        using (var third = await Follower.Ask(olga))
        {
            await third.Problem(429, "sync.too-many-streams");
            Assert.NotNull(third.Headers.RetryAfter);
        }

        using var his = await Follower.Of(ravi);
        await his.Until(one => one.Kind == "reset");
        first.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            using var again = await Follower.Ask(olga);
            if (again.IsSuccessStatusCode)
                break;
            await Task.Delay(50, patience.Token);
        }

        var since = TimeProvider.System.GetTimestamp();
        Assert.Equal(0, await server.Stop());
        Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(20));
        Assert.Null(await his.Next());
    }

    private static Task<Server> Quick() => Server.Start(null, ("Sync__Heartbeat", "00:00:00.5"));

    private static List<(string? Name, string? Status)> Stages(Told told) =>
    [
        .. told.Json.GetProperty("status").GetProperty("stages").EnumerateArray()
            .Select(stage => (stage.GetProperty("stage").GetString(), stage.GetProperty("status").GetString())),
    ];

    private static string? Status(Told told) => told.Json.GetProperty("status").GetProperty("status").GetString();

    private static bool IsAfter(Told told, string? id) => told.Id is { } now && long.Parse(now, System.Globalization.CultureInfo.InvariantCulture)
        >= long.Parse(id!, System.Globalization.CultureInfo.InvariantCulture);
}
