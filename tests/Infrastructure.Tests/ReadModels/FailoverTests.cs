using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.ReadModels.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using static EventFiles.ShardNode.Board;

namespace EventFiles.Infrastructure.Tests.ReadModels;

/// <summary>Nodes as processes of their own, on one database and one Redis. Whichever holds the shards is killed or frozen.</summary>
public sealed class FailoverTests(PostgresFixture postgres, RedisFixture redis, ITestOutputHelper output) : IAsyncLifetime
{
    // What is promised when a node is killed: its connection closes, and the next look finds its shards free.
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(5);

    private readonly string prefix = redis.NewPrefix();
    private readonly List<Process> nodes = [];
    private string database = "";
    private BoardNode reader = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateDatabase();
        // It writes events and reads views, and keeps none.
        reader = Node();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await Kill(node);
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task When_the_node_that_holds_the_shards_is_killed_another_goes_on_and_nothing_is_missed_or_applied_twice()
    {
        Start();
        Start();
        await using var traffic = new Traffic(reader);
        for (var round = 1; round <= 2; round++)
        {
            var holder = await Holder();
            Assert.InRange(await GoesOn($"killed for the {round}. time", () => Kill(holder)), TimeSpan.Zero, Promised);
            Start();
        }

        await traffic.End(Cancel);
    }

    [Fact]
    public async Task A_frozen_node_loses_its_shards_and_when_it_wakes_it_writes_nothing_until_it_gets_them_again()
    {
        // By construction: how long nobody may be heard, and how long until the next one asks.
        Assert.True(SharedLeases.LongestSilence + SharedLeases.BetweenLooks < TimeSpan.FromSeconds(5));
        Start();
        await using var traffic = new Traffic(reader);
        var frozen = await Holder();
        Start();
        await GoesOn("frozen", () => Signals.Freeze(frozen.Id));
        var other = await Holder(but: frozen);

        // In the middle of whatever it was doing, with the position at which it was doing it.
        await Signals.Send("-CONT", frozen.Id);
        var at = await Position();
        await Wait.Until(async () => await Position() > at, "the other to go on");
        Assert.InRange(
            await GoesOn("killed, and the one that was frozen is the only one left", () => Kill(other)), TimeSpan.Zero, Promised);
        await traffic.End(Cancel);
    }

    [Fact]
    public async Task A_rebuild_whose_node_is_killed_goes_on_where_it_was_on_another_and_readers_never_see_a_part()
    {
        const int Events = 20_000;
        const int Boards = 400;
        for (var i = 0; i < Events; i += 500)
            await reader.Happen([.. Enumerable.Range(i, 500).Select(n => new Pinned($"{n % Boards}", $"{n}"))]);
        await using (var first = await Node().Start())
            await Wait.Until(async () => await Position() == Events, "the views");
        // So slow a node is killed long before its rebuild ends.
        Start(restsAfter: 2);
        var slow = await Holder();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var other = Node();
        var reading = Task.WhenAll(Read(reader), Read(other));
        await reader.Ask(ProjectionWish.Rebuild);
        await reader.Until(one => one.ShadowPosition > 0, "a shadow that has begun");
        await Kill(slow);
        var left = await reader.Status();
        Assert.Equal((1, 2), (left.Generation, left.Shadow));

        await using var next = await Node().Start();
        var status = await reader.Until(one => one.Rebuild is null, "the rebuild");
        // Another beginning would have been a third generation, or the first position.
        Assert.Equal((2, 0), (status.Generation, status.Differences));
        var resumed = Assert.Single(next.Log.Lines, line => line.Text.Contains("boards is being rebuilt as generation 2", StringComparison.Ordinal));
        Assert.DoesNotContain("from position 0", resumed.Text, StringComparison.Ordinal);
        output.WriteLine($"killed with the shadow at {left.ShadowPosition} of {Events}; then {resumed.Text}");
        await done.CancelAsync();
        Assert.All(await reading, count => Assert.True(count > 0));

        async Task<int> Read(BoardNode from)
        {
            var count = 0;
            for (; !done.IsCancellationRequested; count++)
            {
                Assert.Equal(Enumerable.Range(0, Events / Boards).Select(n => $"{(n * Boards) + 7}"), (await from.Find("7"))!.Cards);
                Assert.Equal(Boards, (await from.Get<IReadModel<View>>().List("by-size", null, 1000, true, Cancel)).Items.Count);
            }

            return count;
        }
    }

    [Fact]
    public async Task A_node_speaks_TLS_with_a_server_that_it_may_trust_and_with_no_other()
    {
        var folder = Directory.CreateTempSubdirectory("ef-redis-");
        var (certificate, key) = (Path.Combine(folder.FullName, "server.pem"), Path.Combine(folder.FullName, "server.key"));
        await WriteCertificate(certificate, key);
        var port = FreePorts.Next().ToString(CultureInfo.InvariantCulture);
        await using (var server = await RedisServer.Start(
            folder.FullName, "--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key,
            "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no"))
        {
            var address = RedisAddress.Parse($"rediss://localhost:{port}");
            await using (var doubtful = new RedisConnection(
                new RedisSettings(address, TimeSpan.FromSeconds(60)), TimeProvider.System, NullLogger<RedisConnection>.Instance))
                await Assert.ThrowsAsync<TransientException>(() => doubtful.Run("return 1", [], [], Cancel));

            Start(redisUrl: address.ToString(), trusted: certificate);
            await Wait.Until(async () => await server.Do("EXISTS", $"{prefix}:{{boards}}") == "1", "a node that trusts the server");
        }

        folder.Delete(recursive: true);
    }

    private static async Task WriteCertificate(string certificate, string key)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(certificate, made.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), Cancel);
    }

    private BoardNode Node() => new(database, services => services.AddRedisReadModels(redis.Settings, prefix));

    private void Start(int restsAfter = 0, string? redisUrl = null, string? trusted = null)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "EventFiles.ShardNode.dll");
        var start = new ProcessStartInfo(
            "dotnet", [program, database, redisUrl ?? redis.Url, prefix, restsAfter.ToString(CultureInfo.InvariantCulture)]);
        if (trusted is not null)
            start.Environment["SSL_CERT_FILE"] = trusted;
        var node = Process.Start(start)!;
        Signals.EndWithUs(node);
        nodes.Add(node);
    }

    // The living node that says that it holds the shards.
    private async Task<Process> Holder(Process? but = null)
    {
        Process? holder = null;
        await Wait.Until(
            async () =>
            {
                var boards = (await reader.Register.List(Cancel)).FirstOrDefault(one => one is { Name: "boards", State: "live" });
                holder = nodes.Find(node =>
                    node != but && !node.HasExited && boards?.Node?.EndsWith($"/{node.Id}", StringComparison.Ordinal) is true);
                return holder is not null;
            },
            "a holder");
        return holder!;
    }

    // What the holder had applied may still be written when it is gone: so the position is looked at afterwards.
    private async Task<TimeSpan> GoesOn(string what, Func<Task> befalls)
    {
        var start = Stopwatch.GetTimestamp();
        await befalls();
        var at = await Position();
        await Wait.Until(async () => await Position() > at, "another node to go on");
        var took = Stopwatch.GetElapsedTime(start);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: after {took.TotalSeconds:F2} s the views go on"));
        return took;
    }

    private async Task<long> Position()
    {
        IProjection[] projections = [reader.Board.Boards(), Tallies()];
        return (await reader.Store.Look(projections, Cancel)).Min(one => one.Position);
    }

    private static async Task Kill(Process node)
    {
        if (!node.HasExited)
            node.Kill();
        await node.WaitForExitAsync();
    }

    /// <summary>Writes to three boards all the time, and knows at the end what they must show.</summary>
    private sealed class Traffic : IAsyncDisposable
    {
        private readonly CancellationTokenSource done = new();
        private readonly BoardNode node;
        private readonly Task<int[]> writers;

        public Traffic(BoardNode node)
        {
            this.node = node;
            writers = Task.WhenAll(Enumerable.Range(0, 3).Select(Write));
        }

        public async Task End(CancellationToken cancel)
        {
            await done.CancelAsync();
            var sent = await writers;
            var last = await node.Get<IEventFeed>().Last(cancel);
            IProjection[] projections = [node.Board.Boards(), Tallies()];
            await Wait.Until(async () => (await node.Store.Look(projections, cancel)).All(one => one.Position >= last), "the last event");
            for (var i = 0; i < sent.Length; i++)
            {
                Assert.Equal(sent[i], (await node.Get<IReadModel<Tally>>().Find($"board-{i}", cancel))!.Events);
                Assert.Equal(Enumerable.Range(0, sent[i]).Select(n => $"{n}"), (await node.Find($"{i}"))!.Cards);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await done.CancelAsync();
            await ((Task)writers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            done.Dispose();
        }

        private async Task<int> Write(int board)
        {
            var count = 0;
            for (; !done.IsCancellationRequested; count++)
            {
                await node.Happen(new Pinned($"{board}", $"{count}"));
                // So fast that views move all the time, and no faster: a card is a part of its board for ever.
                await Task.Delay(5, CancellationToken.None);
            }

            return count;
        }
    }
}
