using System.Security.Cryptography;

namespace EventFiles.Journeys.Tests;

/// <summary>PostgreSQL, Redis, RabbitMQ and S3, and nodes that send clients to the S3 server.</summary>
public sealed class StoreForClients() : RealServers("postgres,redis,rabbitmq,s3")
{
    /// <summary>The settings of such nodes.</summary>
    public string Direct => EnvFileWith(("ENCRYPTION", "off"), ("DIRECT_UPLOADS", "on"));
}

/// <summary>Uploads in parts on real servers: the parts go to the S3 server past the program.</summary>
public sealed class DirectServersJourneyTests(StoreForClients servers) : IClassFixture<StoreForClients>
{
    private const int PartBytes = 8 << 20;

    [Fact]
    public async Task Parts_go_to_the_server_itself_and_become_a_file_by_another_node_after_a_kill()
    {
        var settings = servers.Direct;
        await using var one = await Server.StartOn(settings);
        await using var two = await Server.StartOn(settings);
        using var olga = await Person.Register(one.Address, "Olga");
        using var there = olga.At(two.Address);
        var bytes = RandomNumberGenerator.GetBytes((2 * PartBytes) + 3);
        var begun = await (await Direct.TryBegin(olga, new { name = "Film.mp4", sizeBytes = bytes.Length, sha256 = Direct.Digest(bytes) })).Expect(201);
        var upload = begun.Headers.Location!;

        await Put(one.Address, upload, olga, bytes, 3, 1);
        await one.Kill();
        Assert.Equal([1, 3], (await there.Read(upload.ToString())).GetProperty("stored").EnumerateArray().Select(part => part.GetProperty("number").GetInt32()));
        await there.Post($"{upload}/complete").Problem(409, "upload.missing-part");
        var addresses = await Put(two.Address, upload, there, bytes, 2, 1);
        Assert.All(addresses, address => Assert.Equal(new Uri(servers.Settings["S3_ENDPOINT"]).Authority, address.Authority));

        var file = await Complete(there, upload);
        Assert.Equal(file, await Complete(there, upload));
        Assert.Equal(bytes, await (await there.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        Assert.Equal(Direct.Digest(bytes), (await there.Read($"api/files/{file}")).GetProperty("sha256").GetString());
        Assert.Equal((bytes.Length, 0, 1), await there.Quota());

        // What the addresses led to is gone: they change nothing that is a file.
        Assert.Equal(404, (int)(await Direct.Put(addresses[0], bytes[..PartBytes].Reverse().ToArray())).StatusCode);
        Assert.Equal(bytes, await (await there.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        Assert.DoesNotContain("X-Amz-Signature", one.Log + two.Log, StringComparison.OrdinalIgnoreCase);
        await one.Restart();
    }

    [Fact]
    public async Task Two_nodes_that_complete_at_once_make_one_file_and_what_is_wrong_leaves_nothing_in_the_bucket()
    {
        var settings = servers.Direct;
        await using var one = await Server.StartOn(settings);
        await using var two = await Server.StartOn(settings);
        using var olga = await Person.Register(one.Address, "Olga");
        using var there = olga.At(two.Address);
        var bytes = RandomNumberGenerator.GetBytes(PartBytes + 3);

        var upload = (await Direct.TryBegin(olga, new { name = "a.bin", sizeBytes = bytes.Length }).Expect(201)).Headers.Location!;
        await Put(one.Address, upload, olga, bytes, 1, 2);
        var files = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => Complete(number % 2 == 0 ? olga : there, upload)));
        Assert.Single(files.Distinct());

        var wrong = (await Direct.TryBegin(olga, new { name = "b.bin", sizeBytes = bytes.Length, sha256 = Direct.Digest([1]) }).Expect(201)).Headers.Location!;
        await Put(one.Address, wrong, olga, bytes, 1, 2);
        var reply = await there.Post($"{wrong}/complete");
        for (var tries = 0; (int)reply.StatusCode == 202 && tries < 100; tries++)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
            reply = await there.Post($"{wrong}/complete");
        }

        await reply.Problem(400, "upload.digest-mismatch");
        var given = (await Direct.TryBegin(olga, new { name = "c.bin", sizeBytes = bytes.Length }).Expect(201)).Headers.Location!;
        var old = await Put(one.Address, given, olga, bytes, 1);
        await there.Delete(given.ToString()).Expect(204);

        await Eventually("select count(*) from eventfiles.object_writes where key like 'raw/%' and key not in (select data->>'storedAs' from mt_events where type = 'upload.completed.v1')");
        Assert.Equal(404, (int)(await Direct.Put(old[0], bytes[..PartBytes])).StatusCode);
        Assert.Equal((bytes.Length, 0, 1), await olga.Quota());
        Assert.Equal(0, (await Server.Run("storage", "reconcile", "--env-file", settings)).ExitCode);
    }

    [Fact]
    public async Task Where_content_is_encrypted_a_start_is_refused_that_would_send_clients_past_it()
    {
        var (code, _, error) = await Server.Run("serve", "--env-file", servers.EnvFileWith(("DIRECT_UPLOADS", "on")));
        Assert.Equal(2, code);
        Assert.Contains("DIRECT_UPLOADS", error, StringComparison.Ordinal);

        await using var one = await Server.StartOn(servers.EnvFile);
        using var olga = await Person.Register(one.Address, "Olga");
        await Direct.TryBegin(olga, new { name = "a", sizeBytes = 1 }).Problem(409, "upload.direct-unavailable");
    }

    [Fact]
    public async Task Parts_that_nobody_completes_leave_the_bucket_at_the_deadline()
    {
        await using var one = await Server.StartOn(servers.EnvFileWith(("ENCRYPTION", "off"), ("DIRECT_UPLOADS", "on"), ("Upload__Life", "00:00:08")));
        using var olga = await Person.Register(one.Address, "Olga");
        var bytes = RandomNumberGenerator.GetBytes(PartBytes + 3);
        var upload = (await Direct.TryBegin(olga, new { name = "late.bin", sizeBytes = bytes.Length }).Expect(201)).Headers.Location!;
        await Put(one.Address, upload, olga, bytes, 1);

        await olga.Until("api/quota", quota => quota.GetProperty("reservedBytes").GetInt64() == 0);
        await Eventually("select count(*) from eventfiles.object_writes where state in ('growing', 'doomed')");
        await olga.Post($"{upload}/complete").Problem(410, "upload.ended");
    }

    /// <summary>Killed at any of these, and started again as a supervisor does it: what was promised is kept, once.</summary>
    [Theory]
    [InlineData("upload.direct-reserved")]
    [InlineData("s3.direct-recorded")]
    [InlineData("upload.direct-begun")]
    [InlineData("upload.direct-delivered")]
    [InlineData("s3.direct-completed")]
    [InlineData("s3.direct-read")]
    [InlineData("upload.direct-joined")]
    [InlineData("upload.direct-finished")]
    public async Task Killed_there_it_is_one_file_or_none_and_nothing_is_left_behind(string place)
    {
        Assert.True(File.Exists(Server.ArmedDll), "Build it first: eng/test does.");
        var settings = servers.Direct;
        var orders = Path.Combine(Path.GetTempPath(), $"eventfiles-kill-{Guid.NewGuid():n}");
        await using var node = await Server.StartArmed(settings, "all", ("KILL_POINT_FILE", orders), ("Upload__Life", "00:00:20"));
        using var olga = await Person.Register(node.Address, "Olga");
        var bytes = RandomNumberGenerator.GetBytes(PartBytes + 3);
        var begin = new { name = "Film.mp4", sizeBytes = bytes.Length, sha256 = Direct.Digest(bytes) };
        await File.WriteAllTextAsync(orders, $"{place} 1");

        Uri? upload = null;
        try
        {
            upload = (await Direct.TryBegin(olga, begin).Expect(201)).Headers.Location!;
            await Put(node.Address, upload, olga, bytes, 1, 2);
            await Complete(olga, upload);
            await Died(node);
        }
        catch (HttpRequestException)
        {
            await Died(node);
        }

        await node.Ended();
        await node.Restart();
        // Whoever did not hear where to go begins anew; the other one goes on.
        upload ??= (await Direct.TryBegin(olga, begin).Expect(201)).Headers.Location!;
        if ((await olga.Read(upload.ToString())).GetProperty("state").GetString() == "open")
            await Put(node.Address, upload, olga, bytes, 1, 2);
        var file = await Complete(olga, upload);
        Assert.Equal(bytes, await (await olga.Get($"api/files/{file}/content")).Content.ReadAsByteArrayAsync());
        await olga.Until("api/quota", quota => quota.GetProperty("reservedBytes").GetInt64() == 0);
        Assert.Equal((bytes.Length, 0, 1), await olga.Quota());
        Assert.Equal(1, (await olga.Read("api/folders/root/children")).GetProperty("items").GetArrayLength());
        await Eventually("select count(*) from eventfiles.object_writes where state <> 'sealed'");
        Assert.Equal(0, (await Server.RunWith([("Storage__Grace", "00:00:00")], "storage", "reconcile", "--env-file", settings)).ExitCode);
        File.Delete(orders);
    }

    // The one that was to die has.
    private static async Task Died(Server node)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!node.HasEnded)
            await Task.Delay(50, patience.Token);
    }

    private async Task Eventually(string nothing)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(servers.Database);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            await using var command = database.CreateCommand(nothing);
            if (await command.ExecuteScalarAsync(patience.Token) is 0L)
                return;
            await Task.Delay(100, patience.Token);
        }
    }

    private static async Task<List<Uri>> Put(Uri server, Uri upload, Person person, byte[] bytes, params int[] numbers)
    {
        var addresses = (await person.Read($"{upload}/parts")).GetProperty("items").EnumerateArray()
            .Select(one => new Uri(server, one.GetProperty("url").GetString())).ToList();
        foreach (var number in numbers)
            await Direct.Put(addresses[number - 1], bytes[((number - 1) * PartBytes)..Math.Min(number * PartBytes, bytes.Length)]).Expect(200);
        return addresses;
    }

    private static async Task<Guid> Complete(Person person, Uri upload)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (true)
        {
            var reply = await person.Post($"{upload}/complete");
            if ((int)reply.StatusCode != 202)
                return (await (await reply.Expect(200)).Json()).GetProperty("file").GetGuid();
            await Task.Delay(100, patience.Token);
        }
    }
}
