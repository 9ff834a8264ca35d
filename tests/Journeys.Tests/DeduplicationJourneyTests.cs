using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>The same bytes of one owner: stored once, counted once, there until nobody has them.</summary>
public sealed class DeduplicationJourneyTests(EveryServer servers) : IClassFixture<EveryServer>
{
    /// <summary>Both stores, encrypted and not; the long form has each with each.</summary>
    public static TheoryData<bool, string> Stores() => Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1"
        ? new() { { false, "on" }, { false, "off" }, { true, "on" }, { true, "off" } }
        : new() { { false, "off" }, { true, "on" } };

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task The_same_bytes_are_stored_and_counted_once_and_stay_until_nobody_has_them(bool isBucket, string encryption)
    {
        var env = isBucket ? servers.EnvFileWith(("ENCRYPTION", encryption)) : null;
        await using var server = env is not null
            ? await Server.StartOn(env)
            : await Server.Start(null, ("ENCRYPTION", encryption));
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var bytes = RandomNumberGenerator.GetBytes(300_000);

        var first = await olga.Keep("first.bin", bytes);
        var second = await olga.Keep("second.bin", bytes);
        var third = (await (await olga.Post($"api/files/{first}/copy")).Expect(201).Json()).GetProperty("file").Id();
        Assert.Equal((bytes.Length, 0, 3), await olga.Quota());
        Assert.Equal((3L * bytes.Length, 2L * bytes.Length, (long)bytes.Length), await Figures(olga));
        // Another owner's are their own.
        var theirs = await ravi.Keep("mine.bin", bytes);
        Assert.Equal((bytes.Length, 0, 1), await ravi.Quota());
        Assert.Equal(((long)bytes.Length, 0L, (long)bytes.Length), await Figures(ravi));

        // The one that is charged goes: another is.
        await (await olga.Delete($"api/files/{first}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 2);
        Assert.Equal((bytes.Length, 0, 2), await olga.Quota());
        foreach (var file in new[] { second, third })
            Assert.Equal(bytes, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        using (var part = new HttpRequestMessage(HttpMethod.Get, $"api/files/{second}/content") { Headers = { Range = new(70_000, 70_099) } })
            Assert.Equal(bytes[70_000..70_100], await (await (await olga.Http.SendAsync(part)).Expect(206)).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        // Versions, too: what a former one has, the next may have again.
        await (await olga.Upload("second.bin", [1, 2, 3], null, ("onConflict", "newVersion"))).Expect(202);
        await (await olga.Upload("second.bin", bytes, null, ("onConflict", "newVersion"))).Expect(202);
        Assert.Equal((bytes.Length + 3, 0, 2), await olga.Quota());
        await (await olga.Delete($"api/files/{second}/versions/1")).Expect(202);
        await (await olga.Delete($"api/files/{second}/versions/2")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == bytes.Length);
        Assert.Equal(bytes, await olga.Http.GetByteArrayAsync($"api/files/{second}/content"));

        // In the trash they count as before, and there they are shared as well.
        await (await olga.Delete($"api/files/{third}")).Expect(202);
        var last = await olga.Keep("last.bin", bytes);
        Assert.Equal((bytes.Length, 0, 3), await olga.Quota());
        var broken = (await olga.Read("api/quota/explain")).GetProperty("breakdown");
        Assert.Equal((2L * bytes.Length, bytes.Length), (broken.GetProperty("currentBytes").GetInt64(), broken.GetProperty("trashBytes").GetInt64()));

        await server.Agrees(env);

        // What the store has lost comes back with whoever brings the same once more.
        await Lose(server, env, first);
        await (await olga.Get($"api/files/{second}/content")).Problem(404, "files.no-content");
        var again = await olga.Keep("again.bin", bytes);
        await server.Agrees(env);
        foreach (var file in new[] { second, last, again })
            Assert.Equal(bytes, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        Assert.Equal((bytes.Length, 0, 4), await olga.Quota());

        foreach (var file in new[] { second, third, last, again })
            await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 0);
        Assert.Equal((0, 0, 0), await olga.Quota());
        Assert.Equal(bytes, await ravi.Http.GetByteArrayAsync($"api/files/{theirs}/content"));
        await server.Agrees(env);
    }

    [Fact]
    public async Task A_backup_has_shared_bytes_once_and_what_is_restored_shares_them_still()
    {
        var folder = Directory.CreateTempSubdirectory("eventfiles-dedup-").FullName;
        try
        {
            await using var server = await Server.Start();
            using var olga = await Person.Register(server.Address, "Olga");
            var bytes = RandomNumberGenerator.GetBytes(100_000);
            var first = await olga.Keep("first.bin", bytes);
            var second = await olga.Keep("second.bin", bytes);
            var place = Path.Combine(folder, "backup");
            var written = await server.RunHere("backup", place, "--data", server.Data, "--json");
            Assert.True(written.ExitCode == 0, written.Error);
            using (var manifest = JsonDocument.Parse(written.Output))
                Assert.Equal((1, 0), (manifest.RootElement.GetProperty("objects").GetInt32(), manifest.RootElement.GetProperty("damaged").GetInt32()));

            var data = Path.Combine(folder, "data");
            var restored = await Server.Run("restore", place, "--data", data);
            Assert.True(restored.ExitCode == 0, restored.Error);
            await using var back = await Server.Start(data);
            using var again = await olga.SignInAt(back.Address);
            await (await again.Delete($"api/files/{first}?permanent=true")).Expect(202);
            await again.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 1);
            Assert.Equal(bytes, await again.Http.GetByteArrayAsync($"api/files/{second}/content"));
            Assert.Equal((bytes.Length, 0, 1), await again.Quota());
            await back.Agrees();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task The_client_tells_what_the_used_space_is_made_of()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        using var client = await FilesClient.SignedIn(server.Address, olga);
        await olga.Keep("first.bin", new byte[1000]);
        await olga.Keep("second.bin", new byte[1000]);
        var (code, output, error) = await client.Run("quota", "--json");
        Assert.True(code == 0, error);
        using var told = JsonDocument.Parse(output);
        Assert.Equal(
            (1000, 2000, 1000),
            (told.RootElement.GetProperty("usedBytes").GetInt32(), told.RootElement.GetProperty("currentBytes").GetInt32(), told.RootElement.GetProperty("sharedBytes").GetInt32()));
        (_, output, _) = await client.Run("quota");
        Assert.Contains("shared", output, StringComparison.Ordinal);
    }

    private static async Task<(long Logical, long Shared, long Stored)> Figures(Person person)
    {
        var broken = (await person.Read("api/quota/explain?limit=1")).GetProperty("breakdown");
        long Of(string name) => broken.GetProperty(name).GetInt64();
        return (Of("currentBytes") + Of("formerBytes") + Of("trashBytes") + Of("leavingBytes"), Of("sharedBytes"), Of("storedBytes"));
    }

    // The bytes of the first version of a file, past the program.
    private async Task Lose(Server server, string? env, Guid file)
    {
        if (env is null)
        {
            File.Delete(Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), $"{file}*", SearchOption.AllDirectories).Single());
            return;
        }

        using var s3 = servers.Bucket();
        var all = s3.Paginators.ListObjectsV2(new() { BucketName = servers.Settings["S3_BUCKET"] }).S3Objects;
        var its = await all.SingleAsync(one => one.Key.Contains($"{file}", StringComparison.Ordinal));
        await s3.DeleteObjectAsync(its.BucketName, its.Key);
    }
}
