using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>What an operator sees when somebody leaves a transaction open.</summary>
public sealed class LagJourneyTests
{
    [Fact]
    public async Task Readers_that_are_held_up_show_in_health_and_status_until_it_is_over()
    {
        await using var server = await Server.Start(null, ("Lag__Alarm", "00:00:03"), ("Lag__Every", "00:00:00.05"));
        using var olga = await Person.Register(server.Address, "Olga");
        var cancel = TestContext.Current.CancellationToken;
        await olga.Until("health/ready", one => one.GetProperty("status").GetString() == "ok");
        await Checked(server, 0);
        await using var database = NpgsqlDataSource.Create(await server.ConnectionString() + ";Pooling=false");
        await using var prompt = await database.OpenConnectionAsync(cancel);
        await using (var draw = new NpgsqlCommand(
            """
            begin; set local idle_in_transaction_session_timeout = 0;
            lock table public.mt_streams in row exclusive mode;
            select nextval('public.mt_events_sequence')
            """, prompt))
        {
            await draw.ExecuteNonQueryAsync(cancel);
        }

        olga.Http.DefaultRequestHeaders.Remove("Prefer");
        await (await olga.Post("api/folders", new { name = "Papers" })).Expect(201);
        var late = await olga.Until("health/ready", one => one.GetProperty("status").GetString() == "degraded");
        Assert.Contains("idle in transaction", late.GetProperty("checks").GetProperty("lag").GetString(), StringComparison.Ordinal);
        var status = await Checked(server, 1);
        Assert.True(status.GetProperty("late").GetBoolean());
        Assert.Equal("all", Assert.Single(status.GetProperty("nodes").EnumerateArray()).GetProperty("role").GetString());
        Assert.Equal("directory", status.GetProperty("storage").GetProperty("kind").GetString());
        Assert.Equal("idle in transaction", status.GetProperty("oldestWriter").GetProperty("state").GetString());

        await using (var limit = new NpgsqlCommand("set local idle_in_transaction_session_timeout = '50ms'", prompt))
            await limit.ExecuteNonQueryAsync(cancel);
        await olga.Until("health/ready", one => one.GetProperty("status").GetString() == "ok");
        await Checked(server, 0);
        Assert.Contains("Readers are late", server.Log, StringComparison.Ordinal);
        Assert.Contains("Readers are no longer late", server.Log, StringComparison.Ordinal);
    }

    // What nodes write down for others may be a second old.
    private static async Task<JsonElement> Checked(Server server, int code)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var (exit, output, _) = await server.RunHere("status", "--check", "--json", "--data", server.Data);
            if (exit == code)
                return JsonDocument.Parse(output).RootElement;
            await Task.Delay(100, patience.Token);
        }
    }
}
