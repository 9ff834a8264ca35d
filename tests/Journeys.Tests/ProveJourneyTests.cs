using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>What happened is proven to somebody who trusts nothing but a key.</summary>
public sealed class ProveJourneyTests(ServerFixture fixture)
{
    [Fact]
    public async Task What_happened_to_a_file_is_proven_offline_and_the_log_shows_that_it_only_grew()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        var ada = fixture.Administrator;
        var folder = Directory.CreateTempSubdirectory("eventfiles-prove-");
        try
        {
            var file = await olga.Keep("plan.txt", "All that is planned"u8.ToArray());
            var fact = (await olga.Read($"api/files/{file}/history")).GetProperty("items")[0].GetProperty("eventId").GetGuid();
            var key = (await olga.Http.GetStringAsync("checkpoint/key")).Trim();
            await Proven(ada, fact);
            var before = Path.Combine(folder.FullName, "checkpoint");
            await File.WriteAllTextAsync(before, await olga.Http.GetStringAsync("checkpoint"));
            var size = (await File.ReadAllLinesAsync(before))[1];

            await olga.Keep("later.txt", [1, 2, 3]);
            var proof = Path.Combine(folder.FullName, "proof.json");
            await File.WriteAllTextAsync(proof, await Proven(ada, fact, $"?from={size}"));
            await Both(0, proof, "--key", key, "--checkpoint", before);
            await Both(0, before, "--key", key);
            var altered = Path.Combine(folder.FullName, "altered.json");
            await File.WriteAllTextAsync(altered, (await File.ReadAllTextAsync(proof)).Replace($"{fact}", $"{Guid.NewGuid()}", StringComparison.Ordinal));
            await Both(1, altered, "--key", key);
            await Both(2, proof);

            // The server says of itself what an auditor finds too.
            var (code, output, error) = await Server.Run("log", "verify", "--data", fixture.Server.Data, "--since", before, "--json");
            Assert.True(code == 0, output + error);
            Assert.Equal(key, (await Server.Run("log", "key", "--data", fixture.Server.Data)).Output.Trim());
            var export = Path.Combine(folder.FullName, "log.ndjson");
            Assert.Equal(0, (await Server.Run("events", "export", export, "--data", fixture.Server.Data)).ExitCode);
            await Both(0, export, "--key", key, "--checkpoint", before);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_copy_of_a_checkpoint_lies_beside_the_files_and_the_log_must_agree_with_it()
    {
        await using var server = await Server.Start(null, ("Transparency__CopyEvery", "00:00:01"));
        using var olga = await Person.Register(server.Address, "Olga");
        var folder = Path.Combine(server.Data, "objects", "checkpoints");
        await olga.Until("api/quota", _ => Directory.Exists(folder) && Directory.GetFiles(folder, "2*", SearchOption.AllDirectories).Length > 0);
        var copy = Directory.GetFiles(folder, "2*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        await Both(0, copy, "--key", (await olga.Http.GetStringAsync("checkpoint/key")).Trim());
        var (code, output, error) = await Server.Run("log", "verify", "--data", server.Data, "--json");
        Assert.True(code == 0, output + error);
        using (var verdict = JsonDocument.Parse(output))
            Assert.NotEqual(0, verdict.RootElement.GetProperty("remembered").GetInt32());

        await File.WriteAllTextAsync(copy, "another log\n");
        (code, output, error) = await Server.Run("log", "verify", "--data", server.Data, "--json");
        Assert.Equal(1, code);
        Assert.Contains("is no checkpoint", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hashes_are_everybodys_and_events_are_an_auditors()
    {
        using var olga = await Person.Register(fixture.Server.Address, "Olga");
        using var nobody = new HttpClient { BaseAddress = fixture.Server.Address };
        var ada = fixture.Administrator;
        var file = await olga.Keep("plan.txt", [1]);
        var fact = (await olga.Read($"api/files/{file}/history")).GetProperty("items")[0].GetProperty("eventId").GetGuid();
        await Proven(ada, fact);

        await olga.Get($"api/audit/proofs/{fact}").Problem(403, "prove.auditors-only");
        await olga.Get($"api/audit/proofs/{Guid.NewGuid()}").Problem(403, "prove.auditors-only");
        await olga.Get("tile/entries/000.p/1").Problem(403, "prove.auditors-only");
        await nobody.GetAsync("tile/entries/000.p/1").Problem(401, "accounts.sign-in-first");
        await ada.Get($"api/audit/proofs/{Guid.NewGuid()}").Problem(404, "prove.no-such-event");
        await ada.Get($"api/audit/proofs/{fact}?from=99999999").Problem(422, "prove.no-such-size");
        await ada.Get($"api/audit/proofs/{fact}?from=-1").Expect(422);
        foreach (var none in new[] { "tile/0/999", "tile/0/000.p/0", "tile/0/0", "tile/0/x000/000", "tile/64/000", "tile/0/000.p/256", "tile/0/000.p/01" })
            await nobody.GetAsync(none).Problem(404, "prove.no-such-tile");

        var tile = await nobody.GetAsync("tile/0/000.p/1").Expect(200);
        Assert.True(tile.Headers.CacheControl is { Public: true, MaxAge: { TotalDays: > 300 } });
        var hash = await tile.Content.ReadAsByteArrayAsync();
        var bundle = await ada.Http.GetByteArrayAsync("tile/entries/000.p/1");
        Assert.Equal(bundle.Length - 2, BinaryPrimitives.ReadUInt16BigEndian(bundle));
        Assert.Equal(hash, SHA256.HashData([0, .. bundle.AsSpan(2)]));
        // The first event of all: somebody registered, and no more than a commitment tells who.
        Assert.DoesNotContain("example.org", Encoding.UTF8.GetString(bundle), StringComparison.Ordinal);
    }

    private static async Task<string> Proven(Person auditor, Guid fact, string query = "")
    {
        var giveUp = Stopwatch.GetTimestamp();
        while (true)
        {
            var reply = await auditor.Get($"api/audit/proofs/{fact}{query}");
            if ((int)reply.StatusCode != 503)
                return await (await reply.Expect(200)).Content.ReadAsStringAsync();
            Assert.True(Stopwatch.GetElapsedTime(giveUp) < TimeSpan.FromMinutes(3));
            await Task.Delay(100);
        }
    }

    private static async Task Both(int code, params string[] arguments)
    {
        var (ours, output, error) = await Server.Run(["verify", .. arguments]);
        Assert.True(ours == code, output + error);
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Server.Root, "docs", "verify", "verify.mjs"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var said = await node.StandardOutput.ReadToEndAsync() + await node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == code, said);
    }
}
