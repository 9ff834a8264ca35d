using System.Security.Cryptography;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

public sealed class RestartJourneyTests
{
    [Fact]
    public async Task Killed_in_the_middle_of_everything_nothing_acknowledged_is_lost()
    {
        await using var server = await Server.Start();
        var contents = new Dictionary<Guid, byte[]>();
        var content = RandomNumberGenerator.GetBytes(200_000);
        using var olga = await Person.Register(server.Address, "Olga");
        var upload = (await (await Tus.Create(olga, content.Length, "later.bin")).Expect(201)).Headers.Location!;
        await (await Tus.Patch(olga, upload, 0, content[..120_000])).Expect(204);
        for (var n = 0; n < 6; n++)
        {
            var picture = n % 2 == 0 ? Samples.Picture : Samples.Transparent;
            contents.Add(await olga.Keep($"picture {n}", picture), picture);
        }

        var quota = await olga.Quota();

        await server.Kill();
        await server.Restart();

        Assert.Equal(quota, await olga.Quota());
        Assert.Equal(120_000, await Tus.Offset(olga, upload));
        var last = await (await Tus.Patch(olga, upload, 120_000, content[120_000..])).Expect(204);
        contents.Add(Guid.Parse(Assert.Single(last.Headers.GetValues("File-Id"))), content);
        foreach (var (file, bytes) in contents)
        {
            Assert.Equal("ready", (await olga.Settled(file)).GetProperty("status").GetString());
            Assert.Equal(bytes, await olga.Http.GetByteArrayAsync($"api/files/{file}/content"));
        }

        Assert.Equal(contents.Values.Distinct().Sum(bytes => (long)bytes.Length), (await olga.Quota()).Used);
    }

    [Fact]
    public async Task A_second_start_on_the_same_folder_is_refused()
    {
        await using var server = await Server.Start();
        var second = await Server.Run("serve", "--urls", "http://127.0.0.1:0", "--data", server.Data);
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("Another EventFiles server", second.Error, StringComparison.Ordinal);
        Assert.Contains("--data", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_to_stop_it_stops_cleanly_and_takes_its_database_along()
    {
        await using var server = await Server.Start();
        var (code, url, _) = await Server.Run("db", "url", "--data", server.Data);
        Assert.Equal(0, code);
        Assert.StartsWith("postgresql://", url, StringComparison.Ordinal);
        Assert.Equal(0, await server.Stop());
        Assert.False(File.Exists(Path.Combine(server.Data, "postgres", "cluster", "postmaster.pid")));
        Assert.Equal(1, (await Server.Run("db", "url", "--data", server.Data)).ExitCode);
    }

    [Fact]
    public async Task An_operator_sees_what_there_is_and_no_personal_data()
    {
        await using var server = await Server.Start();
        using var olga = await Person.Register(server.Address, "Olga");
        await olga.Keep("a very personal name.txt", Samples.Text, "text/a-very-personal-name");

        var status = JsonDocument.Parse((await Server.Run("status", "--json", "--data", server.Data)).Output).RootElement;
        Assert.True(status.GetProperty("running").GetBoolean());
        Assert.True(status.GetProperty("events").GetInt64() > 2);
        var (code, events, _) = await Server.Run("events", "tail", "--json", "--data", server.Data);
        Assert.Equal(0, code);
        Assert.Contains("upload.completed.v1", events, StringComparison.Ordinal);
        Assert.DoesNotContain("personal-name", events, StringComparison.Ordinal);
        Assert.DoesNotContain("personal name", events + server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(olga.Email, events + server.Log, StringComparison.Ordinal);
        Assert.Equal(1, (await Server.Run("events", "show", "quota-nobody", "--data", server.Data)).ExitCode);
        Assert.Equal(2, (await Server.Run("events", "shout")).ExitCode);
    }
}
