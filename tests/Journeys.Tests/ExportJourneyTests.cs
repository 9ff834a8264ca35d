using System.Diagnostics;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>A person takes along all that is theirs, verifies it offline, and nobody else can have it.</summary>
public sealed class ExportJourneyTests : IDisposable
{
    private static readonly (string, string)[] Hurried =
        [("Erasure__SettleAfter", "00:00:00"), ("Erasure__Every", "00:00:01"), ("Export__Every", "00:00:00")];

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eventfiles-export-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_person_takes_all_that_is_theirs_along_in_two_parts_and_verifies_it_offline()
    {
        await using var server = await Server.Start(null, Hurried);
        using var ada = await Person.Register(server.Address, "Ada");
        using var olga = await Person.Register(server.Address, "Olga");
        using var ravi = await Person.Register(server.Address, "Ravi");
        var content = RandomNumberGenerator.GetBytes(300_000);
        var papers = (await olga.Post("api/folders", new { name = "Päpers" }).Expect(201).Json()).Id();
        var file = (await olga.Upload("履歴書.bin", content, null, ("folderId", $"{papers}")).Expect(202).Json()).GetProperty("file").Id();
        await olga.Upload("x", "the second version"u8.ToArray(), null, ("fileId", $"{file}")).Expect(202);
        await olga.Post($"api/files/{file}/shares", new { grantee = ravi.Email, role = "editor" }).Expect(201);
        await olga.Post($"api/files/{file}/shares", new { grantee = "nobody.yet@example.org", role = "viewer" }).Expect(201);
        await olga.Post($"api/files/{file}/links", new { }).Expect(201);
        var thrown = await olga.Keep("thrown.txt", "thrown away"u8.ToArray(), "text/plain");
        await olga.Delete($"api/files/{thrown}").Expect(202);
        var his = await ravi.Keep("ravis-secret-name.txt", "Ravi's own"u8.ToArray(), "text/plain");
        await ravi.Post($"api/files/{his}/shares", new { grantee = olga.Email, role = "editor" }).Expect(201);
        await olga.Patch($"api/files/{his}", new { name = "ravis-renamed.txt" }).Expect(200);
        using var device = new PasskeyDevice();
        var asked = await olga.Post("api/auth/passkeys/creation", new { password = Person.Password }).Expect(200).Json();
        await olga.Post("api/auth/passkeys", new { name = "Olga's key", credential = device.Create(asked).ToJson() }).Expect(201);

        using var face = new ByteArrayContent(Samples.Transparent);
        await olga.Http.PutAsync("api/me/avatar", face, Cancel).Expect(200);

        var export = (await olga.Post("api/me/export").Expect(202).Json()).Id();
        var ready = await olga.Until($"api/exports/{export}", view => view.GetProperty("status").GetString() == "ready");
        Assert.Equal((2, 1), (ready.GetProperty("files").GetInt32(), ready.GetProperty("versions").GetInt32()));
        Assert.Equal(export, (await olga.Read("api/me/export")).Id());
        foreach (var other in new[] { ravi, ada })
        {
            await other.Get($"api/exports/{export}").Problem(404, "export.not-found");
            await other.Get($"api/exports/{export}/content").Problem(404, "export.not-found");
            await other.Delete($"api/exports/{export}").Problem(404, "export.not-found");
        }

        var zip = await Downloaded(olga, export, ready.GetProperty("size").GetInt64());
        var (code, said) = await Verified(zip);
        Assert.True(code == 0, said);
        Assert.Contains(ready.GetProperty("manifestSha256").GetString()!, said, StringComparison.Ordinal);
        using (var archive = await ZipFile.OpenReadAsync(zip, Cancel))
        {
            string[] paths =
            [
                "avatar.webp", "events.ndjson", "files/Päpers/", "files/Päpers/履歴書.bin", "manifest.json", "profile.json", "trash/thrown.txt",
                "versions/Päpers/履歴書.bin/1-履歴書.bin",
            ];
            Assert.Equal(paths, archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
            Assert.Equal(content, await Bytes(archive, paths[^1]));
            Assert.Equal("the second version", await Text(archive, paths[3]));
            Assert.Equal(await olga.Http.GetByteArrayAsync($"api/people/{olga.Id}/avatar", Cancel), await Bytes(archive, paths[0]));
            Assert.Equal("thrown away", await Text(archive, "trash/thrown.txt"));
            await TellsOf(olga, ravi, file, device.Id, archive);
        }

        // One byte of a file, one of the manifest, and one of what happened.
        var bytes = await File.ReadAllBytesAsync(zip, Cancel);
        foreach (var (words, name) in new[]
                 {
                     ("the second version", "files/Päpers/履歴書.bin"), ("\"eventFilesExport\"", "manifest.json"), ("\"correlationId\"", "events.ndjson"),
                 })
        {
            var (altered, why) = await Altered(bytes, words);
            Assert.Equal(1, altered);
            Assert.Contains(name, why, StringComparison.Ordinal);
        }

        // A second manifest, which another program might unpack instead.
        var twice = Path.Combine(folder.FullName, "twice.zip");
        File.Copy(zip, twice);
        await using (var archive = await ZipFile.OpenAsync(twice, ZipArchiveMode.Update, Cancel))
            archive.CreateEntry("manifest.json");
        var (doubled, how) = await Verified(twice);
        Assert.Equal(1, doubled);
        Assert.Contains("more than once", how, StringComparison.Ordinal);

        // What is deleted for good cannot be in it any more, and it says so.
        await olga.Delete($"api/files/{thrown}?permanent=true").Expect(202);
        await Assert.ThrowsAnyAsync<Exception>(() => olga.Http.GetByteArrayAsync($"api/exports/{export}/content", Cancel));
        await olga.Until($"api/exports/{export}", view => view.GetProperty("status").GetString() == "outdated");
        await olga.Get($"api/exports/{export}/content").Problem(410, "export.gone");

        // Killed while it is made, it is made all the same; and it goes with the person.
        var second = (await olga.Post("api/me/export").Expect(202).Json()).Id();
        await server.Kill();
        await server.Restart();
        ready = await olga.Until($"api/exports/{second}", view => view.GetProperty("status").GetString() == "ready");
        (code, said) = await Verified(await Downloaded(olga, second, ready.GetProperty("size").GetInt64()));
        Assert.True(code == 0, said);
        Assert.NotEmpty(Written(server));
        var erasure = (await ada.Post($"api/admin/accounts/{olga.Id}/erasure", new { ground = "objection", immediately = true }).Expect(202).Json())
            .GetProperty("erasure").Id();
        await ada.Until($"api/erasures/{erasure}", view => view.GetProperty("status").GetString() == "erased");
        Assert.Empty(Written(server));
        Assert.Equal(401, (int)(await olga.Get($"api/exports/{second}/content")).StatusCode);
        await ada.Get($"api/exports/{second}/content").Problem(404, "export.not-found");
    }

    [Fact]
    public async Task An_export_is_gone_when_its_time_is_over()
    {
        await using var server = await Server.Start(null, ("Export__Life", "00:00:02"), ("Export__Every", "01:00:00"));
        using var olga = await Person.Register(server.Address, "Olga");
        await olga.Get("api/me/export").Problem(404, "export.not-found");
        var export = (await olga.Post("api/me/export").Expect(202).Json()).Id();
        await olga.Until($"api/exports/{export}", view => view.GetProperty("status").GetString() == "expired");
        await olga.Get($"api/exports/{export}/content").Problem(410, "export.gone");
        await olga.Until($"api/exports/{export}", _ => Written(server).Length == 0);
        using var soon = await olga.Post("api/me/export");
        Assert.InRange(soon.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(50), TimeSpan.FromHours(1));
        await soon.Problem(429, "export.too-soon");
    }

    // In their words nothing is kept back, and nothing is told that is another's.
    private static async Task TellsOf(Person olga, Person ravi, Guid file, string credential, ZipArchive archive)
    {
        var profile = JsonDocument.Parse(await Text(archive, "profile.json")).RootElement;
        Assert.Equal(olga.Email, profile.GetProperty("account")[0].GetProperty("email").GetString());
        Assert.Equal(2, profile.GetProperty("sharesGiven").GetArrayLength());
        Assert.Equal(ravi.Id, profile.GetProperty("sharesReceived")[0].GetProperty("owner").GetGuid());
        Assert.Equal(1, profile.GetProperty("links").GetArrayLength());
        Assert.NotEqual(0, profile.GetProperty("sessions").GetArrayLength());
        Assert.Equal("Olga's key", profile.GetProperty("passkeys")[0].GetProperty("name").GetString());
        Assert.Equal(credential, profile.GetProperty("passkeys")[0].GetProperty("credential").GetString());
        var events = (await Text(archive, "events.ndjson")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(olga.Email, Of("accounts.registered.v1")[0].GetProperty("details").GetProperty("email").GetString());
        Assert.Equal(credential, Of("accounts.passkey-added.v1")[0].GetProperty("details").GetProperty("credential").GetString());
        var renamed = Assert.Single(Of("files.renamed.v1"));
        Assert.Equal(ravi.Id, renamed.GetProperty("owner").GetGuid());
        Assert.Equal("[another person's]", renamed.GetProperty("details").GetProperty("name").GetString());
        Assert.Equal(file, Of("upload.completed.v1")[0].GetProperty("details").GetProperty("file").GetGuid());
        Assert.All(events, one => Assert.True(
            one.GetProperty("owner").GetGuid() == olga.Id || one.GetProperty("actor").GetGuid() == olga.Id, one.GetRawText()));
        var all = await Text(archive, "profile.json") + await Text(archive, "events.ndjson");
        Assert.All(
            ["ravis-secret-name.txt", "ravis-renamed.txt", ravi.Email, "nobody.yet@example.org"],
            others => Assert.DoesNotContain(others, all, StringComparison.OrdinalIgnoreCase));

        List<JsonElement> Of(string what) => [.. events.Where(one => one.GetProperty("what").GetString() == what)];
    }

    // Half of it, and then the rest of the same.
    private async Task<string> Downloaded(Person person, Guid export, long sizeBytes)
    {
        var path = Path.Combine(folder.FullName, "export.zip");
        using var first = await Part(person, export, 0, sizeBytes / 2, null);
        using var rest = await Part(person, export, (sizeBytes / 2) + 1, null, first.Headers.ETag);
        byte[] whole = [.. await first.Content.ReadAsByteArrayAsync(Cancel), .. await rest.Content.ReadAsByteArrayAsync(Cancel)];
        Assert.Equal(sizeBytes, whole.Length);
        await File.WriteAllBytesAsync(path, whole, Cancel);
        return path;
    }

    private static async Task<HttpResponseMessage> Part(Person person, Guid export, long from, long? to, EntityTagHeaderValue? same)
    {
        using var ask = new HttpRequestMessage(HttpMethod.Get, $"api/exports/{export}/content");
        ask.Headers.Range = new RangeHeaderValue(from, to);
        if (same is not null)
            ask.Headers.IfRange = new RangeConditionHeaderValue(same);
        return await person.Http.SendAsync(ask, Cancel).Expect(206);
    }

    private async Task<(int Code, string Said)> Altered(byte[] bytes, string words)
    {
        var altered = bytes.ToArray();
        var at = altered.AsSpan().IndexOf(Encoding.UTF8.GetBytes(words));
        Assert.True(at > 0, words);
        altered[at + 1] ^= 1;
        var path = Path.Combine(folder.FullName, "altered.zip");
        await File.WriteAllBytesAsync(path, altered, Cancel);
        return await Verified(path);
    }

    // By the command, without a server and without a key; and by Node, which says the same.
    private static async Task<(int Code, string Said)> Verified(string path)
    {
        var (code, output, error) = await Server.Run("verify", path);
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Server.Root, "docs", "verify", "verify.mjs"), path])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = await node.StandardOutput.ReadToEndAsync(Cancel);
        await node.WaitForExitAsync(Cancel);
        Assert.Equal(code, node.ExitCode);
        Assert.Equal(output.Trim(), said.Trim());
        return (code, output + error);
    }

    private static string[] Written(Server server) =>
        Directory.Exists(Path.Combine(server.Data, "objects", "exports"))
            ? Directory.GetFiles(Path.Combine(server.Data, "objects", "exports"), "*", SearchOption.AllDirectories) : [];

    private static async Task<string> Text(ZipArchive archive, string path) => Encoding.UTF8.GetString(await Bytes(archive, path));

    private static async Task<byte[]> Bytes(ZipArchive archive, string path)
    {
        await using var content = await archive.GetEntry(path)!.OpenAsync(Cancel);
        using var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        return all.ToArray();
    }
}
