using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What becomes smaller is stored compressed, and nobody who reads it sees anything of that.</summary>
public sealed class CompressionJourneyTests(EveryServer servers) : IClassFixture<EveryServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "on")]
    [InlineData(true, "off")]
    public async Task What_becomes_smaller_is_stored_compressed_and_is_read_as_ever(bool isBucket, string encryption)
    {
        var env = isBucket ? servers.EnvFileWith(("ENCRYPTION", encryption)) : null;
        await using var server = env is not null ? await Server.StartOn(env) : await Server.Start(null, ("ENCRYPTION", encryption));
        using var olga = await Person.Register(server.Address, "Olga");
        var bytes = Letter();
        var first = await olga.Keep("log.txt", bytes, "text/plain");
        var copy = (await (await olga.Post($"api/files/{first}/copy")).Expect(201).Json()).GetProperty("file").Id();
        var picture = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        var made = await Compressed(olga, 1);
        Assert.Equal(bytes.Length, made.GetProperty("plainBytes").GetInt64());
        Assert.InRange(made.GetProperty("storedBytes").GetInt64(), 1, bytes.Length / 2);
        Assert.Equal(bytes.Length - made.GetProperty("storedBytes").GetInt64(), made.GetProperty("savedBytes").GetInt64());
        // It counts for what it is.
        Assert.Equal((bytes.Length + Samples.Picture.Length, 0, 3), await olga.Quota());
        if (!isBucket)
            Assert.InRange(Raw(server.Data), 1, Samples.Picture.Length + (bytes.Length / 2) + 1000);

        foreach (var file in new[] { first, copy })
        {
            using var reply = await (await olga.Get($"api/files/{file}/content")).Expect(200);
            Assert.Equal(bytes, await reply.Content.ReadAsByteArrayAsync(Cancel));
            Assert.Contains(Convert.ToBase64String(SHA256.HashData(bytes)), string.Join(' ', reply.Headers.Concat(reply.Content.Headers).SelectMany(one => one.Value)), StringComparison.Ordinal);
            using var ask = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content") { Headers = { Range = new RangeHeaderValue(150_000, 150_099) } };
            using var part = await (await olga.Http.SendAsync(ask, Cancel)).Expect(206);
            Assert.Equal(bytes.Length, part.Content.Headers.ContentRange!.Length);
            Assert.Equal(bytes[150_000..150_100], await part.Content.ReadAsByteArrayAsync(Cancel));
        }

        // Whoever comes later shares it; whoever goes leaves it to the others.
        var third = await olga.Keep("again.txt", bytes, "text/plain");
        Assert.Equal((bytes.Length + Samples.Picture.Length, 0, 4), await olga.Quota());
        await (await olga.Delete($"api/files/{first}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 3);
        Assert.Equal(bytes, await olga.Http.GetByteArrayAsync($"api/files/{third}/content", Cancel));
        await Compressed(olga, 1);
        await server.Agrees(env);
        foreach (var file in new[] { copy, third, picture })
            await (await olga.Delete($"api/files/{file}?permanent=true")).Expect(202);
        await olga.Until("api/quota", quota => quota.GetProperty("files").GetInt32() == 0);
        await Compressed(olga, 0);
        if (!isBucket)
            Assert.Equal(0, Raw(server.Data));
        await server.Agrees(env);
    }

    [Fact]
    public async Task A_backup_is_restored_compressed_again_and_without_compression_all_of_it_is_read()
    {
        var folder = Directory.CreateTempSubdirectory("eventfiles-compressed-").FullName;
        try
        {
            var (data, bytes) = (Path.Combine(folder, "data"), Letter());
            Guid file;
            Person olga;
            await using (var server = await Server.Start())
            {
                olga = await Person.Register(server.Address, "Olga");
                file = await olga.Keep("log.txt", bytes, "text/plain");
                await Compressed(olga, 1);
                using var client = await FilesClient.SignedIn(server.Address, olga);
                var (code, output, error) = await client.Run("quota", "--json");
                Assert.True(code == 0, error);
                using var told = JsonDocument.Parse(output);
                Assert.InRange(told.RootElement.GetProperty("savedBytes").GetInt32(), bytes.Length / 2, bytes.Length);
                var written = await server.RunHere("backup", Path.Combine(folder, "backup"), "--data", server.Data, "--json");
                Assert.True(written.ExitCode == 0, written.Error);
            }

            var restored = await Server.Run("restore", Path.Combine(folder, "backup"), "--data", data);
            Assert.True(restored.ExitCode == 0, restored.Error);
            Assert.InRange(Raw(data), 1, bytes.Length / 2);
            await using (var back = await Server.Start(data, ("COMPRESSION", "off")))
            {
                using var again = await olga.SignInAt(back.Address);
                Assert.Equal(bytes, await again.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
                await again.Keep("other.txt", Letter(), "text/plain");
                await back.Agrees();
                await Compressed(again, 1);
            }

            olga.Dispose();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Letter()
    {
        var text = new StringBuilder();
        for (var line = 0; line < 8000; line++)
            text.Append(CultureInfo.InvariantCulture, $"{line:d6} the {Random.Shared.Next(1000)}th visitor looked at page {Random.Shared.Next(90)}\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static async Task<JsonElement> Compressed(Person person, int objects) => (await person.Until(
        "api/quota/explain?limit=1", seen => Space(seen).GetProperty("objects").GetInt32() == objects)).GetProperty("breakdown").GetProperty("compressed");

    private static JsonElement Space(JsonElement explained) => explained.GetProperty("breakdown").GetProperty("compressed");

    private static long Raw(string data)
    {
        var raw = new DirectoryInfo(Path.Combine(data, "objects", "raw"));
        return raw.Exists ? raw.GetFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
    }
}
