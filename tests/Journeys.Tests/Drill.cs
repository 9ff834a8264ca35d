using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>How it is looked for what was erased, in every place, and how a receipt is verified.</summary>
internal static class Drill
{
    // A door of PostgreSQL's, no file.
    private const string Socket = ".s.PGSQL.";

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

    /// <summary>The files below a folder in which one of them stands. Servers that run may remove some meanwhile.</summary>
    public static List<string> FilesWith(string folder, IReadOnlyList<string> canaries)
    {
        var needles = canaries.Select(Encoding.UTF8.GetBytes).ToList();
        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileName(file).StartsWith(Socket, StringComparison.Ordinal))
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
        foreach (var verify in new Func<string, string, Task<(int Code, string Said)>>[] { Verified, VerifiedByProgram })
        {
            var (code, said) = await verify(text, key);
            Assert.True(code == 0, said);
        }

        foreach (var altered in Mutations(text))
        {
            Assert.Equal(1, (await Verified(altered, key)).Code);
            Assert.Equal(1, (await VerifiedByProgram(altered, key)).Code);
        }
    }

    /// <summary>By the script, with nothing but Node and the log's key.</summary>
    public static async Task<(int Code, string Said)> Verified(string text, string key)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text, Cancel);
        using var node = Process.Start(new ProcessStartInfo(
            "node", [Path.Combine(Server.Root, "docs", "verify", "verify.mjs"), file, "--key", key, "--json"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = await node.StandardOutput.ReadToEndAsync(Cancel);
        await node.WaitForExitAsync(Cancel);
        File.Delete(file);
        return (node.ExitCode, said);
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

    private static async Task<(int Code, string Said)> VerifiedByProgram(string text, string key)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text, Cancel);
        var (code, output, error) = await Server.Run("verify", file, "--key", key);
        File.Delete(file);
        return (code, output + error);
    }

    // What people read of it: each word of the wrapper, and of the receipt itself that which makes a difference.
    private static IEnumerable<string> Mutations(string text)
    {
        foreach (var (field, other) in new[] { ("stage", "C"), ("receipt", "{}"), ("eventId", $"{Guid.NewGuid()}") })
            yield return Altered(text, whole => whole[field] = other);
        Action<JsonNode>[] all =
        [
            said => said["file"] = $"{Guid.NewGuid()}", said => said["requestedBy"] = "administrator", said => said["ground"] = "legalObligation",
            said => said["fileContent"]!["shared"] = 7, said => said["verified"]![0]!["looked"] = 99, said => said["kept"] = new JsonArray(),
            said => said["copies"]!["says"] = "", said => said["steps"]![0]!["at"] = DateTimeOffset.UnixEpoch,
        ];
        foreach (var alter in all)
        {
            yield return Altered(text, whole =>
            {
                var said = JsonNode.Parse((string)whole["receipt"]!)!;
                alter(said);
                whole["receipt"] = said.ToJsonString();
            });
        }
    }

    private static string Altered(string text, Action<JsonNode> alter)
    {
        var whole = JsonNode.Parse(text)!;
        alter(whole);
        return whole.ToJsonString();
    }
}
