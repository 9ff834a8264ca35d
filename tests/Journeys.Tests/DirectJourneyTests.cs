using System.Security.Cryptography;

namespace EventFiles.Journeys.Tests;

/// <summary>Uploads in parts on one machine, where their addresses are the server's own and content is encrypted.</summary>
public sealed class DirectJourneyTests
{
    private static readonly (string, string)[] On = [("DIRECT_UPLOADS", "on"), ("Upload__DirectPartBytes", "5242880")];

    [Fact]
    public async Task Parts_that_clients_bring_become_a_file_once()
    {
        await using var server = await Server.Start(environment: On);
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        Assert.True((await olga.Read("api/uploads/direct")).GetProperty("isAvailable").GetBoolean());
        var bytes = RandomNumberGenerator.GetBytes((2 * Direct.PartBytes) + 77);
        var upload = await Direct.Begin(olga, "Film.mp4", bytes, Direct.Digest(bytes));
        Assert.Equal(3, upload.Parts);
        Assert.Equal((0, bytes.Length, 0), await olga.Quota());

        // Somebody else's upload is none, however it is asked for.
        foreach (var ask in (Func<Task<HttpResponseMessage>>[])[
            () => ravi.Get(upload.At.ToString()), () => ravi.Get($"{upload.At}/parts"), () => upload.TryComplete(ravi), () => ravi.Delete(upload.At.ToString()),
            () => Tus.Send(olga, HttpMethod.Head, new Uri(upload.At.ToString().Replace("/direct", "", StringComparison.Ordinal), UriKind.Relative))])
            Assert.Equal(404, (int)(await ask()).StatusCode);

        var addresses = await upload.Addresses(olga);
        await Direct.Put(addresses[0], upload.Part(2)[1..]).Problem(400, "upload.wrong-part-size");
        await Direct.Put(addresses[0], upload.Part(3)).Problem(400, "upload.wrong-part-size");
        await Direct.Put(new Uri(addresses[0].OriginalString[..^3] + "AAA"), upload.Part(1)).Problem(403, "upload.bad-address");
        await olga.Get($"{upload.At}/parts?from=4").Problem(422, "upload.no-such-part");
        await olga.Get($"{upload.At}/parts?count=1001").Problem(422, "upload.no-such-part");
        await upload.Bring(olga, 3, 1);
        var missing = await upload.TryComplete(olga);
        var problem = await (await missing.Expect(409)).Json();
        Assert.Equal("urn:eventfiles:problem:upload.missing-part", problem.GetProperty("type").GetString());
        Assert.Equal("2", problem.GetProperty("errors").GetProperty("parts")[0].GetString());
        Assert.Equal([1, 3], (await upload.Read(olga)).GetProperty("stored").EnumerateArray().Select(part => part.GetProperty("number").GetInt32()));
        await upload.Bring(olga, 1, 2);

        var files = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => upload.Complete(olga)));
        var file = Assert.Single(files.Distinct());
        Assert.Equal(file, await upload.Complete(olga));
        Assert.Equal(file, (await upload.Read(olga)).GetProperty("file").GetGuid());
        Assert.Equal(bytes, await (await olga.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        var seen = await olga.Read($"api/files/{file}");
        Assert.Equal((Direct.Digest(bytes), 1), (seen.GetProperty("sha256").GetString(), seen.GetProperty("version").GetInt32()));
        Assert.Equal((bytes.Length, 0, 1), await olga.Quota());

        await Direct.Put(addresses[0], upload.Part(2)).Problem(410, "upload.ended");
        Assert.Equal(bytes, await (await olga.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        await NoPartIsLeft(server);
        Assert.Single(Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), "*", SearchOption.AllDirectories));

        // What opens doors stands nowhere but with who has it.
        var events = await Events(server);
        var secret = addresses[0].Query[^60..];
        Assert.Contains("TakePart", server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_bytes_has_no_parts_and_is_a_file()
    {
        await using var server = await Server.Start(environment: On);
        using var olga = await Person.Register(server.Address, "Olga");
        var upload = await Direct.Begin(olga, "Empty.txt", []);
        Assert.Equal(0, upload.Parts);
        var file = await upload.Complete(olga);
        Assert.Equal(file, await upload.Complete(olga));
        Assert.Empty(await (await olga.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        Assert.Equal((0, 0, 1), await olga.Quota());
        await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 0);
    }

    [Fact]
    public async Task What_is_not_as_it_was_said_becomes_no_file_and_leaves_nothing()
    {
        await using var server = await Server.Start(environment: On);
        using var olga = await Person.Register(server.Address, "Olga");
        var bytes = RandomNumberGenerator.GetBytes(Direct.PartBytes + 1);
        await Direct.TryBegin(olga, new { name = "a", sizeBytes = -1 }).Expect(422);
        await Direct.TryBegin(olga, new { name = "a/b", sizeBytes = 1 }).Expect(422);
        await Direct.TryBegin(olga, new { name = "a", sizeBytes = 1, sha256 = "ABC" }).Expect(422);
        await Direct.TryBegin(olga, new { name = "a", sizeBytes = 1, folderId = Guid.NewGuid() }).Expect(404);
        await Direct.TryBegin(olga, new { name = "a", sizeBytes = 6L << 30 }).Problem(413, "upload.too-large");
        Assert.Equal((0, 0, 0), await olga.Quota());

        // Promised at the beginning, or at the end.
        foreach (var (first, last) in new (string?, string?)[] { (Direct.Digest([1]), null), (null, Direct.Digest([1])) })
        {
            var other = await Direct.Begin(olga, "Other.bin", bytes, first);
            await other.BringAll(olga);
            await Refused(() => other.TryComplete(olga, last), 400, "upload.digest-mismatch");
            await Refused(() => other.TryComplete(olga, last), 400, "upload.digest-mismatch");
            // Work has ended it, and a refusal waits for no view.
            await olga.Until("api/quota", space => space.GetProperty("reservedBytes").GetInt64() == 0);
            Assert.Equal((0, 0, 0), await olga.Quota());
        }

        // Ended by its client: an address leads nowhere.
        var given = await Direct.Begin(olga, "Given up.bin", bytes);
        var address = (await given.Addresses(olga))[0];
        await given.Bring(olga, 1);
        await olga.Delete(given.At.ToString()).Expect(204);
        await olga.Delete(given.At.ToString()).Expect(410);
        await given.TryComplete(olga).Problem(410, "upload.ended");
        await Direct.Put(address, given.Part(1)).Problem(410, "upload.ended");
        Assert.Equal((0, 0, 0), await olga.Quota());
        await NoPartIsLeft(server);
        await Nothing(server);
    }

    [Fact]
    public async Task Who_completes_and_who_ends_it_at_once_agree_on_one_end()
    {
        await using var server = await Server.Start(environment: On);
        using var olga = await Person.Register(server.Address, "Olga");
        var (made, ended) = (0, 0);
        for (var round = 0; round < 10; round++)
        {
            var upload = await Direct.Begin(olga, $"{round}.bin", RandomNumberGenerator.GetBytes(1000 + round));
            await upload.BringAll(olga);
            var (complete, end) = (upload.TryComplete(olga), Task.Delay(round * 3, TestContext.Current.CancellationToken).ContinueWith(_ => olga.Delete(upload.At.ToString()), TaskScheduler.Default).Unwrap());
            await Task.WhenAll(complete, end);
            var isFile = (int)(await olga.Get(upload.At.ToString())).StatusCode == 200;
            (made, ended) = isFile ? (made + 1, ended) : (made, ended + 1);
            Assert.Equal(isFile ? 409 : 204, (int)(await end).StatusCode);
        }

        Assert.Equal(10, made + ended);
        Assert.Equal((0, made), ((await olga.Quota()).Reserved, (await olga.Quota()).Files));
        await NoPartIsLeft(server);
        Assert.Equal(made, (await olga.Read("api/folders/root/children")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Parts_that_nobody_completes_go_at_the_deadline()
    {
        await using var server = await Server.Start(environment: [.. On, ("Upload__Life", "00:00:20")]);
        using var olga = await Person.Register(server.Address, "Olga");
        var upload = await Direct.Begin(olga, "Late.bin", RandomNumberGenerator.GetBytes(Direct.PartBytes + 5));
        var address = (await upload.Addresses(olga))[0];
        await upload.BringAll(olga);
        Assert.NotEmpty(Parts(server));

        await olga.Until("api/quota", quota => quota.GetProperty("reservedBytes").GetInt64() == 0);
        await upload.TryComplete(olga).Problem(410, "upload.ended");
        Assert.Equal(403, (int)(await Direct.Put(address, upload.Part(1))).StatusCode);
        await NoPartIsLeft(server);
        await Nothing(server);
    }

    // As if its node had been killed after it was stored, and before it saw that the upload was over.
    [Fact]
    public async Task A_part_that_came_too_late_and_stayed_is_found_and_goes()
    {
        await using var server = await Server.Start(environment: [.. On, ("Storage__Grace", "00:00:00")]);
        using var olga = await Person.Register(server.Address, "Olga");
        var upload = await Direct.Begin(olga, "a.bin", RandomNumberGenerator.GetBytes(1000));
        await upload.BringAll(olga);
        var place = Assert.Single(Parts(server));
        var kept = await File.ReadAllBytesAsync(place, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await server.RunHere("storage", "reconcile", "--data", server.Data)).ExitCode);
        await upload.Complete(olga);
        await NoPartIsLeft(server);

        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        await File.WriteAllBytesAsync(place, kept, TestContext.Current.CancellationToken);
        var (code, found, _) = await server.RunHere("storage", "reconcile", "--apply", "--json", "--data", server.Data);
        Assert.Equal(1, code);
        Assert.Contains("parts/", found, StringComparison.Ordinal);
        Assert.Empty(Parts(server));
        Assert.Equal(0, (await server.RunHere("storage", "reconcile", "--data", server.Data)).ExitCode);
    }

    [Fact]
    public async Task Killed_when_a_part_is_stored_and_not_answered_for_it_is_there_and_may_come_again()
    {
        Assert.True(File.Exists(Server.ArmedDll), "Build it first: eng/test does.");
        var orders = Path.Combine(Path.GetTempPath(), $"eventfiles-kill-{Guid.NewGuid():n}");
        await using var server = await Server.StartArmed("/dev/null", "all", [.. On, ("KILL_POINT_FILE", orders)]);
        using var olga = await Person.Register(server.Address, "Olga");
        var bytes = RandomNumberGenerator.GetBytes(Direct.PartBytes + 1);
        var upload = await Direct.Begin(olga, "Film.mp4", bytes, Direct.Digest(bytes));
        await File.WriteAllTextAsync(orders, "upload.direct-part-stored 1", TestContext.Current.CancellationToken);

        var cut = Direct.Put((await upload.Addresses(olga))[0], upload.Part(1));
        await server.Ended();
        await EndsSomehow(cut);
        await server.Restart();

        Assert.Equal(1, (await upload.Read(olga)).GetProperty("stored").GetArrayLength());
        await upload.BringAll(olga);
        var file = await upload.Complete(olga);
        Assert.Equal(bytes, await (await olga.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        await NoPartIsLeft(server);
        File.Delete(orders + ".reached");
    }

    [Fact]
    public async Task After_a_kill_a_client_goes_on_with_the_parts_that_are_there()
    {
        await using var server = await Server.Start(environment: On);
        using var olga = await Person.Register(server.Address, "Olga");
        var bytes = RandomNumberGenerator.GetBytes((6 * Direct.PartBytes) + 1);
        var upload = await Direct.Begin(olga, "Film.mp4", bytes, Direct.Digest(bytes));
        await upload.Bring(olga, 2, 4);
        var addresses = await upload.Addresses(olga);
        var cut = Direct.Put(addresses[4], upload.Part(5));
        await server.Kill();
        await EndsSomehow(cut);
        await server.Restart();

        var stored = (await upload.Read(olga)).GetProperty("stored").EnumerateArray().Select(part => part.GetProperty("number").GetInt32()).ToList();
        Assert.Equal([2, 4], stored.Except([5]));
        await upload.Bring(olga, Enumerable.Range(1, upload.Parts).Except(stored));

        // And once more while what is there is made a file: what was promised is kept.
        var complete = upload.TryComplete(olga);
        await olga.Until(upload.At.ToString(), seen => seen.GetProperty("state").GetString() != "open");
        await server.Kill();
        await EndsSomehow(complete);
        await server.Restart();
        var file = await upload.Complete(olga);
        Assert.Equal(bytes, await (await olga.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        Assert.Equal((bytes.Length, 0, 1), await olga.Quota());
        await NoPartIsLeft(server);
    }

    [Fact]
    public async Task It_may_be_the_next_version_of_a_file_of_another_whose_space_it_takes()
    {
        await using var server = await Server.Start(environment: On);
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var file = await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" }).Expect(201);
        var bytes = RandomNumberGenerator.GetBytes(100);

        var begun = await (await Direct.TryBegin(ravi, new { name = "Notes.txt", sizeBytes = bytes.Length, fileId = file })).Expect(201);
        var address = (await ravi.Read($"{begun.Headers.Location}/parts")).GetProperty("items")[0];
        await Direct.Put(new Uri(server.Address, address.GetProperty("url").GetString()), bytes).Expect(204);
        Assert.Equal(file, (await (await ravi.Post($"{begun.Headers.Location}/complete")).Expect(200).Json()).GetProperty("file").GetGuid());
        Assert.Equal(bytes, await (await olga.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        Assert.Equal((Samples.Text.Length + bytes.Length, 0, 1), await olga.Quota());
        Assert.Equal((0, 0, 0), await ravi.Quota());
    }

    [Fact]
    public async Task A_limit_that_was_lowered_meanwhile_counts_when_the_file_is_made()
    {
        await using var server = await Server.Start(environment: On);
        using var admin = await Person.Register(server.Address, "Admin");
        using var olga = await Person.Register(server.Address, "Olga");
        await Direct.TryBegin(olga, new { name = "a", sizeBytes = 4_000_000_000_000 }).Expect(413);
        var upload = await Direct.Begin(olga, "Large.bin", RandomNumberGenerator.GetBytes(3_000_000));
        await upload.BringAll(olga);
        await admin.Put($"api/admin/accounts/{olga.Id}/quota", new { limitBytes = 1000 }).Expect(200);

        await Direct.TryBegin(olga, new { name = "b", sizeBytes = 2_000_000 }).Problem(507, "quota.exceeded");
        var reply = await upload.TryComplete(olga);
        // Space that was set aside is its owner's, or it is not: in either case the figures are right.
        Assert.True((int)reply.StatusCode is 200 or 507);
        await olga.Until("api/quota", quota => quota.GetProperty("reservedBytes").GetInt64() == 0);
        var (used, _, files) = await olga.Quota();
        Assert.Equal((int)reply.StatusCode == 200 ? (3_000_000, 1) : (0, 0), (used, files));
        await NoPartIsLeft(server);
    }

    [Fact]
    public async Task The_client_sends_large_files_in_parts_and_goes_on_after_a_kill_with_those_that_are_there()
    {
        await using var server = await Server.Start(environment: On);
        using var olga = await Person.Register(server.Address, "Olga");
        using var relay = new CountingRelay(server.Address);
        using var client = await FilesClient.SignedIn(relay.Address, olga);
        var bytes = RandomNumberGenerator.GetBytes(60 << 20);
        client.Make("large.bin", bytes);
        client.Make("small.bin", [1, 2, 3]);

        relay.Hold(upBytes: 40 << 20);
        using (var first = client.Begin("put", "large.bin"))
        {
            await relay.Holds();
            first.Kill();
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Single(client.Unfinished);
        relay.Break();
        var done = Assert.Single(await client.Json("put", "large.bin"));
        var resumedAt = done.GetProperty("resumedAt").GetInt64();
        Assert.InRange(resumedAt, 10 << 20, 40 << 20);
        Assert.InRange(relay.Up, bytes.Length - resumedAt, bytes.Length - resumedAt + (1 << 20));
        Assert.Empty(client.Unfinished);
        Assert.Equal(Direct.Digest(bytes), (await olga.Read($"api/files/{done.Id()}")).GetProperty("sha256").GetString());
        Assert.Contains("\"upload.delivered.v1\"", await Events(server), StringComparison.Ordinal);

        // Small ones, and all when that is wished for, go through the server as ever.
        await client.Json("put", "small.bin");
        await client.Json("put", "large.bin", "--no-direct", "--on-conflict", "version");
        Assert.Equal(1, (await Events(server)).Split("\"upload.delivered.v1\"").Length - 1);
        Assert.Equal(1, (await client.Run("put", "large.bin", "--on-conflict", "fail")).ExitCode / 5);
        Assert.Empty(client.Unfinished);
    }

    [Fact]
    public async Task Where_it_is_off_everybody_is_told_so()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        Assert.False((await olga.Read("api/uploads/direct")).GetProperty("isAvailable").GetBoolean());
        await Direct.TryBegin(olga, new { name = "a", sizeBytes = 1 }).Problem(409, "upload.direct-unavailable");
    }

    private static async Task Refused(Func<Task<HttpResponseMessage>> complete, int status, string code)
    {
        var reply = await complete();
        for (var tries = 0; (int)reply.StatusCode == 202 && tries < 100; tries++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            reply = await complete();
        }

        await reply.Problem(status, code);
    }

    // Of a request to a server that is killed nobody knows how it ends.
    private static async Task EndsSomehow(Task<HttpResponseMessage> request)
    {
        try
        {
            (await request).Dispose();
        }
        catch (HttpRequestException)
        {
            // It was killed first.
        }
    }

    private static async Task<string> Events(Server server) =>
        (await server.RunHere("events", "tail", "--json", "--last", "1000", "--data", server.Data)).Output;

    private static string[] Parts(Server server)
    {
        var folder = Path.Combine(server.Data, "objects", "parts");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories) : [];
    }

    // Work that follows on an end takes them away.
    private static async Task NoPartIsLeft(Server server)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (Parts(server).Length > 0)
            await Task.Delay(50, patience.Token);
    }

    private static async Task Nothing(Server server)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var raw = Path.Combine(server.Data, "objects", "raw");
        while (Directory.Exists(raw) && Directory.GetFiles(raw, "*", SearchOption.AllDirectories).Length > 0)
            await Task.Delay(50, patience.Token);
        Assert.Equal(0, (await server.RunHere("storage", "reconcile", "--data", server.Data)).ExitCode);
    }
}
