using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace EventFiles.Journeys.Tests;

/// <summary>The command line client, as a process of its own, against the real program.</summary>
public sealed class FilesClientJourneyTests(ServerFixture fixture)
{
    private const long MiB = 1 << 20;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public async Task A_user_goes_the_whole_way_from_signing_in_to_a_folder_kept_alike()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var ravi = await Person.Register(fixture.Server.Address, "Ravi");
        using var client = await FilesClient.SignedIn(fixture.Server.Address, olga);
        client.Make("photos/dusk.jpg", Samples.Picture);
        client.Make("photos/old/Notes ü.txt", Samples.Text);
        client.Make("photos/empty", []);

        var put = await client.Json("put", "--recursive", "--parents", "photos", "Projects/2026");
        Assert.Equal(
            ["/Projects/2026/photos/dusk.jpg", "/Projects/2026/photos/empty", "/Projects/2026/photos/old/Notes ü.txt"],
            put.Select(one => one.GetProperty("remote").GetString()).Order(StringComparer.Ordinal));
        var listed = await client.Json("ls", "/projects/2026/PHOTOS");
        Assert.Equal(["old", "dusk.jpg", "empty"], listed.Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(Samples.Picture.Length, listed[1].GetProperty("size").GetInt64());

        Assert.Equal(0, (await client.Run("get", "-r", "Projects/2026", "back")).ExitCode);
        Assert.Equal(Samples.Picture, await File.ReadAllBytesAsync(client.At("back/photos/dusk.jpg")));
        Assert.Equal(Samples.Text, await File.ReadAllBytesAsync(client.At("back/photos/old/Notes ü.txt")));
        Assert.Empty(await File.ReadAllBytesAsync(client.At("back/photos/empty")));
        Assert.Equal(Samples.Text.Length, (await client.Run("get", "Projects/2026/photos/old/Notes ü.txt", "-o", "-", "-q")).Output.Length);

        var dusk = listed[1].GetProperty("id").GetGuid();
        Assert.Equal([dusk], (await client.Json("search", "DUS", "--type", "image")).Select(hit => hit.Id()));
        Assert.Empty(await client.Json("search", "dusk", "--type", "text"));
        await client.Json("share", $"id:{dusk}", "--with", ravi.Email, "--role", "editor");
        Assert.Equal(dusk, (await ravi.Read("api/shared-with-me")).GetProperty("items")[0].GetProperty("file").Id());
        var (_, link, _) = await client.RunWith("open sesame\n", "share", $"id:{dusk}", "--link", "--password-stdin", "--expires", "1h", "--max-downloads", "1");
        var token = new Uri(link.Trim()).Segments[^1];
        await ravi.Get($"api/links/{token}").Problem(401, "share.link-password-needed");
        using (var request = Tus.Request(HttpMethod.Get, new Uri($"api/links/{token}/content", UriKind.Relative), ("Link-Password", "open sesame")))
            Assert.Equal(Samples.Picture, await (await ravi.Http.SendAsync(request)).Content.ReadAsByteArrayAsync());

        Assert.Equal("trash", (await client.Json("rm", $"id:{dusk}"))[0].GetProperty("action").GetString());
        Assert.Equal("trashed", (await olga.Read($"api/files/{dusk}/status")).GetProperty("status").GetString());
        Assert.Equal(2, (await client.Run("rm", "--permanent", $"id:{dusk}")).ExitCode);
        await client.Json("rm", "--permanent", "--yes", $"id:{dusk}");
        Assert.Equal(5, (await client.Run("rm", "Projects")).ExitCode);
        var folder = Assert.Single(await client.Json("rm", "-r", "Projects")).Id();
        Assert.Empty(await client.Json("ls"));
        await olga.Post($"api/folders/{folder}/restore").Expect(200);
        Assert.Equal("delete", Assert.Single(await client.Json("rm", "-r", "--permanent", "--yes", "Projects")).GetProperty("action").GetString());
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 0);

        Assert.Equal(0, (await client.Run("logout")).ExitCode);
        Assert.False(File.Exists(client.SignInFile));
        Assert.Equal(3, (await client.Run("ls")).ExitCode);
    }

    [Fact]
    public async Task A_folder_is_kept_alike_by_size_and_digest_and_what_is_not_here_goes_to_the_trash_when_asked()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var client = await FilesClient.SignedIn(fixture.Server.Address, olga);
        client.Make("work/a.txt", "first"u8.ToArray());
        client.Make("work/b.txt", "same"u8.ToArray());
        client.Make("work/below/c.txt", "gone soon"u8.ToArray());

        Assert.Equal(3, (await client.Json("sync-up", "work", "Backup/work", "--dry-run")).Count);
        Assert.Empty(await client.Json("ls"));
        Assert.Equal(3, (await client.Json("sync-up", "work", "Backup/work")).Count(one => one.GetProperty("action").GetString() == "upload"));
        Assert.Empty(await client.Json("sync-up", "work", "Backup/work"));

        // As long as before, and other bytes: only the digest tells.
        client.Make("work/a.txt", "later"u8.ToArray());
        Directory.Delete(client.At("work/below"), recursive: true);
        var changed = Assert.Single(await client.Json("sync-up", "work", "Backup/work"));
        Assert.Equal(("version", 2), (changed.GetProperty("action").GetString(), changed.GetProperty("version").GetInt32()));
        Assert.Equal(3, (await client.Json("ls", "Backup/work")).Count);

        // Something fails: nothing is thrown away.
        client.Make("work/B.TXT", "the same name at the server"u8.ToArray());
        var (code, _, error) = await client.Run("sync-up", "work", "Backup/work", "--delete");
        Assert.Contains("client.name-clash", error, StringComparison.Ordinal);
        Assert.Equal((1, 3), (code, (await client.Json("ls", "Backup/work")).Count));

        File.Delete(client.At("work/B.TXT"));
        Assert.Equal(
            ["trash"],
            (await client.Json("sync-up", "work", "Backup/work", "--delete")).Select(one => one.GetProperty("action").GetString()));
        Assert.Equal(["a.txt", "b.txt"], (await client.Json("ls", "Backup/work")).Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(1, (await olga.Read("api/trash")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Whatever_goes_wrong_has_its_exit_code_and_names_the_problem()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var client = new FilesClient();
        var server = fixture.Server.Address.ToString();

        Assert.Equal(3, (await client.Run("ls")).ExitCode);
        var (code, output, error) = await client.RunWith("not the password\n", "login", server, "--email", olga.Email, "--password-stdin");
        Assert.Equal((3, ""), (code, output));
        Assert.StartsWith("accounts.wrong-credentials: ", error, StringComparison.Ordinal);
        Assert.False(File.Exists(client.SignInFile));
        (code, output, error) = await client.RunWith($"{Person.Password}\n", "login", server, "--email", olga.Email, "--password-stdin");
        Assert.True(code == 0, error);
        var kept = JsonNode.Parse(await File.ReadAllTextAsync(client.SignInFile))!;
        Assert.Equal(OwnersFile, File.GetUnixFileMode(client.SignInFile));
        Assert.DoesNotContain(Person.Password, kept.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain((string)kept["refreshToken"]!, output + error, StringComparison.Ordinal);

        var file = client.Make("a.txt", "a"u8.ToArray());
        Assert.Equal(0, (await client.Run("put", file)).ExitCode);
        (code, output, error) = await client.Run("put", file);
        Assert.Equal((5, ""), (code, output));
        Assert.Contains("folders.name-taken: Conflict", error, StringComparison.Ordinal);
        Assert.Equal("/a (1).txt", (await client.Json("put", file, "--on-conflict", "rename"))[0].GetProperty("remote").GetString());
        Assert.Equal(2, (await client.Json("put", file, "--on-conflict", "version"))[0].GetProperty("version").GetInt32());
        Assert.Equal(4, (await client.Run("get", "none.txt")).ExitCode);
        Assert.Equal(4, (await client.Run("put", "none.txt")).ExitCode);
        Assert.Equal(1, (await client.Run("rm", "a (1).txt", "none.txt")).ExitCode);
        Assert.Equal(2, (await client.Run("put")).ExitCode);
        Assert.Equal(2, (await client.Run("share", "a.txt")).ExitCode);
        Assert.Equal(2, (await client.Run("ls", "../a")).ExitCode);

        var help = (await client.Run("put", "--help")).Output;
        Assert.Contains("Examples:", help, StringComparison.Ordinal);
        Assert.Contains("6 server not reachable", help, StringComparison.Ordinal);

        // A port on which nobody listens.
        kept["url"] = "http://127.0.0.1:9/";
        await File.WriteAllTextAsync(client.SignInFile, kept.ToJsonString());
        (code, _, error) = await client.Run("ls");
        Assert.Equal(6, code);
        Assert.Contains("client.unreachable", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_was_killed_goes_on_with_its_upload_where_it_stopped()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var relay = new CountingRelay(fixture.Server.Address);
        using var client = await FilesClient.SignedIn(relay.Address, olga);
        var bytes = new SeededBytes(7, 64 * MiB);
        client.Make("large.bin", bytes);

        relay.Hold(upBytes: 24 * MiB);
        using (var first = client.Begin("put", "large.bin"))
        {
            await relay.Holds();
            Assert.Equal(OwnersFile, File.GetUnixFileMode(Assert.Single(client.Unfinished)));
            var token = (string)JsonNode.Parse(await File.ReadAllTextAsync(client.SignInFile))!["accessToken"]!;
            Assert.DoesNotContain(token, await File.ReadAllTextAsync($"/proc/{first.Id}/cmdline"), StringComparison.Ordinal);
            first.Kill();
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        relay.Break();
        var done = Assert.Single(await client.Json("put", "large.bin"));
        var resumedAt = done.GetProperty("resumedAt").GetInt64();
        Assert.InRange(resumedAt, 8 * MiB, 25 * MiB);
        Assert.InRange(relay.Up, bytes.Length - resumedAt, bytes.Length - resumedAt + MiB);
        Assert.Empty(client.Unfinished);
        await IsStored(olga, done.Id(), bytes);
    }

    [Fact]
    public async Task A_client_goes_on_by_itself_when_the_server_was_killed_and_is_there_again()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        using var relay = new CountingRelay(server.Address);
        using var client = await FilesClient.SignedIn(relay.Address, olga);
        var bytes = new SeededBytes(8, 64 * MiB);
        client.Make("large.bin", bytes);

        relay.Hold(upBytes: 40 * MiB);
        using var put = client.Begin("put", "large.bin", "--json");
        put.StandardInput.Close();
        await relay.Holds();
        await server.Kill();
        await server.Restart();
        relay.Release();
        var (code, output, error) = await FilesClient.End(put);

        Assert.True(code == 0, error);
        Assert.InRange(relay.Up, 24 * MiB, 56 * MiB);
        await IsStored(olga, Assert.Single(FilesClient.Lines(output)).Id(), bytes);
    }

    [Fact]
    public async Task A_client_that_was_killed_goes_on_with_its_download_and_does_not_believe_other_bytes()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var relay = new CountingRelay(fixture.Server.Address);
        using var client = await FilesClient.SignedIn(relay.Address, olga);
        var bytes = new SeededBytes(9, 48 * MiB);
        client.Make("large.bin", bytes);
        await client.Json("put", "large.bin");

        await KillHalfway();
        Assert.False(File.Exists(client.At("back.bin")));
        var done = Assert.Single(await client.Json("get", "large.bin", "back.bin"));
        var resumedAt = done.GetProperty("resumedAt").GetInt64();
        Assert.InRange(resumedAt, 8 * MiB, 25 * MiB);
        Assert.InRange(relay.Down, bytes.Length - resumedAt, bytes.Length - resumedAt + MiB);
        Assert.True(SHA256.HashData(await File.ReadAllBytesAsync(client.At("back.bin"))).AsSpan().SequenceEqual(bytes.Sha256(0, bytes.Length)));
        Assert.True((await client.Json("get", "large.bin", "back.bin"))[0].GetProperty("unchanged").GetBoolean());

        // A disk that lies: the part is not what came.
        await File.WriteAllTextAsync(client.At("back.bin"), "mine");
        Assert.Equal(5, (await client.Run("get", "large.bin", "back.bin")).ExitCode);
        Assert.Equal("mine", await File.ReadAllTextAsync(client.At("back.bin")));
        await KillHalfway("--force");
        await using (var part = File.OpenWrite(client.At("back.bin.part")))
            part.WriteByte((byte)~bytes.Read(0, 1).First().Span[0]);
        var (code, _, error) = await client.Run("get", "large.bin", "back.bin", "--force");
        Assert.Equal(1, code);
        Assert.Contains("client.digest-mismatch", error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(client.At("back.bin")));
        Assert.False(File.Exists(client.At("back.bin.part")));

        async Task KillHalfway(params string[] more)
        {
            relay.Hold(downBytes: 24 * MiB);
            using (var first = client.Begin(["get", "large.bin", "back.bin", .. more]))
            {
                await relay.Holds();
                first.Kill();
                await first.WaitForExitAsync(TestContext.Current.CancellationToken);
            }

            relay.Break();
        }
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_sent_becomes_no_file()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var relay = new CountingRelay(fixture.Server.Address);
        using var client = await FilesClient.SignedIn(relay.Address, olga);
        client.Make("large.bin", new SeededBytes(10, 24 * MiB));

        relay.Hold(upBytes: 4 * MiB);
        using var put = client.Begin("put", "large.bin");
        await relay.Holds();
        await using (var file = new FileStream(client.At("large.bin"), FileMode.Open, System.IO.FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = 20 * MiB;
            await file.WriteAsync(new byte[1024], TestContext.Current.CancellationToken);
        }

        relay.Release();
        var (code, _, error) = await FilesClient.End(put);
        Assert.Equal(5, code);
        Assert.Contains("upload.digest-mismatch", error, StringComparison.Ordinal);
        Assert.Empty(await client.Json("ls"));
        Assert.Empty(client.Unfinished);
        await olga.Until("api/quota", seen => seen.GetProperty("reservedBytes").GetInt64() == 0 && seen.GetProperty("files").GetInt32() == 0);
    }

    [Fact]
    public async Task Two_hundred_mebibytes_take_little_memory_and_a_stop_says_how_to_go_on()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var relay = new CountingRelay(fixture.Server.Address);
        using var client = await FilesClient.SignedIn(relay.Address, olga);
        await using (var sparse = File.Create(client.At("sparse.bin")))
            sparse.SetLength(200 * MiB);

        relay.Hold(upBytes: 190 * MiB);
        using var put = client.Begin("put", "sparse.bin");
        await relay.Holds();
        var peak = (await File.ReadAllLinesAsync($"/proc/{put.Id}/status")).First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        Assert.InRange(long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null), 1, 150 << 10);

        using (var signal = Process.Start("kill", ["-INT", $"{put.Id}"]))
            await signal.WaitForExitAsync(TestContext.Current.CancellationToken);
        var (code, _, error) = await FilesClient.End(put);
        Assert.Equal(130, code);
        Assert.Contains("the same command goes on from there", error, StringComparison.Ordinal);
        relay.Break();
        Assert.InRange((await client.Json("put", "sparse.bin"))[0].GetProperty("resumedAt").GetInt64(), 100 * MiB, 191 * MiB);
    }

    [Fact]
    public async Task Processes_that_renew_a_sign_in_at_once_keep_it()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var client = await FilesClient.SignedIn(fixture.Server.Address, olga);
        var before = await Age();
        var processes = Enumerable.Range(0, 4).Select(_ => client.Begin("ls")).ToList();
        foreach (var process in processes)
        {
            using (process)
                Assert.Equal(0, (await FilesClient.End(process)).ExitCode);
        }

        var after = JsonNode.Parse(await File.ReadAllTextAsync(client.SignInFile))!;
        Assert.NotEqual((string)before["refreshToken"]!, (string)after["refreshToken"]!);
        Assert.Equal(OwnersFile, File.GetUnixFileMode(client.SignInFile));
        // Each exchange is one: whoever came later took what was written.
        await Age();
        Assert.Equal(0, (await client.Run("ls")).ExitCode);
        Assert.Equal(1, (await olga.Read("api/auth/sessions")).GetProperty("items").EnumerateArray()
            .Count(one => one.GetProperty("device").GetString()!.StartsWith("eventfiles files", StringComparison.Ordinal)));

        async Task<JsonNode> Age()
        {
            var signIn = JsonNode.Parse(await File.ReadAllTextAsync(client.SignInFile))!;
            signIn["accessUntil"] = "2020-01-01T00:00:00+00:00";
            signIn["accessToken"] = "over";
            await File.WriteAllTextAsync(client.SignInFile, signIn.ToJsonString());
            return signIn;
        }
    }

    [Fact]
    public async Task A_server_that_is_busy_is_asked_again_when_it_says_so()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var relay = new CountingRelay(fixture.Server.Address);
        using var client = await FilesClient.SignedIn(relay.Address, olga);
        relay.Refuse(2);
        var began = Stopwatch.GetTimestamp();
        Assert.Equal(0, (await client.Run("ls")).ExitCode);
        Assert.True(Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(2));

        relay.Refuse(100);
        Assert.Equal(6, (await client.Run("ls")).ExitCode);
    }

    [Fact]
    public async Task On_a_terminal_a_line_shows_how_far_it_is_and_a_password_is_never_seen()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var relay = new CountingRelay(fixture.Server.Address);
        using var client = new FilesClient();
        using (var login = OnTerminal(client, $"login {relay.Address} --email {olga.Email}"))
        {
            var shown = await Shown(login, "Password: ");
            // The terminal's echo is off a moment after the question.
            await EchoIsOff(await File.ReadAllTextAsync(client.At("terminal")));
            await login.StandardInput.WriteAsync($"{Person.Password}\r");
            var (code, output, _) = await FilesClient.End(login);
            Assert.True(code == 0, shown + output);
            Assert.DoesNotContain(Person.Password, shown + output, StringComparison.Ordinal);
        }

        client.Make("some.bin", new SeededBytes(11, 48 * MiB));
        relay.Hold(upBytes: 8 * MiB);
        using var put = OnTerminal(client, "put some.bin");
        await relay.Holds();
        var seen = await Shown(put, "MiB of 48.0 MiB");
        relay.Release();
        seen += (await FilesClient.End(put)).Output;
        Assert.Matches(@"\r\x1b\[2K\[#+-+\] +\d+%  0/1 files  \d+\.\d MiB of 48\.0 MiB", seen);
        Assert.Contains("some.bin -> /some.bin", seen, StringComparison.Ordinal);
    }

    // The terminal's name is left in a file beside.
    private static Process OnTerminal(FilesClient client, string command) => client.Begin(
        "script", ["-qefc", $"tty > terminal; TERM=xterm stty cols 120 && TERM=xterm dotnet {Server.HostDll} files {command}", "/dev/null"]);

    private static async Task<string> Shown(Process process, string until)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var shown = "";
        var buffer = new char[256];
        while (!shown.Contains(until, StringComparison.Ordinal))
        {
            var count = await process.StandardOutput.ReadAsync(buffer, patience.Token);
            Assert.True(count > 0, shown);
            shown += new string(buffer, 0, count);
        }

        return shown;
    }

    private static async Task EchoIsOff(string terminal)
    {
        for (var settings = ""; !settings.Split().Contains("-echo");)
        {
            using var stty = Process.Start(new ProcessStartInfo("stty", ["-F", terminal.Trim(), "-a"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            settings = await stty.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task IsStored(Person owner, Guid file, SeededBytes bytes)
    {
        using var reply = await owner.Http.GetAsync(new Uri($"api/files/{file}/content", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        Assert.True(await bytes.IsIn(await (await reply.Expect(200)).Content.ReadAsStreamAsync()));
    }
}
