using System.Diagnostics;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>Servers of its own: this test kills them.</summary>
public sealed class MortalServers() : RealServers("postgres,rabbitmq,s3");

/// <summary>What a node says of itself when servers that it needs are silent or gone.</summary>
public sealed class HealthJourneyTests(MortalServers servers) : IClassFixture<MortalServers>
{
    [Fact]
    public async Task Without_broker_or_object_store_a_node_is_degraded_says_so_soon_and_goes_on_serving()
    {
        await using var server = await Server.StartOn(servers.EnvFile);
        using var olga = await Person.Register(server.Address, "Olga");
        await olga.Settled(await olga.Keep("Notes.txt", Samples.Text, "text/plain"));
        await Shows("ok", "ok");

        await servers.Signal("rabbitmq", "STOP");
        await Shows("out of reach", "ok");
        await servers.Signal("rabbitmq", "CONT");
        await Shows("ok", "ok");

        await servers.Signal("s3-client.rgw.a", "KILL");
        await Shows("ok", "out of reach");
        await servers.Signal("rabbitmq", "KILL");
        await Shows("out of reach", "out of reach");
        Assert.Equal(1, (await olga.Read("api/folders/root/children")).GetProperty("items").GetArrayLength());

        // Each answer is 200, or the load balancer would send nobody here any more; and none takes long.
        async Task Shows(string broker, string objects)
        {
            var since = Stopwatch.GetTimestamp();
            JsonElement health;
            do
            {
                Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(3), "Waited in vain.");
                await Task.Delay(50, TestContext.Current.CancellationToken);
                using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(30));
                health = await (await olga.Http.GetAsync("health/ready", soon.Token)).Expect(200).Json();
            }
            while ((Check("broker"), Check("objects")) != (broker, objects));

            Assert.Equal((broker, objects) == ("ok", "ok") ? "ok" : "degraded", health.GetProperty("status").GetString());

            string? Check(string name) => health.GetProperty("checks").GetProperty(name).GetString();
        }
    }
}
