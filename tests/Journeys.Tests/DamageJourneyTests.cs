using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Objects that a disk or a bucket has altered or cut: told by a code of their own, in nobody's way, and to be got rid of.</summary>
public sealed class DamageJourneyTests(EveryServer servers) : IClassFixture<EveryServer>
{
    private const int RandomBytes = 300_000;

    /// <summary>Both stores, encrypted and not; the long form has each with each.</summary>
    public static TheoryData<bool, string> Stores() => Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1"
        ? new() { { false, "on" }, { false, "off" }, { true, "on" }, { true, "off" } }
        : new() { { false, "on" }, { false, "off" }, { true, "on" } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_is_damaged_can_be_deleted_and_its_space_is_free(bool isBucket, string encryption)
    {
        var env = isBucket ? servers.EnvFileWith(("ENCRYPTION", encryption)) : null;
        await using var server = env is not null ? await Server.StartOn(env) : await Server.Start(null, ("ENCRYPTION", encryption));
        using var olga = await Person.Register(server.Address, "Olga");
        var files = new List<Guid>();
        foreach (var name in new[] { "flipped", "cut" })
        {
            files.Add(await olga.Keep($"{name}.bin", RandomNumberGenerator.GetBytes(RandomBytes)));
            files.Add(await olga.Keep($"{name}.txt", Text(name), "text/plain"));
        }

        var twice = await olga.Keep("twice.bin", RandomNumberGenerator.GetBytes(RandomBytes));
        await (await olga.Upload("twice.bin", [1, 2, 3], null, ("onConflict", "newVersion"))).Expect(202);
        await Compressed(olga, 2);
        foreach (var (file, number) in files.Select((file, number) => (file, number)))
            await Damage(server, env, file, number < 2 ? Flipped : Cut);
        await Damage(server, env, twice, Cut);

        await (await olga.Delete($"api/files/{twice}/versions/1")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("usedBytes").GetInt64() == 3 + (2 * RandomBytes) + Text("flipped").Length + Text("cut").Length);
        await (await olga.Delete($"api/files/{files[0]}?permanent=true")).Expect(202);
        foreach (var file in files.Skip(1))
            await (await olga.Delete($"api/files/{file}")).Expect(202);
        await (await olga.Delete("api/trash")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 1);

        Assert.Equal((3, 0, 1), await olga.Quota());
        await server.Agrees(env);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task What_is_damaged_is_told_by_a_code_of_its_own_and_holds_up_nothing_else(bool isBucket, string encryption)
    {
        var env = isBucket ? servers.EnvFileWith(("ENCRYPTION", encryption)) : null;
        await using var server = env is not null ? await Server.StartOn(env) : await Server.Start(null, ("ENCRYPTION", encryption));
        using var olga = await Person.Register(server.Address, "Olga");
        var top = (await (await olga.Post("api/folders", new { name = "Top" })).Expect(201).Json()).Id();
        var target = (await (await olga.Post("api/folders", new { name = "Target" })).Expect(201).Json()).Id();
        var good = await In(olga, top, "a.txt", Samples.Text);
        var damaged = await In(olga, top, "b.bin", RandomNumberGenerator.GetBytes(RandomBytes));
        var last = await In(olga, top, "c.txt", Samples.Text);
        var link = (await (await olga.Post($"api/files/{damaged}/links")).Expect(201).Json()).GetProperty("token").GetString();
        await Damage(server, env, damaged, Cut);

        await (await olga.Get($"api/files/{damaged}/content")).Problem(500, "files.damaged");
        using (var part = new HttpRequestMessage(HttpMethod.Get, $"api/files/{damaged}/content") { Headers = { Range = new RangeHeaderValue(100, 199) } })
            await (await olga.Http.SendAsync(part, Cancel)).Problem(500, "files.damaged");
        using (var anybody = new HttpClient { BaseAddress = server.Address })
            await (await anybody.GetAsync($"api/links/{link}/content", Cancel)).Problem(500, "files.damaged");
        await (await olga.Post($"api/files/{damaged}/copy")).Problem(500, "files.damaged");

        var first = await Copied(olga, target, good, damaged, last);
        Assert.Equal(["200", "500 files.damaged", "200"], Results(first));
        Assert.Equal(Results(first), Results(await Copied(olga, target, good, damaged, last)));
        Assert.Equal(2, (await olga.Read($"api/folders/{target}/children")).GetProperty("items").GetArrayLength());

        var copy = await (await olga.Post($"api/folders/{top}/copy")).Expect(202).Json();
        var done = await olga.Until($"api/copies/{copy.Id()}", seen => seen.GetProperty("status").GetString() != "running");
        Assert.Equal(("incomplete", 2), (done.GetProperty("status").GetString(), done.GetProperty("filesCopied").GetInt32()));
        Assert.Equal("files.damaged", Assert.Single(done.GetProperty("failures").EnumerateArray()).GetProperty("code").GetString());
        Assert.Equal((Samples.Text.Length + RandomBytes, 0L, 7), await olga.Quota());

        // Others who use these servers find that all agrees.
        await (await olga.Delete($"api/files/{damaged}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 6);
    }

    [Fact]
    public async Task A_reply_that_has_begun_ends_before_the_damage_and_the_log_tells_of_it_once()
    {
        string said;
        await using (var server = await Server.Start())
        {
            using var olga = await Person.Register(server.Address, "Olga");
            var top = (await (await olga.Post("api/folders", new { name = "Top" })).Expect(201).Json()).Id();
            await In(olga, top, "a.bin", RandomNumberGenerator.GetBytes(3 << 20));
            var damaged = await In(olga, top, "b.bin", RandomNumberGenerator.GetBytes(RandomBytes));
            await Damage(server, null, damaged, Cut);

            using var got = new MemoryStream();
            using var archive = await olga.Http.GetAsync($"api/folders/{top}/archive", HttpCompletionOption.ResponseHeadersRead, Cancel);
            await Assert.ThrowsAnyAsync<Exception>(async () => await (await archive.Content.ReadAsStreamAsync(Cancel)).CopyToAsync(got, Cancel));
            Assert.InRange(got.Length, 1 << 20, archive.Content.Headers.ContentLength!.Value - 1);
            Assert.Throws<InvalidDataException>(() => new ZipArchive(got));
            Assert.Equal(0, await server.Stop());
            said = server.Log;
        }

        Assert.Single(said.Split('\n'), line => line.Contains("ObjectDamagedException", StringComparison.Ordinal));
    }

    // Whoever hangs up has asked all the same: they come again, with the key, for what became of it.
    [Fact]
    public async Task Who_hangs_up_finds_everything_done_once()
    {
        await using var server = await Server.Start(null);
        using var olga = await Person.Register(server.Address, "Olga");
        var target = (await (await olga.Post("api/folders", new { name = "Target" })).Expect(201).Json()).Id();
        var files = new List<Guid>();
        for (var number = 0; number < 24; number++)
            files.Add(await olga.Keep($"{number}.bin", RandomNumberGenerator.GetBytes(8 << 20)));

        using var impatience = new CancellationTokenSource();
        var hangsUp = Ask(olga, target, [.. files], impatience.Token);
        await olga.Until($"api/folders/{target}/children", seen => seen.GetProperty("items").GetArrayLength() > 0);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hangsUp);

        HttpResponseMessage again;
        while ((int)(again = await Ask(olga, target, [.. files], Cancel)).StatusCode == 409)
            again.Dispose();
        Assert.All(Results(await again.Expect(200).Json()), one => Assert.Equal("200", one));
        Assert.Equal(files.Count, (await olga.Read($"api/folders/{target}/children")).GetProperty("items").GetArrayLength());
    }

    private static byte[] Text(string about) =>
        System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{about} {number % 500}\n")));

    private static byte[] Cut(byte[] bytes) => [];

    private static byte[] Flipped(byte[] bytes)
    {
        bytes[500] ^= 1;
        return bytes;
    }

    private static async Task<Guid> In(Person person, Guid folder, string name, byte[] bytes) =>
        (await (await person.Upload(name, bytes, null, ("folderId", $"{folder}"))).Expect(202).Json()).GetProperty("file").Id();

    private static Task<JsonElement> Compressed(Person person, int objects) => person.Until(
        "api/quota/explain?limit=1",
        seen => seen.GetProperty("breakdown").GetProperty("compressed").GetProperty("objects").GetInt32() == objects);

    private static async Task<JsonElement> Copied(Person person, Guid target, params Guid[] files) =>
        await (await Ask(person, target, files, Cancel)).Expect(200).Json();

    private static async Task<HttpResponseMessage> Ask(Person person, Guid target, Guid[] files, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/bulk")
        {
            Content = System.Net.Http.Json.JsonContent.Create(
                new { action = "copy", folderId = target, items = files.Select(file => new { kind = "file", id = file }) }),
            Headers = { { "Idempotency-Key", $"copies-{target}" } },
        };
        return await person.Http.SendAsync(request, cancel);
    }

    private static List<string> Results(JsonElement reply) =>
        [.. reply.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("problem") is { ValueKind: JsonValueKind.Object } problem
            ? $"{result.GetProperty("status")} {problem.GetProperty("type").GetString()!.Split(':')[^1]}"
            : $"{result.GetProperty("status")}")];

    /// <summary>
    /// Alters what is stored of a file's first version, past the program; of one that has just been compressed, both forms when
    /// both are still there.
    /// </summary>
    private async Task Damage(Server server, string? env, Guid file, Func<byte[], byte[]> how)
    {
        if (env is null)
        {
            foreach (var path in Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), $"{file}*", SearchOption.AllDirectories))
                await File.WriteAllBytesAsync(path, how(await File.ReadAllBytesAsync(path, Cancel)), Cancel);
            return;
        }

        using var s3 = servers.Bucket();
        var bucket = servers.Settings["S3_BUCKET"];
        var names = await s3.Paginators.ListObjectsV2(new() { BucketName = bucket }).S3Objects.Select(one => one.Key).ToListAsync(Cancel);
        foreach (var name in names.Where(one => one.Contains($"{file}", StringComparison.Ordinal)))
        {
            using var bytes = new MemoryStream();
            using (var stored = await s3.GetObjectAsync(bucket, name, Cancel))
                await stored.ResponseStream.CopyToAsync(bytes, Cancel);
            await s3.PutObjectAsync(new() { BucketName = bucket, Key = name, InputStream = new MemoryStream(how(bytes.ToArray())) }, Cancel);
        }
    }
}
