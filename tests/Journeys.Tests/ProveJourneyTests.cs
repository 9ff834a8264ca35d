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
    public async Task What_was_verified_is_kept_and_the_next_time_only_what_came_since_is_looked_at()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        await olga.Keep("first.txt", [1]);
        var kept = Path.Combine(server.Data, "kept");
        async Task<JsonElement> Verify(int code, params string[] more)
        {
            var (exit, output, error) = await Server.Run(["log", "verify", "--json", "--data", server.Data, .. more]);
            Assert.True(exit == code, output + error);
            return code == 2 ? default : JsonDocument.Parse(output).RootElement;
        }

        async Task<JsonElement> Covering(long events, params string[] more)
        {
            for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(200))
            {
                if (await Verify(0, more) is var seen && seen.GetProperty("size").GetInt64() >= events)
                    return seen;
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(3));
            }
        }

        var (code, _, said) = await Server.Run("log", "verify", "--data", server.Data, "--new");
        Assert.NotEqual(0, code);
        Assert.Contains("--new needs --since", said, StringComparison.Ordinal);
        // The sequencer makes its key when it first has something to sign.
        await Drill.Until(() => Task.FromResult(File.Exists(Path.Combine(server.Data, "keys", "transparency-log.key"))));
        var first = await Covering(5, "--keep", kept);
        var size = first.GetProperty("size").GetInt64();
        Assert.Equal((size, size), (first.GetProperty("checked").GetInt64(), long.Parse((await File.ReadAllLinesAsync(kept))[1], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.NotEqual(0, first.GetProperty("privateRows").GetInt64());

        await olga.Keep("second.txt", [2]);
        var second = await Covering(size + 1, "--since", kept, "--new", "--keep", kept);
        Assert.Equal(second.GetProperty("size").GetInt64() - size, second.GetProperty("checked").GetInt64());
        // The second time it was kept again: from there on nothing is new, and nothing is wrong.
        Assert.Equal($"{second.GetProperty("size")}", (await File.ReadAllLinesAsync(kept))[1]);

        // What is altered before is not looked at; by a whole look it is found, and then nothing is kept.
        await using var database = Npgsql.NpgsqlDataSource.Create(await server.ConnectionString());
        var leaf = await Drill.Count(database, "select leaf from eventfiles.log_leaves where position = (select min(seq_id) from eventfiles.event_private)");
        await using var gone = database.CreateCommand("delete from eventfiles.event_private where seq_id = (select min(seq_id) from eventfiles.event_private)");
        Assert.Equal(1, await gone.ExecuteNonQueryAsync());
        await Verify(0, "--since", kept, "--new");
        var never = Path.Combine(server.Data, "never");
        Assert.Equal(leaf, (await Verify(1, "--since", kept, "--keep", never)).GetProperty("firstBadIndex").GetInt64());
        Assert.False(File.Exists(never));
        await Verify(0, "--public");
        await File.WriteAllTextAsync(kept, (await File.ReadAllTextAsync(kept)).Replace("\n", "\nx", StringComparison.Ordinal));
        Assert.NotEqual(0, (await Server.Run("log", "verify", "--data", server.Data, "--since", kept)).ExitCode);
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
