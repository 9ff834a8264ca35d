using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public sealed class LogFileJourneyTests
{
    [Fact]
    public async Task A_log_moves_to_another_folder_as_a_file_and_the_program_runs_on_it()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var folder = (await (await olga.Post("api/folders", new { name = "Reports" })).Expect(201).Json()).Id();
        var picture = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(picture);
        await (await olga.Upload("Notes.txt", Samples.Text, "text/plain", ("folderId", $"{folder}"))).Expect(202);
        string[] paths = ["api/me", "api/quota", "api/folders/root/children", $"api/folders/{folder}/children", $"api/files/{picture}", $"api/files/{picture}/status", $"api/files/{picture}/history"];
        var before = await All(olga, paths);
        var file = Path.Combine(server.Data, "log.ndjson");

        // While the server runs; the log is settled, and what is appended later is no part of the file.
        var exported = await Server.Run("events", "export", "--personal", "--out", file, "--json", "--data", server.Data);
        Assert.Equal("", exported.Error);
        Assert.Equal(0, exported.ExitCode);
        Assert.Equal(File.ReadLines(file).Count(line => line.StartsWith("{\"position\"", StringComparison.Ordinal)), JsonDocument.Parse(exported.Output).RootElement.GetProperty("events").GetInt32());
        var refused = await Server.Run("events", "import", file, "--data", server.Data);
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(0, await server.Stop());
        refused = await Server.Run("events", "import", file, "--data", server.Data);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("not empty", refused.Error, StringComparison.Ordinal);

        var data = Directory.CreateTempSubdirectory("eventfiles-journey-").FullName;
        try
        {
            await Import(file, data);
            foreach (var beside in new[] { "objects", "keys" })
                Copy(Path.Combine(server.Data, beside), Path.Combine(data, beside));
            await using var moved = await Server.Start(data);
            using var http = new HttpClient { BaseAddress = moved.Address };
            var back = olga.Reconnected(http);

            Assert.Equal(before, await All(back, paths));
            Assert.Equal(Samples.Picture, await back.Http.GetByteArrayAsync($"api/files/{picture}/content"));
            await (await back.Upload("Notes.txt", Samples.Text, "text/plain", ("folderId", $"{folder}"), ("onConflict", "fail"))).Expect(409);
            await back.Keep("more.txt", Samples.Text, "text/plain");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    // Killed as soon as there is a database to leave behind, and run again.
    private static async Task Import(string file, string data)
    {
        using (var killed = Server.Begin("events", "import", file, "--data", data))
        {
            while (!File.Exists(Path.Combine(data, "postgres", "url")) && !killed.HasExited)
                await Task.Delay(5, TestContext.Current.CancellationToken);
            killed.Kill();
            await killed.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (killed.ExitCode == 0)
                return; // faster than this test
        }

        var (code, output, error) = await Server.Run("events", "import", file, "--data", data);
        Assert.Equal(0, code);
        Assert.Contains("events of", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_file_is_refused_and_its_line_named()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var file = Path.Combine(server.Data, "log.ndjson");
        Assert.Equal(0, (await Server.Run("events", "export", "--out", file, "--data", server.Data)).ExitCode);
        var lines = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(olga.Email, string.Concat(lines), StringComparison.Ordinal);
        lines[2] = lines[2].Replace("accounts", "acconuts", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(file, lines, TestContext.Current.CancellationToken);
        var data = Directory.CreateTempSubdirectory("eventfiles-journey-").FullName;

        var refused = await Server.Run("events", "import", file, "--data", data);

        Directory.Delete(data, recursive: true);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Line 3", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Server.Run("events", "export", "--from", "0", "--data", server.Data)).ExitCode);
    }

    private static async Task<List<string>> All(Person by, string[] paths)
    {
        var all = new List<string>();
        foreach (var path in paths)
            all.Add(await (await (await by.Get(path)).Expect(200)).Content.ReadAsStringAsync());
        return all;
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }
}
