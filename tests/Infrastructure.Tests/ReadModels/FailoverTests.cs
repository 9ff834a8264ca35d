using System.Diagnostics;
using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using static EventFiles.ShardNode.Board;

namespace EventFiles.Infrastructure.Tests.ReadModels;

/// <summary>Nodes as processes of their own, on one database and one Redis. SIGKILL takes whichever holds a shard.</summary>
public sealed class FailoverTests(PostgresFixture postgres, RedisFixture redis, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly string prefix = redis.NewPrefix();
    private readonly List<Process> nodes = [];
    private string database = "";
    private BoardNode reader = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateDatabase();
        // It writes events and reads views, and keeps none.
        reader = new BoardNode(database, services => services.AddRedisReadModels(redis.Settings, prefix));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await Kill(node);
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task When_the_node_that_holds_a_shard_is_killed_another_goes_on_and_nothing_is_missed_or_applied_twice()
    {
        Start();
        Start();
        await Held();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writers = Task.WhenAll(Enumerable.Range(0, 4).Select(Write));
        for (var round = 1; round <= 3; round++)
        {
            var holder = await Holder();
            var start = Stopwatch.GetTimestamp();
            await Kill(holder);
            var at = await Position();
            await Eventually(async () => await Position() > at, "another node to go on");
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"kill {round}: views stood still for {Stopwatch.GetElapsedTime(start).TotalSeconds:F2} s at most"));
            Start();
            await Held();
        }

        await done.CancelAsync();
        var sent = await writers;
        var last = await reader.Get<IEventFeed>().Last(Cancel);
        await Eventually(async () => await Position() >= last, "the last event");
        for (var i = 0; i < sent.Length; i++)
        {
            Assert.Equal(sent[i], (await reader.Get<IReadModel<Tally>>().Find($"board-{i}", Cancel))!.Events);
            Assert.Equal(
                Enumerable.Range(0, sent[i]).Select(n => $"{n}"), (await reader.Find($"{i}"))!.Cards);
        }

        async Task<int> Write(int board)
        {
            var count = 0;
            for (; !done.IsCancellationRequested; count++)
            {
                await reader.Happen(new Pinned($"{board}", $"{count}"));
                // So fast that views move all the time, and no faster: a card is a part of its board for ever.
                await Task.Delay(5, CancellationToken.None);
            }

            return count;
        }
    }

    [Fact]
    public async Task A_rebuild_whose_node_is_killed_goes_on_where_it_was_on_another()
    {
        const int Events = 20_000;
        for (var i = 0; i < Events; i += 500)
            await reader.Happen([.. Enumerable.Range(i, 500).Select(n => new Pinned($"{n % 400}", $"{n}"))]);
        Start(restsAfter: 10);
        await Eventually(async () => await Position() == Events, "the views");
        await reader.Ask(ProjectionWish.Rebuild);
        await reader.Until(one => one.ShadowPosition > 0 || one.Generation == 2, "a shadow that has begun");
        await Kill(await Holder());
        var left = await reader.Status();
        Assert.Equal((1, 2), (left.Generation, left.Shadow));

        Start();
        var status = await reader.Until(one => one.Rebuild is null, "the rebuild");
        // Another beginning would have been a third generation.
        Assert.Equal((2, 0), (status.Generation, status.Differences));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"killed with the shadow at {left.ShadowPosition} of {Events}, ended as generation 2"));
        Assert.Equal(
            Enumerable.Range(0, Events / 400).Select(n => $"{(n * 400) + 7}"), (await reader.Find("7"))!.Cards);
    }

    private Process Start(int restsAfter = 0)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "EventFiles.ShardNode.dll");
        var node = Process.Start(new ProcessStartInfo(
            "dotnet", [program, database, redis.Settings, prefix, restsAfter.ToString(CultureInfo.InvariantCulture)]))!;
        nodes.Add(node);
        return node;
    }

    private async Task<Process> Holder()
    {
        var status = await reader.Until(one => one.State is not "unheld" && Of(one) is not null, "a living holder");
        return Of(status)!;

        Process? Of(ProjectionStatus one) =>
            nodes.Find(node => !node.HasExited && one.Node!.EndsWith($"/{node.Id}", StringComparison.Ordinal));
    }

    private async Task Held() =>
        await Eventually(async () => (await reader.Status()).State == "live" && await Holder() is not null, "a holder");

    private async Task<long> Position()
    {
        IProjection[] projections = [reader.Board.Boards(), Tallies()];
        return (await reader.Store.LivePositions(projections, Cancel)).Min(one => one.Position);
    }

    private static async Task Kill(Process node)
    {
        if (!node.HasExited)
            node.Kill();
        await node.WaitForExitAsync();
    }

    private static async Task Eventually(Func<Task<bool>> isSo, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await isSo())
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(120))
                Assert.Fail($"Waited in vain for {what}.");
            await Task.Delay(10, Cancel);
        }
    }
}
