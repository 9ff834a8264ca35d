using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>How it is looked for what was erased, in every place, and how a receipt is verified.</summary>
internal static class Drill
{
    // Doors of PostgreSQL's and of the runtime's, no files.
    private static readonly string[] Doors = [".s.PGSQL.", "dotnet-diagnostic-", "clr-debug-pipe-"];

    private const int LeastMutations = 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Row by row as text, whatever tables there are.</summary>
    public static async Task AssertTablesTellNothing(NpgsqlDataSource database, IReadOnlyList<string> canaries)
    {
        var tables = new List<string>();
        await using (var asks = database.CreateCommand("select schemaname || '.' || tablename from pg_tables where schemaname in ('public', 'eventfiles')"))
        {
            await using var rows = await asks.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel))
                tables.Add(rows.GetString(0));
        }

        foreach (var table in tables)
        {
            await using var asks = database.CreateCommand($"select t::text from {table} t");
            await using var rows = await asks.ExecuteReaderAsync(Cancel);
            while (await rows.ReadAsync(Cancel))
            {
                var row = rows.GetString(0);
                Assert.True(canaries.All(canary => !row.Contains(canary, StringComparison.OrdinalIgnoreCase)), $"{table} tells of what was erased.");
            }
        }
    }

    /// <summary>In no address that a server gives out stands what is looked for: neither in replies nor in their headers.</summary>
    public static async Task AssertAddressesTellNothing(Person person, IReadOnlyList<string> canaries, IEnumerable<string> paths)
    {
        var addresses = new List<string>();
        foreach (var path in paths)
        {
            using var reply = await person.Get(path).Expect(200);
            addresses.AddRange(new[] { reply.Headers.Location, reply.Content.Headers.ContentLocation }.OfType<Uri>().Select(one => one.ToString()));
            addresses.AddRange(reply.Headers.TryGetValues("Link", out var links) ? links : []);
            Addresses(JsonNode.Parse(await reply.Content.ReadAsStringAsync(Cancel)), "", addresses);
        }

        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.All(
            canaries, canary => Assert.DoesNotContain(canary, Uri.UnescapeDataString(address), StringComparison.OrdinalIgnoreCase)));
    }

    private static void Addresses(JsonNode? node, string name, List<string> into)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (inner, value) in fields)
                    Addresses(value, inner, into);
                break;
            case JsonArray items:
                foreach (var item in items)
                    Addresses(item, name, into);
                break;
            case JsonValue value when value.TryGetValue<string>(out var text)
                && (name.EndsWith("url", StringComparison.OrdinalIgnoreCase) || name.EndsWith("href", StringComparison.OrdinalIgnoreCase) || text.StartsWith("/api/", StringComparison.Ordinal)):
                into.Add(text);
                break;
            default:
                break;
        }
    }

    /// <summary>The files below a folder in which one of them stands. Servers that run may remove some meanwhile.</summary>
    public static List<string> FilesWith(string folder, IReadOnlyList<string> canaries)
    {
        var needles = canaries.Select(Encoding.UTF8.GetBytes).ToList();
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !Doors.Any(door => Path.GetFileName(file).StartsWith(door, StringComparison.Ordinal)))
            .Where(file => Bytes(file) is var bytes && needles.Exists(needle => bytes.AsSpan().IndexOf(needle) >= 0))];
    }

    public static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public static async Task<long> Count(NpgsqlDataSource database, string sql)
    {
        await using var asks = database.CreateCommand(sql);
        return (long)(await asks.ExecuteScalarAsync(Cancel))!;
    }

    public static async Task Until(Func<Task<bool>> wanted)
    {
        for (var left = 600; !await wanted(); left--)
        {
            Assert.True(left > 0, "It does not come to its end.");
            await Task.Delay(100, Cancel);
        }
    }

    /// <summary>Waits for a receipt of that stage and its proof, with nothing but the token.</summary>
    public static async Task<string> Receipt(Uri server, Guid erasure, string token, string stage)
    {
        using var http = new HttpClient { BaseAddress = server, DefaultRequestHeaders = { { "Receipt-Token", token } } };
        var text = "";
        await Until(async () =>
        {
            using var reply = await http.GetAsync($"api/erasures/{erasure}/receipt", Cancel);
            text = await reply.Content.ReadAsStringAsync(Cancel);
            return reply.IsSuccessStatusCode && JsonNode.Parse(text) is { } seen
                && (string?)seen["stage"] == stage && seen["proof"] is not null;
        });
        return text;
    }

    /// <summary>Both verifiers accept it as it is, and neither does when anything of it is said otherwise.</summary>
    public static async Task AssertProven(Uri server, string text)
    {
        using var http = new HttpClient { BaseAddress = server };
        var key = (await http.GetStringAsync("checkpoint/key", Cancel)).Trim();
        var altered = Mutations(text).ToList();
        Assert.True(altered.Count >= LeastMutations, $"There are {altered.Count}.");
        Assert.All(altered, one => Assert.NotEqual(text, one.Text));
        var folder = Directory.CreateTempSubdirectory("eventfiles-receipts-");
        try
        {
            string[] files = [.. Enumerable.Range(0, altered.Count + 1).Select(at => Path.Combine(folder.FullName, $"{at:d3}"))];
            foreach (var (file, one) in files.Zip([text, .. altered.Select(one => one.Text)]))
                await File.WriteAllTextAsync(file, one, Cancel);
            foreach (var said in new[] { await SaidByScript(files, key), await SaidByProgram(files, key) })
            {
                Assert.True(said.Count == files.Length, $"It ended at {altered.ElementAtOrDefault(said.Count - 1)}.");
                Assert.True(said[0].GetProperty("isGood").GetBoolean(), $"{said[0]}");
                foreach (var (verdict, (what, _)) in said.Skip(1).Zip(altered))
                    Assert.False(verdict.GetProperty("isGood").GetBoolean(), $"{what}: {verdict}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // By the script, with nothing but Node and the log's key.
    private static async Task<List<JsonElement>> SaidByScript(string[] files, string key)
    {
        using var node = Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(Server.Root, "docs", "verify", "verify.mjs"), .. files, "--key", key, "--json"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = await node.StandardOutput.ReadToEndAsync(Cancel);
        await node.WaitForExitAsync(Cancel);
        return Verdicts(said);
    }

    private static byte[] Bytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (FileNotFoundException)
        {
            return [];
        }
    }

    private static async Task<List<JsonElement>> SaidByProgram(string[] files, string key) =>
        Verdicts((await Server.Run(["verify", .. files, "--key", key, "--json"])).Output);

    private static List<JsonElement> Verdicts(string lines) =>
        [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    // Every word of the wrapper, what the receipt says field by field, and each part of the proof.
    private static IEnumerable<(string What, string Text)> Mutations(string text)
    {
        foreach (var (field, other) in new[] { ("stage", "C"), ("receipt", "{}"), ("eventId", $"{Guid.NewGuid()}") })
            yield return (field, Altered(text, whole => whole[field] = other));
        foreach (var (field, _) in JsonNode.Parse((string)JsonNode.Parse(text)!["receipt"]!)!.AsObject())
        {
            yield return ($"receipt without {field}", Receipt(text, said => said.AsObject().Remove(field)));
            yield return ($"receipt with another {field}", Receipt(text, said => said[field] = said[field] is JsonArray ? new JsonArray("another") : "another"));
        }

        // A test vector needs no key: no receipt passes for one.
        yield return ("a field of a vector", Altered(text, whole => (whole["leafIdx"], whole["wantErr"], whole["proof"]) = (0, true, null)));
        yield return ("a whole vector", Altered(text, whole =>
        {
            var hash = Convert.ToBase64String(new byte[32]);
            (whole["leafIdx"], whole["treeSize"], whole["leafHash"], whole["root"], whole["proof"]) = (0, 1, hash, hash, new JsonArray());
        }));
        yield return ("another time", Receipt(text, said => said["steps"]![0]!["at"] = DateTimeOffset.UnixEpoch));
        yield return ("another count", Receipt(text, said => said["recipientsCount"] = 99));

        var proof = (string)JsonNode.Parse(text)!["proof"]!;
        var lines = proof.Split('\n');
        var middle = Array.IndexOf(lines, "");
        string Proof(string other) => Altered(text, whole => whole["proof"] = other);
        string Line(int at, string other) => Proof(string.Join('\n', [.. lines[..at], other, .. lines[(at + 1)..]]));
        yield return ("no proof", Proof(""));
        yield return ("another format", Line(0, lines[0] + "x"));
        foreach (var at in new[] { 0, 10, lines[1].Length / 2 })
            yield return ($"leaf at {at}", Line(1, Flipped(lines[1], "extra ".Length + at)));
        yield return ("another index", Line(2, $"index {long.Parse(lines[2]["index ".Length..], System.Globalization.CultureInfo.InvariantCulture) + 1}"));
        for (var at = 3; at < middle; at++)
            yield return ($"path {at}", Line(at, Flipped(lines[at], 5)));
        yield return ("a step less", Proof(string.Join('\n', [.. lines[..(middle - 1)], .. lines[middle..]])));
        yield return ("a step more", Proof(string.Join('\n', [.. lines[..middle], lines[middle - 1], .. lines[middle..]])));
        yield return ("another origin", Line(middle + 1, "example.org/another"));
        yield return ("another size", Line(middle + 2, lines[middle + 2] + "0"));
        yield return ("another root", Line(middle + 3, Flipped(lines[middle + 3], 5)));
        yield return ("another signature", Line(middle + 5, Flipped(lines[middle + 5], lines[middle + 5].Length - 20)));
        yield return ("another's signature", Line(middle + 5, lines[middle + 5].Replace("— ", "— x", StringComparison.Ordinal)));
        yield return ("no signature", Proof(string.Join('\n', [.. lines[..(middle + 5)], ""])));
        yield return ("cut off", Proof(proof[..^3]));
        // What came first of all has nothing before it.
        if (JsonNode.Parse(text)!["before"] is null)
            yield break;
        foreach (var at in new[] { 0, 1 })
            yield return ($"another log before, {at}", Altered(text, whole => whole["before"]!["checkpoint"] = Before(whole, at)));
        yield return ("the same log as before", Altered(text, whole =>
        {
            whole["before"]!["checkpoint"] = proof[(proof.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
            whole["before"]!["path"] = new JsonArray();
        }));
        yield return ("another way from before", Altered(text, whole => whole["before"]!["path"]![0] = Flipped((string)whole["before"]!["path"]![0]!, 5)));
        yield return ("no way from before", Altered(text, whole => whole["before"]!["path"] = new JsonArray()));
    }

    private static string Before(JsonNode whole, int at)
    {
        var lines = ((string)whole["before"]!["checkpoint"]!).Split('\n');
        lines[at + 1] = at == 0 ? lines[1] + "0" : Flipped(lines[2], 5);
        return string.Join('\n', lines);
    }

    private static string Flipped(string text, int at) => text[..at] + (text[at] == 'A' ? 'B' : 'A') + text[(at + 1)..];

    private static string Receipt(string text, Action<JsonNode> alter) => Altered(text, whole =>
    {
        var said = JsonNode.Parse((string)whole["receipt"]!)!;
        alter(said);
        whole["receipt"] = said.ToJsonString();
    });

    private static string Altered(string text, Action<JsonNode> alter)
    {
        var whole = JsonNode.Parse(text)!;
        alter(whole);
        return whole.ToJsonString();
    }
}
