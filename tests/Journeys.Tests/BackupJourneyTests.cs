using System.Security.Cryptography;
using System.Text.Json;
using static EventFiles.Journeys.Tests.SmallLife;

namespace EventFiles.Journeys.Tests;

/// <summary>The drill: a store is copied while it runs, lost, and restored; and what must not be restored is not.</summary>
public sealed class BackupJourneyTests : IDisposable
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string folder = Directory.CreateTempSubdirectory("eventfiles-backup-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Place => Path.Combine(folder, "backup");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_store_that_is_lost_comes_back_from_its_backup_the_same_to_the_last_digest()
    {
        string data;
        Dictionary<string, string?> digests;
        SmallLife life;
        await using (var server = await Server.Start())
        {
            data = server.Data;
            life = await SmallLife.On(server.Address);
            await Run(0, "backup", Place, "--data", data);
            // What is there already is not copied again, what is gone since goes here too, and what the store has lost stays.
            var copied = Copies().ToDictionary(one => one, File.GetLastWriteTimeUtc, StringComparer.Ordinal);
            var brief = await life.Olga.Keep("brief.bin", new byte[1000]);
            await Run(0, "backup", Place, "--data", data);
            Assert.Equal(copied.Count + 1, Copies().Length);
            await (await life.Olga.Delete($"api/files/{brief}?permanent=true")).Expect(202);
            await life.Olga.Until($"api/files/{brief}/history", history => history.GetProperty("items").EnumerateArray()
                .Any(entry => entry.GetProperty("what").GetString() == "delete.purged.v1"));
            File.Delete(Original(data, life.Picture));
            digests = await Digests("--data", data);
            var manifest = JsonDocument.Parse((await Run(0, "backup", Place, "--json", "--data", data)).Output).RootElement;
            Assert.Equal(copied, Copies().ToDictionary(one => one, File.GetLastWriteTimeUtc, StringComparer.Ordinal));
            Assert.Equal((copied.Count, 0), (manifest.GetProperty("objects").GetInt32(), manifest.GetProperty("damaged").GetInt32()));
            Assert.All(Directory.GetFiles(Place).Concat(Directory.GetFiles(Path.Combine(Place, "keys"))).Where(file => !file.EndsWith("lock", StringComparison.Ordinal)),
                file => Assert.Equal(OwnersFile, File.GetUnixFileMode(file)));
            await server.Kill();
        }

        using (life)
        {
            var restored = Path.Combine(folder, "data");
            await RestoreThroughAKill(restored);
            await using (var back = await Server.Start(restored))
            {
                Assert.Equal(digests, await Digests("--data", restored));
                // A token of before is good still: the keys came along.
                using (var still = life.Olga.At(back.Address))
                    await still.Read("api/me");
                await life.IsAt(back.Address, "--data", restored);
                Assert.Equal(0, await back.Stop());
            }

            Assert.Contains("backup.target-not-empty: ", (await Run(1, "restore", Place, "--data", restored)).Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_backup_that_was_damaged_is_refused_and_nothing_is_made_of_it()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        await olga.Keep("Notes.txt", Samples.Text, "text/plain");
        await Run(0, "backup", Place, "--data", server.Data);
        string File(string pattern) => Assert.Single(Directory.GetFiles(Place, pattern));

        await Refused("backup.damaged", Assert.Single(Copies()), Flip);
        await Refused("backup.damaged", Assert.Single(Copies()), content => content[..^1]);
        await Refused("backup.damaged", Assert.Single(Copies()), _ => null);
        await Refused("log-file.damaged", File("log-*"), Flip);
        await Refused("backup.damaged", File("log-*"), _ => null);
        await Refused("backup.damaged", File("objects-*"), Flip);
        await Refused("backup.damaged", Directory.GetFiles(Path.Combine(Place, "keys"))[0], Flip);
        await Refused("backup.damaged", File("manifest.json"), Flip);
        await Refused("backup.no-manifest", File("manifest.json"), _ => null);

        await Run(0, "restore", Place, "--data", Path.Combine(folder, "data"));
        Assert.Contains("backup.place-taken: ", (await Run(1, "backup", server.Data, "--data", server.Data)).Error, StringComparison.Ordinal);
        await using var other = await Server.Start();
        using var ravi = await Person.Register(other.Address, "Ravi");
        Assert.Contains("backup.other-store: ", (await Run(1, "backup", Place, "--data", other.Data)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scrub_finds_every_object_that_is_not_as_it_was_stored()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        var (flipped, cut, missing) = (await olga.Keep("1.bin", RandomNumberGenerator.GetBytes(600_000)), await olga.Keep("2.bin", new byte[2000]), await olga.Keep("3.bin", new byte[3000]));
        var picture = await olga.Keep("Dusk.jpg", Samples.Picture, "image/jpeg");
        await olga.Settled(picture);
        await olga.Keep("intact.bin", new byte[1 << 20]);
        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        await Run(0, "storage", "scrub", "--rate", "1", "--data", server.Data);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(1.2), "It read faster than it was told to.");

        await Change(Original(server.Data, flipped), Flip);
        await Change(Original(server.Data, cut), content => content[..^1]);
        File.Delete(Original(server.Data, missing));
        var variant = Directory.GetFiles(Path.Combine(server.Data, "objects", "processed"), "thumbnail.enc", SearchOption.AllDirectories).Single();
        await Change(variant, content => content[..^1]);

        var lines = (await Run(1, "storage", "scrub", "--json", "--data", server.Data)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            [("unreadable", $"raw/{flipped}"), ("unreadable", $"raw/{cut}"), ("missing", $"raw/{missing}"), ("unreadable", $"processed/{picture}/1/thumbnail")],
            lines.SkipLast(1).Select(line => (line.GetProperty("class").GetString()!, line.GetProperty("key").GetString()!)));
        Assert.Equal(4, lines[^1].GetProperty("damaged").GetInt32());
        var after = lines[0].GetProperty("position").GetInt64() + 1;
        Assert.Equal(4, (await Run(1, "storage", "scrub", "--json", "--from", $"{after}", "--data", server.Data)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        // A backup goes on without them, and says so.
        var told = await Run(1, "backup", Place, "--data", server.Data);
        foreach (var key in lines.SkipLast(1).Select(line => line.GetProperty("key").GetString()!))
            Assert.Contains($"not in the backup: {key} ", told.Error, StringComparison.Ordinal);
        await Run(0, "restore", Place, "--data", Path.Combine(folder, "data"));
    }

    private static byte[] Flip(byte[] content)
    {
        content[content.Length / 2] ^= 1;
        return content;
    }

    // The time of writing is what it was, as when a disk spoils something.
    private static async Task Change(string file, Func<byte[], byte[]> change)
    {
        var at = File.GetLastWriteTimeUtc(file);
        await File.WriteAllBytesAsync(file, change(await File.ReadAllBytesAsync(file, Cancel)), Cancel);
        File.SetLastWriteTimeUtc(file, at);
    }

    private static string Original(string data, Guid file) => Path.Combine(data, "objects", "raw", $"{file}"[^2..], $"{file}.enc");

    private string[] Copies() =>
        [.. new[] { "raw", "processed" }.Select(area => Path.Combine(Place, "objects", area)).Where(Directory.Exists)
            .SelectMany(area => Directory.GetFiles(area, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal)];

    private async Task Refused(string code, string file, Func<byte[], byte[]?> change)
    {
        var (content, data) = (await File.ReadAllBytesAsync(file, Cancel), Path.Combine(folder, "data"));
        File.Delete(file);
        if (change([.. content]) is { } changed)
            await File.WriteAllBytesAsync(file, changed, Cancel);
        var (_, output, error) = await Run(1, "restore", Place, "--json", "--data", data);
        Assert.StartsWith($"{code}: ", error, StringComparison.Ordinal);
        Assert.Equal(code, JsonDocument.Parse(output).RootElement.GetProperty("code").GetString());
        Assert.False(Directory.Exists(data));
        await File.WriteAllBytesAsync(file, content, Cancel);
    }

    // As soon as there is a database to leave behind. Until the restore has ended, no server starts on it.
    private async Task RestoreThroughAKill(string data)
    {
        using (var killed = Server.Begin("restore", Place, "--data", data))
        {
            while (!killed.HasExited && !IsFilling(data))
                await Task.Delay(2, Cancel);
            killed.Kill();
            await killed.WaitForExitAsync(Cancel);
            if (killed.ExitCode == 0)
                return; // faster than this test
        }

        var early = await Assert.ThrowsAsync<InvalidOperationException>(() => Server.Start(data));
        Assert.Contains("was interrupted", early.Message, StringComparison.Ordinal);
        await Run(0, "restore", Place, "--data", data);
    }

    private static bool IsFilling(string data) =>
        Directory.Exists(Path.Combine(data, "objects", "raw")) && Directory.EnumerateFiles(Path.Combine(data, "objects", "raw"), "*", SearchOption.AllDirectories).Any();
}
