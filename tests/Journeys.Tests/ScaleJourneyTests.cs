using System.Globalization;

namespace EventFiles.Journeys.Tests;

/// <summary>Every server there is, and nginx before two api nodes.</summary>
public sealed class BehindNginx() : RealServers("postgres,redis,rabbitmq,s3,nginx");

/// <summary>More nodes, and nodes that go and come, while people work: behind nginx nobody notices.</summary>
public sealed class ScaleJourneyTests(BehindNginx servers) : IClassFixture<BehindNginx>
{
    private Uri Address => new(servers.Settings["NGINX_URL"]);

    private string Database => servers.Settings["DATABASE_URL"];

    [Fact]
    public async Task One_api_node_becomes_two_and_one_worker_four_and_nothing_is_lost_or_done_twice()
    {
        // The settings as they are printed put it behind nginx, page and all.
        await using var first = await Api(1);
        await using var worker = await Worker();
        using (var anybody = new HttpClient { BaseAddress = Address })
            Assert.Contains("<html", await anybody.GetStringAsync(""), StringComparison.OrdinalIgnoreCase);
        await using var load = await Load.Start(Address, clients: 3);
        await load.Goes(6);

        await using var second = await Api(2);
        await using var more = new Several(await Task.WhenAll(Worker(), Worker(), Worker()));
        await load.Goes(12);

        await load.Holds(Database);
        Assert.True(await Served(second) > 0);
    }

    [Fact]
    public async Task Nodes_that_are_stopped_and_started_one_after_the_other_fail_no_request()
    {
        await using var first = await Api(1);
        await using var second = await Api(2);
        await using var worker = await Worker();
        await using var other = await Worker();
        await using var load = await Load.Start(Address, clients: 3);
        await load.Goes(6);

        foreach (var node in new[] { first, worker, second, other })
        {
            Assert.Equal(0, await node.Stop());
            await load.Goes(3);
            await node.Restart();
            await load.Goes(3);
        }

        await load.Holds(Database);
    }

    private Task<Server> Api(int number) =>
        Server.StartOn(servers.EnvFile, "api", urls: servers.Settings[string.Create(CultureInfo.InvariantCulture, $"NGINX_API_{number}")]);

    private Task<Server> Worker() => Server.StartOn(servers.EnvFile, "worker");

    // How many requests of the API a node has answered, as it tells itself.
    private static async Task<double> Served(Server node)
    {
        using var operators = new HttpClient { BaseAddress = node.Address };
        return (await operators.GetStringAsync("metrics")).Split('\n')
            .Where(line => line.StartsWith("http_server_request_duration_seconds_count", StringComparison.Ordinal) && line.Contains("api/", StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private sealed class Several(Server[] nodes) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var node in nodes)
                await node.DisposeAsync();
        }
    }
}
