using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>PostgreSQL, Redis, RabbitMQ and S3: nodes keep nothing to themselves.</summary>
public sealed class EveryServer() : RealServers("postgres,redis,rabbitmq,s3")
{
    private Person? first;

    /// <summary>Whoever registers first: asked for before anybody else does.</summary>
    public async Task<Person> Administrator(Uri server) => first is null ? first = await Person.Register(server, "Ada") : await first.SignInAt(server);
}

/// <summary>The main job on real servers: by one node, and by several that know nothing of each other.</summary>
public sealed class ServersJourneyTests(EveryServer servers) : IClassFixture<EveryServer>
{
    [Fact]
    public async Task One_node_serves_the_page_and_does_the_main_job()
    {
        await using var server = await Server.StartOn(servers.EnvFile);
        using var olga = await Person.Register(server.Address, "Olga");
        Assert.Contains("<html", await olga.Http.GetStringAsync(""), StringComparison.OrdinalIgnoreCase);
        var file = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        Assert.Equal("ready", (await olga.Settled(file)).GetProperty("status").GetString());
        await (await olga.Get($"api/files/{file}/variants/thumbnail")).Expect(200);
        Assert.Equal(Samples.Picture, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        await Leaves(olga, file);
    }

    [Fact]
    public async Task Of_sixty_four_downloads_at_once_by_two_nodes_a_link_lets_through_as_many_as_it_says()
    {
        await using var first = await Server.StartOn(servers.EnvFile, "api");
        await using var second = await Server.StartOn(servers.EnvFile, "api");
        await using var worker = await Server.StartOn(servers.EnvFile, "worker");
        using var olga = await Person.Register(first.Address, "Olga");
        var content = RandomNumberGenerator.GetBytes(70_000);
        var file = await olga.Keep("plan.bin", content);
        var link = await (await olga.Post($"api/files/{file}/links", new { maxDownloads = 10 })).Expect(201).Json();
        HttpClient[] anybody = [new() { BaseAddress = first.Address }, new() { BaseAddress = second.Address }];
        var path = $"api/links/{link.GetProperty("token").GetString()}/content";

        var replies = await Task.WhenAll(Enumerable.Range(0, 64).Select(n => anybody[n % 2].GetAsync(path)));

        Assert.Equal(10, replies.Count(reply => (int)reply.StatusCode == 200));
        foreach (var reply in replies)
        {
            if ((int)reply.StatusCode == 200)
                Assert.Equal(content, await reply.Content.ReadAsByteArrayAsync());
            else
                await reply.Problem(410, "share.link-ended");
        }

        var used = (await olga.Read($"api/files/{file}/access")).GetProperty("links")[0].GetProperty("downloadedAt").GetArrayLength();
        Assert.Equal(10, used);
        Array.ForEach(anybody, client => client.Dispose());
    }

    [Fact]
    public async Task What_one_node_takes_back_no_batch_of_checks_by_another_allows()
    {
        await using var first = await Server.StartOn(servers.EnvFile, "api");
        await using var second = await Server.StartOn(servers.EnvFile, "api");
        await using var worker = await Server.StartOn(servers.EnvFile, "worker");
        using var olga = await Person.Register(first.Address, "Olga");
        using var ravi = await Person.Register(first.Address, "Ravi");
        using var there = ravi.At(second.Address);
        var folder = (await olga.Post("api/folders", new { name = "Plans" }).Expect(201).Json()).Id();
        var file = (await olga.Upload("plan.bin", [1], null, ("folderId", $"{folder}")).Expect(202).Json()).GetProperty("file").Id();
        var alone = await olga.Keep("alone.bin", [2]);
        (string Path, bool[] Allows)[] places = [($"api/folders/{folder}", [true, false, true]), ($"api/files/{alone}", [false, true, false])];

        bool[] nothing = [false, false, false];

        // The one who asks has just seen that they may: nothing of it is left with the next request.
        for (var round = 0; round < 10; round++)
        {
            foreach (var (path, allows) in places)
            {
                var share = (await olga.Post($"{path}/shares", new { grantee = ravi.Id, role = "viewer" }).Expect(201).Json()).Id();
                Assert.Equal(allows, await Allowed());
                await olga.Delete($"api/shares/{share}").Expect(204);
                Assert.Equal(nothing, await Allowed());
            }
        }

        async Task<bool[]> Allowed()
        {
            object[] checks = [new { fileId = file, action = "read" }, new { fileId = alone, action = "read" }, new { folderId = folder, action = "read" }];
            var said = await there.Post("api/permissions/check", new { checks }).Expect(200).Json();
            return [.. said.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("allowed").GetBoolean())];
        }
    }

    [Fact]
    public async Task What_one_node_takes_a_worker_does_and_another_node_shows()
    {
        await using var first = await Server.StartOn(servers.EnvFile, "api");
        await using var second = await Server.StartOn(servers.EnvFile, "api");
        await using var worker = await Server.StartOn(servers.EnvFile, "worker");
        await using var spare = await Server.StartOn(servers.EnvFile, "worker");
        using var here = await Person.Register(first.Address, "Olga");
        using var there = here.At(second.Address);

        // Others that had these servers may have left something.
        var before = (await Status(_ => true)).GetProperty("storage");

        // What is acknowledged here is seen there by the next request, without a wait of its own.
        var file = await here.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        Assert.Equal("Dusk.jpg", (await there.Read($"api/files/{file}")).GetProperty("name").GetString());
        Assert.Equal("ready", (await there.Settled(file)).GetProperty("status").GetString());
        Assert.Equal(Samples.Picture, await there.Http.GetByteArrayAsync($"api/files/{file}/content"));
        await (await there.Get($"api/files/{file}/variants/thumbnail")).Expect(200);

        var status = await Status(one => one.GetProperty("queues").EnumerateArray().Any(queue => queue.GetProperty("kind").GetString() == "process"));
        Assert.Equal(["api", "api", "worker", "worker"], Roles(status).Order());
        Assert.All(status.GetProperty("nodes").EnumerateArray(), node =>
        {
            Assert.Equal(status.GetProperty("version").GetString(), node.GetProperty("version").GetString());
            Assert.InRange(node.GetProperty("since").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-10), TimeProvider.System.GetUtcNow());
        });
        var storage = status.GetProperty("storage");
        Assert.Equal("s3", storage.GetProperty("kind").GetString());
        Assert.Equal(
            (Stock(before, "originals").Objects + 1, Stock(before, "originals").Bytes + Samples.Picture.Length), Stock(storage, "originals"));
        Assert.Equal(Stock(before, "variants").Objects + 5, Stock(storage, "variants").Objects);

        // A worker that is killed leaves its work to the other.
        var more = new List<Guid>();
        for (var n = 0; n < 6; n++)
            more.Add(await here.Keep($"picture {n}.png", Samples.Transparent, "image/png"));
        await worker.Kill();
        await Status(one => Roles(one).Order().SequenceEqual(["api", "api", "worker"]));
        foreach (var one in more)
            Assert.Equal("ready", (await there.Settled(one)).GetProperty("status").GetString());

        // A list that begins here goes on there, and an upload too.
        var page = await here.Read("api/folders/root/children?limit=3");
        var rest = await there.Read($"api/folders/root/children?limit=10&cursor={page.GetProperty("nextCursor").GetString()}");
        Assert.Equal(4, rest.GetProperty("items").GetArrayLength());
        var content = RandomNumberGenerator.GetBytes(300_000);
        var upload = (await (await Tus.Create(here, content.Length, "halves.bin")).Expect(201)).Headers.Location!;
        await (await Tus.Patch(here, upload, 0, content[..200_000])).Expect(204);
        Assert.Equal((1, content.Length), Stock((await Status(_ => true)).GetProperty("storage"), "inFlight"));
        var last = await (await Tus.Patch(there, new Uri(upload.IsAbsoluteUri ? upload.PathAndQuery : upload.ToString(), UriKind.Relative), 200_000, content[200_000..])).Expect(204);
        Assert.Equal(content, await here.Http.GetByteArrayAsync($"api/files/{Assert.Single(last.Headers.GetValues("File-Id"))}/content"));

        // A worker answers nothing but how it is.
        using var stranger = new HttpClient { BaseAddress = spare.Address };
        await (await stranger.GetAsync("health/ready")).Expect(200);
        await (await stranger.GetAsync("api/me")).Expect(404);

        await Leaves(there, [file, .. more]);
        foreach (var command in new string[][] { ["status"], ["queues", "status"], ["projections", "list"], ["storage", "reconcile"] })
            Assert.Equal(0, (await Server.Run([.. command, "--env-file", servers.EnvFile])).ExitCode);
        foreach (var node in new[] { first, second, spare })
            Assert.Equal(0, await node.Stop());
    }

    // By hand, since no client reads a reply while it has more to send.
    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task What_is_cancelled_through_one_node_is_not_taken_any_further_by_another(string encryption)
    {
        var env = servers.EnvFileWith(("ENCRYPTION", encryption));
        await using var first = await Server.StartOn(env, "api");
        await using var second = await Server.StartOn(env, "api");
        await using var worker = await Server.StartOn(env, "worker");
        using var here = await Person.Register(first.Address, "Olga");
        using var there = here.At(second.Address);
        var upload = (await (await Tus.Create(here, 1 << 30, "long.bin")).Expect(201)).Headers.Location!;
        var path = upload.IsAbsoluteUri ? upload.PathAndQuery : upload.ToString();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var line = new TcpClient();
        await line.ConnectAsync(first.Address.Host, first.Address.Port, patience.Token);
        await using var stream = line.GetStream();
        var piece = RandomNumberGenerator.GetBytes(24 << 20);
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"PATCH {path} HTTP/1.1\r\nHost: {first.Address.Authority}\r\nAuthorization: {here.Http.DefaultRequestHeaders.Authorization}\r\n"
                + $"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {1 << 30}\r\n\r\n"),
            patience.Token);
        await stream.WriteAsync(piece, patience.Token);

        await (await Tus.Send(there, HttpMethod.Delete, new Uri(path, UriKind.Relative))).Expect(204);
        Assert.Equal((0, 0, 0), await there.Quota());
        await stream.WriteAsync(piece, patience.Token);

        using var reply = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 410 Gone", await reply.ReadLineAsync(patience.Token));
        await (await Tus.Send(here, HttpMethod.Head, upload)).Expect(410);
        await first.Agrees(env);
    }

    [Fact]
    public async Task What_changes_through_one_node_is_told_by_another_and_who_comes_again_has_missed_nothing()
    {
        await using var first = await Server.StartOn(servers.EnvFile, "api");
        var second = await Server.StartOn(servers.EnvFile, "api");
        await using var worker = await Server.StartOn(servers.EnvFile, "worker");
        using var here = await Person.Register(first.Address, "Olga");
        using var there = here.At(second.Address);
        using var ravi = await Person.Register(first.Address, "Ravi");
        using var follower = await Follower.Of(there);
        await follower.Until(one => one.Kind == "reset");

        var file = await here.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        var told = await follower.Until(one => one.Kind == "file" && one.Json.GetProperty("status").GetProperty("status").GetString() == "ready");
        Assert.Contains(told, one => one.Kind == "file" && one.Json.GetProperty("status").GetProperty("progress").GetProperty("percent").GetInt32() < 100);
        var left = follower.LastId;

        // The node goes, and what happens meanwhile is told by the other: of this person's files, and no news of what was told before.
        Assert.Equal(0, await second.Stop());
        Assert.Null(await follower.Next());
        var missed = await here.Keep("Missed.txt", Samples.Text, "text/plain");
        await ravi.Keep("Not hers.txt", Samples.Text, "text/plain");
        using var again = await Follower.Of(here, left);
        var caughtUp = await again.Until(one => one.Kind == "file" && one.File == missed);
        Assert.DoesNotContain(caughtUp, one => one.Kind == "reset" || (one.Kind == "file" && one.File != missed && one.File != file));
        Assert.Equal("Missed.txt", caughtUp[^1].Json.GetProperty("file").GetProperty("name").GetString());
        var next = await here.Keep("Next.txt", Samples.Text, "text/plain");
        await again.Until(one => one.Kind == "file" && one.File == next);

        // A sign-in that ends at one node ends the stream at another.
        await using var third = await Server.StartOn(servers.EnvFile, "api");
        using var elsewhere = here.At(third.Address);
        using var last = await Follower.Of(elsewhere);
        await last.Until(one => one.Kind == "reset");
        await here.Delete("api/auth/sessions/" + (await here.Read("api/auth/sessions")).GetProperty("items")[0].Id()).Expect(204);
        await last.Until(one => one.Kind == "end");
    }

    [Fact]
    public async Task A_backup_of_one_machine_is_restored_to_empty_servers_and_theirs_to_one_machine()
    {
        var folder = Directory.CreateTempSubdirectory("eventfiles-backup-").FullName;
        var (one, other, data) = (Path.Combine(folder, "one"), Path.Combine(folder, "other"), Path.Combine(folder, "data"));
        var env = servers.EnvFileWith(("DATABASE_URL", await NewDatabase("restored")), ("S3_PREFIX", "restored/"));

        await using var machine = await Server.Start();
        using var life = await SmallLife.On(machine.Address);
        await SmallLife.Run(0, "backup", one, "--data", machine.Data);
        var digests = await SmallLife.Digests("--data", machine.Data);
        Assert.Equal(0, await machine.Stop());

        await SmallLife.Run(0, "restore", one, "--env-file", env);
        Assert.Contains("backup.target-not-empty: ", (await SmallLife.Run(1, "restore", one, "--env-file", env)).Error, StringComparison.Ordinal);
        await using (var node = await Server.StartOn(env))
        {
            Assert.Equal(digests, await SmallLife.Digests("--env-file", env));
            await SmallLife.Run(0, "backup", other, "--env-file", env);
            await life.IsAt(node.Address, "--env-file", env);
            Assert.Equal(0, await node.Stop());
        }

        await SmallLife.Run(0, "restore", other, "--data", data);
        await using (var back = await Server.Start(data))
        {
            Assert.Equal(digests, await SmallLife.Digests("--data", data));
            await life.IsAt(back.Address, "--data", data);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Nodes_that_share_all_but_a_directory_are_refused_however_they_come_to_it()
    {
        var url = await NewDatabase("directory");
        var env = servers.EnvFileWith(("DATABASE_URL", url));
        var onDirectory = Path.Combine(Path.GetDirectoryName(env)!, "directory.env");
        await File.WriteAllLinesAsync(
            onDirectory, (await File.ReadAllLinesAsync(env, TestContext.Current.CancellationToken)).Where(line => !line.StartsWith("S3_", StringComparison.Ordinal)),
            TestContext.Current.CancellationToken);
        await using var one = await Server.StartOn(onDirectory);
        using var olga = await Person.Register(one.Address, "Olga");
        var file = await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        var (empty, copy) = (Directory.CreateTempSubdirectory("eventfiles-journey-"), Directory.CreateTempSubdirectory("eventfiles-journey-"));
        using (var copies = Process.Start("cp", ["-a", one.Data + "/.", copy.FullName]))
            await copies.WaitForExitAsync(TestContext.Current.CancellationToken);

        // On an empty folder, on what might as well be the same over a network, on the very same, and on a bucket.
        await Task.WhenAll(
            Refused(1, "would keep its views, its work or its objects to itself", "--env-file", onDirectory, "--data", empty.FullName),
            Refused(1, "would keep its views, its work or its objects to itself", "--env-file", onDirectory, "--data", copy.FullName),
            Refused(1, "Another EventFiles server", "--env-file", onDirectory, "--data", one.Data),
            Refused(1, "that keeps its views, its work or its objects to itself", "--env-file", servers.EnvFileWith(("DATABASE_URL", url), ("S3_PREFIX", "directory/"))),
            Refused(2, "S3_ENDPOINT: it is missing", "--env-file", onDirectory, "--role", "worker"));

        Assert.Equal(Samples.Text, await olga.Http.GetByteArrayAsync($"api/files/{file}/content", TestContext.Current.CancellationToken));
        Assert.Equal(0, await one.Stop());
        empty.Delete(recursive: true);
        copy.Delete(recursive: true);

        static async Task Refused(int expected, string why, params string[] options)
        {
            var (code, _, error) = await Server.Run(["serve", "--urls", "http://127.0.0.1:0", .. options]);
            Assert.Contains(why, error, StringComparison.Ordinal);
            Assert.Equal(expected, code);
        }
    }

    // What nodes tell of themselves may be some seconds old.
    private async Task<JsonElement> Status(Func<JsonElement, bool> wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var (code, output, error) = await Server.Run("status", "--json", "--env-file", servers.EnvFile);
            Assert.True(code == 0, error);
            var status = JsonDocument.Parse(output).RootElement;
            if (wanted(status))
                return status;
            await Task.Delay(100, patience.Token);
        }
    }

    private async Task<string> NewDatabase(string name)
    {
        var owner = servers.Settings["DATABASE_URL"];
        await using var database = NpgsqlDataSource.Create(Server.ConnectionString(owner));
        await using var make = database.CreateCommand($"create database {name}");
        await make.ExecuteNonQueryAsync();
        return owner[..owner.LastIndexOf('/')] + "/" + name;
    }

    private static IEnumerable<string> Roles(JsonElement status) =>
        status.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("role").GetString()!);

    private static (long Objects, long Bytes) Stock(JsonElement storage, string sort) =>
        (storage.GetProperty(sort).GetProperty("objects").GetInt64(), storage.GetProperty(sort).GetProperty("bytes").GetInt64());

    // Deleted for good, nothing is shown and nothing is kept.
    private async Task Leaves(Person person, params Guid[] files)
    {
        foreach (var file in files)
            await (await person.Delete($"api/files/{file}?permanent=true")).Expect(202);
        foreach (var file in files)
        {
            await (await person.Get($"api/files/{file}/content")).Expect(404);
            await person.Until($"api/files/{file}/history", history => history.GetProperty("items").EnumerateArray().Any(IsPurge));
        }

        var (code, output, _) = await Server.Run("storage", "reconcile", "--env-file", servers.EnvFile);
        Assert.Equal((0, "Log and object store agree.\n"), (code, output));
    }

    private static bool IsPurge(JsonElement entry) =>
        entry.GetProperty("what").GetString()!.Contains("purged", StringComparison.Ordinal);
}
