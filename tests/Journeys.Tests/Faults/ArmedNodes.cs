namespace EventFiles.Journeys.Tests.Faults;

/// <summary>
/// Two nodes on real servers, in the build that can be killed at a named place, each started again as soon as it is dead:
/// what a supervisor does.
/// </summary>
public class ArmedNodes : RealServers
{
    private readonly CancellationTokenSource over = new();
    private readonly string orders = Path.Combine(Path.GetTempPath(), $"eventfiles-kill-{Guid.NewGuid():n}");
    private readonly string eras = Path.Combine(Path.GetTempPath(), $"eventfiles-eras-{Guid.NewGuid():n}");
    private readonly List<(Server Node, Task Watched)> nodes = [];

    public ArmedNodes() : this([])
    {
    }

    protected ArmedNodes(params string[] options) : base("postgres,redis,rabbitmq,s3", options)
    {
    }

    /// <summary>Where requests go.</summary>
    public Uri Address => nodes[0].Node.Address;

    /// <summary>Who may ask for rebuilds: the first account there is.</summary>
    public Person Administrator { get; private set; } = null!;

    /// <summary>How often a node has died.</summary>
    public int Deaths { get; private set; }

    public override async ValueTask InitializeAsync()
    {
        Assert.True(File.Exists(Server.ArmedDll), "Build it first: eng/test does.");
        await base.InitializeAsync();
        // Keys of eras are files that both share, and an era ends every minute, whatever befalls them.
        await File.WriteAllLinesAsync(EnvFile, (await File.ReadAllLinesAsync(EnvFile)).Select(line =>
            line.StartsWith("ENCRYPTION_KEY=", StringComparison.Ordinal) ? $"ENCRYPTION_KEY_DIR={eras}" : line));
        await Add("api");
        await Add("worker");
        Administrator = await Person.Register(Address, "Admin");
    }

    public override async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        foreach (var (node, watched) in nodes)
        {
            await watched;
            await node.DisposeAsync();
        }

        Administrator?.Dispose();
        over.Dispose();
        File.Delete(orders);
        File.Delete(Reached);
        await base.DisposeAsync();
        Directory.Delete(eras, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The node that comes to this place for the N-th time dies there.</summary>
    public void KillAt(string place, int time)
    {
        File.Delete(Reached);
        File.WriteAllText(orders, $"{place} {time}");
    }

    /// <summary>Waits until one has died there and is back.</summary>
    public async Task KilledAndBack(string place, int deathsBefore)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!File.Exists(Reached) || Deaths == deathsBefore)
        {
            Assert.False(patience.IsCancellationRequested, $"No node came to {place}, or it did not come back.");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>
    /// Somebody new; and the administrator signs in again, whose token lives for less than all rows take. After a fault a
    /// node's first request may still find a connection that is gone.
    /// </summary>
    public async Task<Person> Register(string name)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await Administrator.SignIn();
                return await Person.Register(Address, name);
            }
            catch (Exception away) when (tries < 30 && away is HttpRequestException or Xunit.Sdk.XunitException)
            {
                await Task.Delay(200);
            }
        }
    }

    /// <summary>What the nodes have logged so far.</summary>
    public string Log => string.Concat(nodes.Select(one => one.Node.Log));

    /// <summary>An operator's command, which finds nothing too young to be looked at.</summary>
    public Task<(int ExitCode, string Output, string Error)> Command(params string[] arguments) => Server.RunWith(
        [("Storage__Grace", "00:00:00")], [.. arguments, "--env-file", EnvFile, "--data", nodes[0].Node.Data]);

    /// <summary>What else a node of this role is started with.</summary>
    protected virtual (string Name, string Value)[] Around(string role) => [];

    private string Reached => orders + ".reached";

    private async Task Add(string role)
    {
        var node = await Server.StartArmed(
            EnvFile, role,
            [
                ("KILL_POINT_FILE", orders), ("Erasure__SettleAfter", "00:00:00"), ("Erasure__RebuildEvery", "00:00:00"),
                ("Encryption__Era", "00:01:00"), .. Around(role),
            ]);
        nodes.Add((node, Watch(node)));
    }

    private async Task Watch(Server node)
    {
        while (!over.IsCancellationRequested)
        {
            if (node.HasEnded)
            {
                await node.Ended();
                await node.Restart();
                Deaths++;
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }
}

/// <summary>Servers and nodes on which nodes are killed, one fault at a time.</summary>
[CollectionDefinition(Name)]
public sealed class NodeFaults : ICollectionFixture<ArmedNodes>
{
    public const string Name = "Faults of nodes";
}

/// <summary>Others, beside which something befalls the servers, one fault at a time.</summary>
[CollectionDefinition(Name)]
public sealed class ServerFaults : ICollectionFixture<FragileServers>
{
    public const string Name = "Faults of servers";
}
