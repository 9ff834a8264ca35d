using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What an operator does with the views, over HTTP and at the command line.</summary>
public sealed class ProjectionsJourneyTests
{
    [Fact]
    public async Task An_administrator_rebuilds_pauses_and_resumes_over_HTTP_and_nobody_else_does()
    {
        await using var server = await Server.Start();
        using var admin = await Person.Register(server.Address, "Admin");
        using var olga = await Person.Register(server.Address, "Olga");
        var file = await olga.Keep("notes.txt", Samples.Text, "text/plain");
        await olga.Settled(file);

        foreach (var path in new[] { "", "/files", "/files/diff" })
            await (await olga.Get($"api/admin/projections{path}")).Problem(403, "operate.administrators-only");
        foreach (var verb in new[] { "rebuild", "switch", "discard", "pause", "resume", "retry-parked" })
            await (await olga.Post($"api/admin/projections/files/{verb}")).Problem(403, "operate.administrators-only");
        await (await olga.Get("api/admin/parked-events")).Problem(403, "operate.administrators-only");
        await (await admin.Get("api/admin/projections/nothing")).Problem(404, "operate.no-such-projection");
        await (await admin.Post("api/admin/projections/nothing/rebuild")).Problem(404, "operate.no-such-projection");

        var names = (await admin.Read("api/admin/projections")).GetProperty("items").EnumerateArray()
            .Select(one => one.GetProperty("name").GetString()!).ToList();
        Assert.Contains("files", names);
        await (await admin.Get("api/admin/projections/files/diff")).Problem(404, "operate.not-compared");
        foreach (var name in names)
            await (await admin.Post($"api/admin/projections/{name}/rebuild", new { diff = true })).Expect(202);
        foreach (var name in names)
        {
            var status = await Over(admin, name);
            Assert.Equal((2, 0), (status.GetProperty("generation").GetInt32(), status.GetProperty("differences").GetInt32()));
            var diff = await admin.Read($"api/admin/projections/{name}/diff");
            Assert.Equal(diff.GetProperty("liveDigest").GetString(), diff.GetProperty("shadowDigest").GetString());
        }

        Assert.Equal(Samples.Text, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));

        await (await admin.Post("api/admin/projections/files/pause")).Expect(202);
        await admin.Until("api/admin/projections/files", one => one.GetProperty("state").GetString() == "paused");
        await (await admin.Post("api/admin/projections/files/rebuild")).Problem(409, "operate.projection-paused");
        var late = await olga.Keep("late.txt", Samples.Text, "text/plain");
        await (await olga.Get($"api/files/{late}")).Problem(404, "files.not-found");
        await (await admin.Post("api/admin/projections/files/resume")).Expect(202);
        await admin.Until("api/admin/projections/files", one => one.GetProperty("state").GetString() == "live");
        await olga.Settled(late);
        Assert.Empty((await admin.Read("api/admin/parked-events")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task An_operator_sees_and_rebuilds_the_views_at_the_command_line()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        await olga.Settled(await olga.Keep("a very personal name.txt", Samples.Text, "text/plain"));

        var all = await Run(server, "list", "--json");
        Assert.All(all.EnumerateArray(), one => Assert.Equal("live", one.GetProperty("state").GetString()));
        var table = await Server.Run("projections", "list", "--data", server.Data);
        Assert.Contains("sessions", table.Output, StringComparison.Ordinal);
        var (code, output, error) = await Server.Run("projections", "rebuild", "--all", "--diff", "--data", server.Data);
        Assert.True(code == 0, output + error);
        Assert.Equal(all.GetArrayLength(), output.Split('\n').Count(line => line.Contains("equal at position", StringComparison.Ordinal)));
        Assert.Equal(2, (await Run(server, "status", "files", "--json"))[0].GetProperty("generation").GetInt32());
        Assert.Equal(0, (await Server.Run("projections", "diff", "files", "--data", server.Data)).ExitCode);

        // What is so already is no error.
        foreach (var wish in new[] { "switch", "discard", "pause", "pause", "resume", "resume" })
            Assert.Equal(0, (await Server.Run("projections", wish, "files", "--data", server.Data)).ExitCode);
        Assert.Equal(0, (await Run(server, "parked", "list", "--json")).GetArrayLength());
        Assert.Equal(0, (await Server.Run("projections", "parked", "retry", "--data", server.Data)).ExitCode);

        Assert.Equal(1, (await Server.Run("projections", "rebuild", "nothing", "--data", server.Data)).ExitCode);
        Assert.Equal(2, (await Server.Run("projections", "rebuild", "--data", server.Data)).ExitCode);
        Assert.Equal(2, (await Server.Run("projections", "improve", "--data", server.Data)).ExitCode);
        Assert.DoesNotContain("personal name", table.Output + output + server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wish_that_a_kill_interrupted_is_fulfilled_after_the_restart()
    {
        await using var server = await Server.Start();
        using var admin = await Person.Register(server.Address, "Admin");
        var file = await admin.Keep("notes.txt", Samples.Text, "text/plain");
        await admin.Settled(file);
        await (await admin.Post("api/admin/projections/quota/pause")).Expect(202);
        await (await admin.Post("api/admin/projections/files/rebuild")).Expect(202);

        await server.Kill();
        await server.Restart();

        using var again = new HttpClient { BaseAddress = server.Address };
        var back = admin.Reconnected(again);
        Assert.Equal(0, (await Over(back, "files")).GetProperty("differences").GetInt32());
        await back.Until("api/admin/projections/quota", one => one.GetProperty("state").GetString() == "paused");
        Assert.Equal(Samples.Text, await back.Http.GetByteArrayAsync($"api/files/{file}/content"));
    }

    private static Task<JsonElement> Over(Person admin, string name) => admin.Until(
        $"api/admin/projections/{name}", one => one.GetProperty("rebuild").ValueKind == JsonValueKind.Null);

    private static async Task<JsonElement> Run(Server server, params string[] arguments)
    {
        var (code, output, error) = await Server.Run(["projections", .. arguments, "--data", server.Data]);
        Assert.True(code == 0, output + error);
        return JsonDocument.Parse(output).RootElement;
    }
}
