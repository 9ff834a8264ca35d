using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public sealed class ArchiveJourneyTests
{
    [Fact]
    public async Task What_is_over_is_archived_and_tells_its_history_as_before()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        using var pia = await Person.Register(server.Address, "Pia");
        var (gone, stays) = (await olga.Keep("gone.jpg", Samples.Picture, "image/jpeg"), await olga.Keep("stays.txt", Samples.Text, "text/plain"));
        await olga.Settled(gone);
        await (await olga.Post($"api/files/{gone}/shares", new { grantee = pia.Email, role = "viewer" })).Expect(201);
        await (await olga.Post($"api/files/{gone}/links")).Expect(201);
        var folder = (await (await olga.Post("api/folders", new { name = "Drafts" })).Expect(201).Json()).Id();
        await (await olga.Delete($"api/folders/{folder}")).Expect(204);
        await (await olga.Delete($"api/files/{gone}?permanent=true")).Expect(202);
        var upload = (await (await Tus.Create(olga, 100_000, "never.bin")).Expect(201)).Headers.Location!;
        await (await Tus.Send(olga, HttpMethod.Delete, upload)).Expect(204);
        string[] ends = ["share.closed.v2", "share.link-revoked.v1", "process.cancelled.v1", "delete.purged.v1"];
        await olga.Until($"api/files/{gone}/history?limit=1000", history => !ends.Except(Facts(history)).Any());
        var (history, digests) = (await olga.Read($"api/files/{gone}/history?limit=1000"), await Digests(server));

        Assert.Equal("", (await Run(0, server)).Output.Replace("0 streams archived.\n", "", StringComparison.Ordinal));
        var planned = (await Run(1, server, "--grace", "0", "--dry-run")).Output;
        var done = (await Run(0, server, "--grace", "0", "--json")).Output.TrimEnd('\n').Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("stream").GetString()!).ToList();

        foreach (var word in new[] { "upload", "process", "share", "delete" })
            Assert.Contains($"{word}-{gone}", done);
        Assert.Contains($"folder-{folder}", done);
        Assert.Single(done, stream => stream.StartsWith($"link-{gone}-", StringComparison.Ordinal));
        Assert.Equal(2, done.Count(stream => stream.StartsWith("upload-", StringComparison.Ordinal)));
        Assert.DoesNotContain(done, stream => stream.Contains($"{stays}", StringComparison.Ordinal));
        Assert.All(done, stream => Assert.Contains($"to archive: {stream}\n", planned, StringComparison.Ordinal));
        Assert.Equal("0 streams archived.\n", (await Run(0, server, "--grace", "0")).Output);

        // Who comes late is told what became of it, and adds nothing.
        await (await olga.Post($"api/files/{gone}/restore")).Expect(410);
        await (await olga.Delete($"api/files/{gone}?permanent=true")).Expect(202);
        await (await Tus.Send(olga, HttpMethod.Head, upload)).Expect(410);
        Assert.Equal($"{history}", $"{await olga.Read($"api/files/{gone}/history?limit=1000")}");
        Assert.Equal(digests, await Digests(server));
        Assert.Equal("deleted", (await olga.Read($"api/files/{gone}/status")).GetProperty("status").GetString());
        Assert.Equal(0, (await server.RunHere("events", "show", $"delete-{gone}", "--data", server.Data)).ExitCode);
        await Run(2, server, "--grace", "-1");

        await server.Kill();
        await server.Restart();
        Assert.Equal(digests, await Digests(server));
        Assert.Equal($"{history}", $"{await olga.Read($"api/files/{gone}/history?limit=1000")}");
    }

    [Fact]
    public async Task The_server_archives_by_itself_what_has_been_over_for_long()
    {
        await using var server = await Server.Start(null, ("Archive__Grace", "00:00:00"), ("Archive__Every", "00:00:00.2"));
        using var olga = await Person.Register(server.Address, "Olga");
        await (await olga.Post("api/auth/logout")).Expect(204);

        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!server.Log.Contains("Archived 1 streams", StringComparison.Ordinal))
            await Task.Delay(50, patience.Token);
        await olga.SignIn();
    }

    private static List<string> Facts(JsonElement history) =>
        [.. history.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("what").GetString()!)];

    private static async Task<Dictionary<string, string?>> Digests(Server server)
    {
        var (code, output, error) = await Server.Run("projections", "rebuild", "--all", "--json", "--data", server.Data);
        Assert.True(code == 0, output + error);
        return JsonDocument.Parse(output).RootElement.EnumerateArray()
            .ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("liveDigest").GetString());
    }

    private static async Task<(int ExitCode, string Output, string Error)> Run(int code, Server server, params string[] options)
    {
        var ended = await server.RunHere(["events", "archive", "--data", server.Data, .. options]);
        Assert.True(code == ended.ExitCode, $"{string.Join(' ', options)}: {ended}");
        return ended;
    }
}
