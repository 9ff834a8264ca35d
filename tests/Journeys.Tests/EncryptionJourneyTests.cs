using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>Encryption at rest as people meet it: not at all, until a disk or a key is not what it was.</summary>
public sealed class EncryptionJourneyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_uploaded_lies_nowhere_in_plain_is_its_owners_and_is_read_as_ever()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var marker = RandomNumberGenerator.GetHexString(40);
        var text = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(marker, 10_000)));
        var note = await olga.Keep("Notes.txt", text, "text/plain");
        var picture = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(picture);

        Assert.Equal(text, await olga.Http.GetByteArrayAsync($"api/files/{note}/content", Cancel));
        Assert.Equal(Samples.Picture, await olga.Http.GetByteArrayAsync($"api/files/{picture}/content", Cancel));
        using var range = new HttpRequestMessage(HttpMethod.Get, $"api/files/{note}/content") { Headers = { Range = new RangeHeaderValue(200_000, 200_079) } };
        using var part = await (await olga.Http.SendAsync(range, Cancel)).Expect(206);
        Assert.Equal(400_000, part.Content.Headers.ContentRange!.Length);
        Assert.Equal(text[200_000..200_080], await part.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(text.Length + Samples.Picture.Length, (await olga.Quota()).Used);

        var files = Directory.GetFiles(Path.Combine(server.Data, "objects"), "*", SearchOption.AllDirectories);
        Assert.True(files.Length >= 3);
        Assert.All(files, file => Assert.EndsWith(".enc", file, StringComparison.Ordinal));
        Assert.All(files, file => Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(marker))));
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        await using var asks = database.CreateCommand("select string_agg(subject::text, ' ') from eventfiles.subject_keys");
        Assert.Equal($"{olga.Id}", await asks.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task What_comes_in_pieces_and_parts_lies_nowhere_in_plain_and_is_its_owners()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var marker = RandomNumberGenerator.GetHexString(40);
        var text = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(marker, 10_000)));
        var uploads = new Uri("api/uploads", UriKind.Relative);
        var parts = new List<Uri>();
        foreach (var part in new[] { text[..150_001], text[150_001..] })
        {
            using var begun = await Tus.Send(olga, HttpMethod.Post, uploads, ("Upload-Length", $"{part.Length}"), ("Upload-Concat", "partial"));
            parts.Add((await begun.Expect(201)).Headers.Location!);
            await (await Tus.Patch(olga, parts[^1], 0, part[..70_000])).Expect(204);
            var digest = Convert.ToBase64String(SHA256.HashData(part[70_000..]));
            await (await Tus.Patch(olga, parts[^1], 70_000, part[70_000..], ("Upload-Checksum", $"sha256 {digest}"))).Expect(204);
        }

        using var joined = await Tus.Send(olga, HttpMethod.Post, uploads, ("Upload-Concat", $"final;{string.Join(' ', parts)}"));
        var file = Assert.Single((await joined.Expect(201)).Headers.GetValues("File-Id"));
        using var empty = await Tus.Send(olga, HttpMethod.Post, uploads, ("Upload-Defer-Length", "1"));
        await (await Tus.Patch(olga, (await empty.Expect(201)).Headers.Location!, 0, [], ("Upload-Length", "0"))).Expect(204);

        Assert.Equal(text, await olga.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
        var files = Directory.GetFiles(Path.Combine(server.Data, "objects"), "*", SearchOption.AllDirectories);
        Assert.All(files, path => Assert.EndsWith(".enc", path, StringComparison.Ordinal));
        Assert.All(files, path => Assert.Equal(-1, File.ReadAllBytes(path).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(marker))));
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        await using var asks = database.CreateCommand("select string_agg(subject::text, ' ') from eventfiles.subject_keys");
        Assert.Equal($"{olga.Id}", await asks.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_copy_is_encrypted_under_the_key_of_whoever_made_it()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var file = await olga.Keep("1.bin", RandomNumberGenerator.GetBytes(30_000));
        await (await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "viewer" })).Expect(201);
        var copy = (await (await ravi.Post($"api/files/{file}/copy")).Expect(201).Json()).GetProperty("file").GetProperty("id").GetGuid();

        Assert.Equal(olga.Id, await OwnerOf(server, file));
        Assert.Equal(ravi.Id, await OwnerOf(server, copy));
    }

    // Whose key it is stands in its head, behind twelve bytes.
    private static async Task<Guid> OwnerOf(Server server, Guid file)
    {
        var path = Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), $"{file}*", SearchOption.AllDirectories).Single();
        var head = await File.ReadAllBytesAsync(path, Cancel);
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString());
        await using var asks = database.CreateCommand("select subject from eventfiles.subject_keys where id = $1");
        asks.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = new Guid(head.AsSpan(12, 16), bigEndian: true) });
        return (Guid)(await asks.ExecuteScalarAsync(Cancel))!;
    }

    [Fact]
    public async Task A_flipped_byte_is_never_served()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var content = RandomNumberGenerator.GetBytes(3 << 20);
        var file = await olga.Keep("1.bin", content);
        var path = Directory.GetFiles(Path.Combine(server.Data, "objects", "raw"), $"{file}*", SearchOption.AllDirectories).Single();

        Flip(path, 2 << 20);
        using var got = new MemoryStream();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var body = await olga.Http.GetStreamAsync($"api/files/{file}/content", Cancel);
            await body.CopyToAsync(got, Cancel);
        });
        Assert.True(got.Length < 2 << 20 && content.AsSpan().StartsWith(got.ToArray()));
        // What the range does not touch is served.
        using var range = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content") { Headers = { Range = new RangeHeaderValue(1000, 1999) } };
        using var part = await (await olga.Http.SendAsync(range, Cancel)).Expect(206);
        Assert.Equal(content[1000..2000], await part.Content.ReadAsByteArrayAsync(Cancel));

        foreach (var place in new[] { 3, 40, 100, 500 })
        {
            Flip(path, place);
            await (await olga.Get($"api/files/{file}/content")).Problem(500, "files.damaged");
            Flip(path, place);
        }

        Flip(path, 2 << 20);
        Assert.Equal(content, await olga.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
    }

    [Fact]
    public async Task Without_its_key_nothing_is_served_or_taken_everybody_is_told_why_and_all_is_there_when_it_is_back()
    {
        string data, keys;
        Person olga;
        Guid file;
        await using (var server = await Server.Start(Directory.CreateTempSubdirectory("eventfiles-journey-").FullName))
        {
            (data, keys) = (server.Data, Path.Combine(server.Data, "era-keys"));
            olga = await Person.Register(server.Address, "Olga");
            file = await olga.Keep("Notes.txt", Samples.Text, "text/plain");
            Assert.Equal(0, await server.Stop());
        }

        try
        {
            Directory.Move(keys, keys + ".lost");
            await using (var server = await Server.Start(data))
            {
                using var still = olga.At(server.Address);
                await (await still.Get($"api/files/{file}/content")).Problem(503, "content-key-missing");
                await (await still.Upload("more.txt", Samples.Text, "text/plain")).Problem(503, "content-key-missing");
                // Names are encrypted as contents are.
                await (await still.Get($"api/files/{file}")).Problem(503, "content-key-missing");
                var health = await (await still.Get("health/ready")).Expect(503).Json();
                Assert.Equal("out of reach", health.GetProperty("checks").GetProperty("keys").GetString());
                Assert.Contains("LOST", (await Server.Run("status", "--data", data)).Output, StringComparison.Ordinal);
                var status = JsonDocument.Parse((await Server.Run("status", "--json", "--data", data)).Output).RootElement;
                Assert.Equal(1, status.GetProperty("encryption").GetProperty("missingEras").GetArrayLength());
                Assert.False(Directory.Exists(keys));
                Assert.Equal(0, await server.Stop());
                Assert.Contains("Bring back the key", server.Log, StringComparison.Ordinal);
            }

            Directory.Move(keys + ".lost", keys);
            await using (var server = await Server.Start(data))
            {
                using var still = olga.At(server.Address);
                Assert.Equal(Samples.Text, await still.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
                await still.Keep("more.txt", Samples.Text, "text/plain");
            }
        }
        finally
        {
            olga.Dispose();
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task A_store_may_begin_in_plain_and_go_on_encrypted_and_back()
    {
        var data = Directory.CreateTempSubdirectory("eventfiles-journey-").FullName;
        try
        {
            var kept = new List<(Guid File, byte[] Content)>();
            Person? olga = null;
            foreach (var encryption in new[] { "off", "on", "off" })
            {
                await using var server = await Server.Start(data, ("ENCRYPTION", encryption));
                olga = olga is null ? await Person.Register(server.Address, "Olga") : olga.At(server.Address);
                var content = RandomNumberGenerator.GetBytes(200_000);
                kept.Add((await olga.Keep($"{kept.Count}.bin", content), content));
                foreach (var (file, bytes) in kept)
                    Assert.Equal(bytes, await olga.Http.GetByteArrayAsync($"api/files/{file}/content", Cancel));
                Assert.Equal(0, (await Server.Run("storage", "scrub", "--data", data)).ExitCode);
                Assert.Equal(0, (await Server.Run("storage", "reconcile", "--data", data)).ExitCode);
            }

            olga!.Dispose();
            Assert.Single(Directory.GetFiles(Path.Combine(data, "objects", "raw"), "*.enc", SearchOption.AllDirectories));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static void Flip(string path, int place)
    {
        // The server may be reading it at this moment.
        using var file = File.Open(path, FileMode.Open, System.IO.FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = place;
        var there = file.ReadByte();
        file.Position = place;
        file.WriteByte((byte)(there ^ 1));
    }
}
