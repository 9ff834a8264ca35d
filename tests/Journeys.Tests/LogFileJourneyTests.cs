using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>The log as a file: written while the server runs, moved, damaged and interrupted.</summary>
public sealed class LogFileJourneyTests(ServerFixture fixture) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("eventfiles-journey-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_log_moves_to_another_folder_as_a_file_and_every_view_is_the_same_there()
    {
        // Keys of persons are in no log: encrypted content moves by backup.
        await using var server = await Server.Start(null, ("ENCRYPTION", "off"));
        using var olga = await Person.Register(server.Address, "Olga");
        var reports = (await (await olga.Post("api/folders", new { name = "Reports" })).Expect(201).Json()).Id();
        var picture = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(picture);
        var notes = (await (await olga.Upload("Notes.txt", Samples.Text, "text/plain", ("folderId", $"{reports}"))).Expect(202).Json()).GetProperty("file").Id();
        await olga.Settled(notes);
        string[] paths = ["api/quota", "api/folders/root/children", $"api/folders/{reports}/children", $"api/files/{picture}", $"api/files/{picture}/status", $"api/files/{picture}/history"];
        var (read, digests) = (await All(olga, paths), await Digests(server));
        var (file, commitments) = (Path.Combine(folder, "log.ndjson"), Path.Combine(folder, "commitments.ndjson"));

        var exported = await Run(0, "events", "export", file, "--private", "--json", "--data", server.Data);
        Assert.Equal(
            (await File.ReadAllLinesAsync(file, Cancel)).Count(line => line.StartsWith("{\"position\"", StringComparison.Ordinal)),
            JsonDocument.Parse(exported.Output).RootElement.GetProperty("events").GetInt32());
        await Run(0, "events", "export", commitments, "--data", server.Data);
        Assert.DoesNotContain(olga.Email, await File.ReadAllTextAsync(commitments, Cancel), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Contains("is running", (await Run(1, "events", "import", file, "--data", server.Data)).Error, StringComparison.Ordinal);
        Assert.Equal(0, await server.Stop());
        Assert.Contains("log-file.store-not-empty", (await Run(1, "events", "import", file, "--data", server.Data)).Error, StringComparison.Ordinal);

        var data = Path.Combine(folder, "data");
        await ImportThroughAKill(file, data);
        foreach (var beside in new[] { "objects", "keys" })
            Copy(Path.Combine(server.Data, beside), Path.Combine(data, beside));
        await using var moved = await Server.Start(data);

        Assert.Equal(digests, await Digests(moved));
        using var back = await olga.SignInAt(moved.Address);
        Assert.Equal(read, await All(back, paths));
        Assert.Equal(Samples.Picture, await back.Http.GetByteArrayAsync($"api/files/{picture}/content"));
        await (await back.Upload("Notes.txt", Samples.Text, "text/plain", ("folderId", $"{reports}"), ("onConflict", "fail"))).Expect(409);
        await back.Settled(await back.Keep("more.txt", Samples.Text, "text/plain"));
    }

    [Fact]
    public async Task An_export_that_is_killed_twice_ends_as_the_file_it_would_have_been()
    {
        await using var server = await Server.Start();
        await Tell(server, events: 20_000);
        var (whole, killed) = (Path.Combine(folder, "whole.ndjson"), Path.Combine(folder, "killed.ndjson"));
        await Run(0, "events", "export", whole, "--private", "--data", server.Data);
        var bytes = await File.ReadAllBytesAsync(whole, Cancel);

        await KillAt(bytes.Length / 5, killed, server.Data);
        var first = new FileInfo(killed).Length;
        await KillAt(bytes.Length / 2, killed, server.Data);
        Assert.InRange(new FileInfo(killed).Length, first, bytes.Length - 1);
        await Run(0, "events", "export", killed, "--private", "--data", server.Data);

        var ended = await File.ReadAllBytesAsync(killed, Cancel);
        Assert.True(bytes.SequenceEqual(ended));
        // Complete, it stays as it is, whatever is asked for once more.
        await Run(0, "events", "export", killed, "--private", "--data", server.Data);
        Assert.Contains("log-file.other-order", (await Run(1, "events", "export", killed, "--data", server.Data)).Error, StringComparison.Ordinal);
        Assert.Equal(bytes.Length, new FileInfo(killed).Length);
    }

    [Fact]
    public async Task A_damaged_file_is_refused_its_line_named_and_nothing_stored()
    {
        var server = fixture.Server;
        var (file, data) = (Path.Combine(folder, "log.ndjson"), Path.Combine(folder, "data"));
        await Run(0, "events", "export", file, "--data", server.Data);
        var lines = await File.ReadAllLinesAsync(file, Cancel);
        lines[2] = lines[2].Replace("account", "acconut", StringComparison.Ordinal);
        await File.WriteAllLinesAsync(file, lines, Cancel);

        var refused = await Run(1, "events", "import", file, "--json", "--data", data);

        Assert.Contains("log-file.damaged: Line 3 ", refused.Error, StringComparison.Ordinal);
        var told = JsonDocument.Parse(refused.Output).RootElement;
        Assert.Equal(("log-file.damaged", 3), (told.GetProperty("code").GetString(), told.GetProperty("line").GetInt32()));
        Assert.False(Directory.Exists(data));
        Assert.Contains("There is no file", (await Run(1, "events", "import", file + "s", "--data", data)).Error, StringComparison.Ordinal);
        await Run(2, "events", "export", file, "--from", "0", "--data", server.Data);
        await Run(2, "events", "export", file, "--from", "9", "--to", "8", "--data", server.Data);
        await Run(2, "events", "export", "--data", server.Data);
    }

    // As soon as there is a database to leave behind.
    private static async Task ImportThroughAKill(string file, string data)
    {
        using (var killed = Server.Begin("events", "import", file, "--data", data))
        {
            while (!File.Exists(Path.Combine(data, "postgres", "url")) && !killed.HasExited)
                await Task.Delay(5, Cancel);
            killed.Kill();
            await killed.WaitForExitAsync(Cancel);
            if (killed.ExitCode == 0)
                return; // faster than this test
        }

        Assert.Contains("password hashes", (await Run(0, "events", "import", file, "--data", data)).Output, StringComparison.Ordinal);
    }

    // The file is watched as it grows. An export that was faster than the kill has ended, and another one begins.
    private static async Task KillAt(long bytes, string file, string data)
    {
        var before = File.Exists(file) ? await File.ReadAllBytesAsync(file, Cancel) : null;
        for (var tries = 0; tries < 20; tries++)
        {
            using var export = Server.Begin("events", "export", file, "--private", "--data", data);
            while (!export.HasExited && (!File.Exists(file) || new FileInfo(file).Length < bytes))
                await Task.Delay(1, Cancel);
            export.Kill();
            await export.WaitForExitAsync(Cancel);
            if (export.ExitCode != 0)
                return;
            File.Delete(file);
            if (before is not null)
                await File.WriteAllBytesAsync(file, before, Cancel);
        }

        Assert.Fail("Every export was faster than the kill.");
    }

    // Facts that nothing follows from, straight into the log, until readers and relay have passed them.
    private static async Task Tell(Server server, int events)
    {
        var url = (await Run(0, "db", "url", "--owner", "--data", server.Data)).Output;
        await using var owner = NpgsqlDataSource.Create(Server.ConnectionString(url));
        await using var writes = owner.CreateCommand(
            $$"""
            with stream as (
                insert into mt_streams (id, version) values ('quota-0199a2b1-0c4d-7e5f-8a6b-7c8d9e0f1a2b', {{events}}) returning id)
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id)
            select nextval('mt_events_sequence'), gen_random_uuid(), id, n,
                '{"after": {"files": 1, "usedBytes": 48213, "limitBytes": 10737418240, "reservedBytes": 0}, "limitBytes": 10737418240}',
                'quota.limit-set.v1', clock_timestamp(), '0199a2b1-0c4d-7e5f-8a6b-7c8d9e0f1a2b'
            from stream, generate_series(1, {{events}}) n
            """);
        await writes.ExecuteNonQueryAsync(Cancel);
        while (true)
        {
            var status = JsonDocument.Parse((await Run(0, "status", "--json", "--data", server.Data)).Output).RootElement;
            if (status.GetProperty("relayPosition").GetInt64() == status.GetProperty("lastPosition").GetInt64())
                return;
        }
    }

    private static async Task<Dictionary<string, string?>> Digests(Server server) =>
        JsonDocument.Parse((await Run(0, "projections", "rebuild", "--all", "--json", "--data", server.Data)).Output)
            .RootElement.EnumerateArray()
            .ToDictionary(one => one.GetProperty("name").GetString()!, one => one.GetProperty("liveDigest").GetString());

    private static async Task<(int ExitCode, string Output, string Error)> Run(int code, params string[] arguments)
    {
        var ended = await Server.Run(arguments);
        Assert.True(code == ended.ExitCode, $"{string.Join(' ', arguments)}: {ended}");
        return ended;
    }

    private static async Task<List<string>> All(Person by, string[] paths)
    {
        var all = new List<string>();
        foreach (var path in paths)
            all.Add(await (await (await by.Get(path)).Expect(200)).Content.ReadAsStringAsync(Cancel));
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
