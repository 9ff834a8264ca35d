using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Objects that a disk or a bucket has altered or cut: to be got rid of like any other.</summary>
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

    private static byte[] Text(string about) =>
        System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{about} {number % 500}\n")));

    private static byte[] Cut(byte[] bytes) => [];

    private static byte[] Flipped(byte[] bytes)
    {
        bytes[500] ^= 1;
        return bytes;
    }

    private static Task<JsonElement> Compressed(Person person, int objects) => person.Until(
        "api/quota/explain?limit=1",
        seen => seen.GetProperty("breakdown").GetProperty("compressed").GetProperty("objects").GetInt32() == objects);

    /// <summary>Alters what is stored of a file's first version, past the program.</summary>
    private async Task Damage(Server server, string? env, Guid file, Func<byte[], byte[]> how)
    {
        if (env is null)
        {
            var path = Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), $"{file}*", SearchOption.AllDirectories).Single();
            await File.WriteAllBytesAsync(path, how(await File.ReadAllBytesAsync(path, Cancel)), Cancel);
            return;
        }

        using var s3 = servers.Bucket();
        var its = await s3.Paginators.ListObjectsV2(new() { BucketName = servers.Settings["S3_BUCKET"] }).S3Objects
            .SingleAsync(one => one.Key.Contains($"{file}", StringComparison.Ordinal), Cancel);
        using var bytes = new MemoryStream();
        using (var stored = await s3.GetObjectAsync(its.BucketName, its.Key, Cancel))
            await stored.ResponseStream.CopyToAsync(bytes, Cancel);
        await s3.PutObjectAsync(new() { BucketName = its.BucketName, Key = its.Key, InputStream = new MemoryStream(how(bytes.ToArray())) }, Cancel);
    }
}
