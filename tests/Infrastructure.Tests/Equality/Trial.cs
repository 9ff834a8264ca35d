using System.Collections.Concurrent;
using System.Reflection;
using EventFiles.Features.Accounts;
using EventFiles.Features.Erasure;
using EventFiles.Features.Operate;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>The views of one trial, in whatever store.</summary>
/// <param name="Empty">Leaves nothing of them, while no node runs.</param>
internal sealed record TriedViews(Action<IServiceCollection> Add, Func<Task> Empty);

/// <summary>
/// Lets histories happen on one database, many at once, and looks whether each way to the views comes to the same: kept
/// live while everything happens; built beside them and compared, by the operator's own command, while more happens; made
/// again from nothing; and folded plainly, event after event.
/// </summary>
internal sealed class Trial : IAsyncDisposable
{
    /// <summary>What was compared, where it was by the operator's command.</summary>
    public const string WithShadow = "Live views and a shadow";

    private const int AtOnce = 6;
    private const int PausedAtOnce = 7;

    private readonly string database;
    private readonly NodeGround ground;
    private readonly TriedViews views;
    private readonly Coverage coverage;
    private readonly ChildRenderer children;
    private readonly PlainFold[] plain;
    private readonly ConcurrentDictionary<AccountId, int> seeds = [];
    private ProductNode node;
    private Caller? administrator;
    private long read;
    private int rounds;

    public Trial(string database, TriedViews views, Coverage coverage, params IReadOnlyList<Slice> more)
    {
        (this.database, this.views, this.coverage) = (database, views, coverage);
        children = new ChildRenderer(
            new ChildOptions("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventFiles.RenderingChild.dll")]));
        ground = new NodeGround(
            database, Directory.CreateTempSubdirectory("trial-").FullName, new LeapingTime(), new MoodyRenderer(children),
            new QuickPasswords(), new Slices([.. OfTheProduct(), .. more]), views.Add)
        {
            Scanner = new ScannerByLength(),
        };
        node = new ProductNode(ground);
        plain = [.. node.Projections.Select(projection => new PlainFold(projection, coverage))];
    }

    public Slices Slices => ground.Slices;

    /// <summary>How many events came while shadows were being built and compared.</summary>
    public long WrittenMeanwhile { get; private set; }

    /// <summary>The first difference that is found; null when there is none.</summary>
    /// <param name="size">So many histories happen between two looks at everything.</param>
    /// <param name="builds">Builds shadows too.</param>
    public async Task<Difference?> Run(IEnumerable<History> histories, int size = 50, bool builds = true)
    {
        await node.StartViews();
        await node.StartWork();
        foreach (var round in histories.Chunk(size))
        {
            if (await Happen(round, builds) is { } shadows)
                return shadows;
            await LetAMonthPass();
            await CloseOldCopies();
            // As in life, where a vacuum does it: what nobody has counted is planned for as if it were little.
            await PostgresFixture.AsOwner(database, "analyze");
            var last = await node.StopWork();
            TestContext.Current.TestOutputHelper?.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {rounds} rounds, {last} events");
            await ReadOn(last);
            var live = await Live();
            if (await Compare("Live views and a plain fold", live, await Plain()) is { } difference)
                return difference;
            Assert.Empty(await node.Get<IProjections>().Parked(CancellationToken.None));

            await node.DisposeAsync();
            await views.Empty();
            node = new ProductNode(ground);
            await node.StartViews();
            await Wait.Until(() => node.Get<IReadPosition>().Applied >= last, "the views are made again");
            if (await Compare("Live views and those made again from nothing", live, await Live()) is { } again)
                return again;
            await node.StartWork();
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await children.DisposeAsync();
        await views.Empty();
        Directory.Delete(ground.Folder, recursive: true);
    }

    // Found by looking, so that no slice can be left out.
    private static IEnumerable<Slice> OfTheProduct() => typeof(Slice).Assembly.GetTypes()
        .Select(type => type.GetMethod("Define", BindingFlags.Public | BindingFlags.Static, []))
        .Where(define => define?.ReturnType == typeof(Slice))
        .Select(define => (Slice)define!.Invoke(null, null)!);

    private async Task<Difference?> Happen(History[] round, bool builds)
    {
        administrator ??= await Administrator();
        var ended = new SemaphoreSlim(0);
        var happening = Parallel.ForEachAsync(
            round, new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (history, _) =>
            {
                var life = new Life(node, history, coverage, ground.Clock, ground.Mail, administrator!);
                await life.Run();
                foreach (var person in life.People.All)
                    seeds.TryAdd(person.Account, history.Seed);
                ended.Release();
            });
        if (!builds)
        {
            await happening;
            return null;
        }

        // Some have happened, the others are about to. Who was paused has something to catch up with when all begin.
        await Ended(round.Length / 4);
        IProjection[] paused = [.. node.Projections.Skip(rounds++ * PausedAtOnce % plain.Length).Take(PausedAtOnce)];
        await Ask(paused, ProjectionWish.Pause);
        foreach (var projection in paused)
            await Until(projection, one => one.State == "paused", "the pause");
        await Ended(round.Length / 4);
        var feed = node.Get<IEventFeed>();
        var before = await feed.Last(CancellationToken.None);
        await Ask(paused, ProjectionWish.Resume);
        var since = await Removals();
        await Ask(node.Projections, ProjectionWish.RebuildAndCompare);
        var difference = default(Difference);
        foreach (var projection in node.Projections)
            difference ??= await Shadow(projection, since, happening);
        WrittenMeanwhile += await feed.Last(CancellationToken.None) - before;
        await happening;
        return difference;

        Task Ended(int count) =>
            Task.WhenAny(happening, Task.WhenAll(Enumerable.Range(0, count).Select(_ => ended.WaitAsync())));
    }

    private async Task Ask(IEnumerable<IProjection> projections, ProjectionWish wish)
    {
        foreach (var projection in projections)
            Assert.Null((await node.Ask(new AskProjection(administrator!, projection.Name, wish))).Refusal);
    }

    private async Task<Difference?> Shadow(IProjection projection, (int Begun, int Ended) since, Task happening)
    {
        var register = node.Get<IProjections>();
        var status = await Built();
        // What was told of somebody goes first, and then the views are made anew that show it: in between they differ.
        while (status is not { Rebuild: null, Differences: 0 } && await Removals() is var removals && (since.Begun > since.Ended || removals.Begun > since.Begun))
        {
            await Ask([projection], ProjectionWish.Discard);
            // Among those who go on there may be somebody who is being erased at every moment.
            await happening;
            await Wait.Until(async () => (since = await Removals()).Begun == since.Ended, "the end of all erasures that have begun");
            await Ask([projection], ProjectionWish.RebuildAndCompare);
            status = await Built();
        }

        if (status is { Rebuild: null, Differences: 0 })
        {
            Assert.Equal(status.LiveDigest, status.ShadowDigest);
            return null;
        }

        await register.Ask([projection.Name], ProjectionWish.CompareWithValues, CancellationToken.None);
        await Until(projection, one => !one.Comparing, "the comparison");
        var found = (await register.Diff(projection.Name, CancellationToken.None))!.Items[0];
        return await Tell(WithShadow, projection, found.Key, View(found.Live), View(found.Shadow));

        Task<ProjectionStatus> Built() =>
            Until(projection, one => one.Rebuild is null || one is { State: "compared", Differences: > 0 }, "the shadow");

        static ShownView? View(ViewSide? side) => side is null ? null : new ShownView(side.Value ?? "", "", side.Position);
    }

    // How many erasures have come to what is told of a person, and how many have shown that nothing of it is left.
    private async Task<(int Begun, int Ended)> Removals()
    {
        var (begun, ended) = (0, 0);
        await foreach (var happened in node.Get<IStreams>().ReadAll([typeof(ErasureEvent.ContentDeleted), typeof(ErasureEvent.FileDeleted), typeof(ErasureEvent.Verified)], CancellationToken.None))
        {
            if (happened.Fact is ErasureEvent.Verified)
                ended++;
            else
                begun++;
        }

        return (begun, ended);
    }

    private async Task<ProjectionStatus> Until(IProjection projection, Func<ProjectionStatus, bool> isSo, string what)
    {
        ProjectionStatus? now = null;
        await Wait.Until(
            async () => isSo(now = (await node.Get<IProjections>().List(CancellationToken.None)).Single(one => one.Name == projection.Name)),
            $"{what} of {projection.Name}");
        return now!;
    }

    // Whatever has a deadline comes to it: uploads, sessions, shares, attempts.
    private Task LetAMonthPass()
    {
        ground.Clock.Leap(TimeSpan.FromDays(31));
        return Wait.Until(
            async () =>
            {
                ground.Clock.Leap(TimeSpan.FromMinutes(10));
                return await node.HasNothingDue();
            },
            "all deadlines");
    }

    // Then the last step is taken of all erasures but those that are held. One whose hold was lifted late goes on by now
    // only, and destroys its key in the era that has just begun: that one must end too.
    private async Task CloseOldCopies()
    {
        await Rotate();
        await Wait.Until(
            async () =>
            {
                await node.Ask(new ResumeErasures());
                var (begun, ended) = await Removals();
                var closed = await node.Get<IStreams>().ReadAll([typeof(ErasureEvent.CopiesClosed)], CancellationToken.None).CountAsync();
                if (ended == begun && closed < begun)
                    await Rotate();
                return closed == begun;
            },
            "the end of all erasures");
    }

    private async Task Rotate()
    {
        await using var rotation = new KeyRotation(ground.Database, node.Get<EraKeys>());
        await rotation.Run(null, CancellationToken.None);
    }

    private async Task<Caller> Administrator()
    {
        const string Email = "first@example.org", Password = "correct horse battery";
        var account = Assert.IsType<Answer<NewAccount>.Yes>(await node.Ask(new RegisterAccount(Email, Password, "The first"))).Value.Id;
        var session = Assert.IsType<Answer<Tokens>.Yes>(await node.Ask(new Login(Email, Password, Life.Home))).Value;
        return new Caller(account, Life.SessionOf(session.RefreshToken), IsAdministrator: true);
    }

    private async Task ReadOn(long upto)
    {
        while (read < upto)
        {
            var page = await node.Get<IEventFeed>().After(read, 10_000, null, TimeSpan.Zero, CancellationToken.None);
            foreach (var happened in page.Events)
            {
                coverage.Events.AddOrUpdate(happened.Name, 1, (_, count) => count + 1);
                foreach (var fold in plain)
                    await fold.Take(happened);
            }

            read = page.Upto;
        }
    }

    private async Task<Shown[]> Live()
    {
        var store = node.Get<IViewStore>();
        var shown = new List<Shown>();
        foreach (var projection in node.Projections)
            shown.Add(await Shown.Of((await store.Open(projection, CancellationToken.None)).Live));
        return [.. shown];
    }

    private Task<Shown[]> Plain() => Task.WhenAll(plain.Select(fold => fold.Shown()));

    private async Task<Difference?> Compare(string between, Shown[] one, Shown[] other)
    {
        for (var i = 0; i < plain.Length; i++)
        {
            if (one[i].FirstDifference(other[i]) is { } key)
                return await Tell(
                    between, plain[i].Projection, key, one[i].Views.GetValueOrDefault(key), other[i].Views.GetValueOrDefault(key));
            Assert.Equal(one[i].Digest, other[i].Digest);
        }

        return null;
    }

    private async Task<Difference> Tell(string between, IProjection projection, string key, ShownView? one, ShownView? other)
    {
        var events = new List<RecordedEvent>();
        for (var from = 0L; ;)
        {
            var page = await node.Get<IEventFeed>().After(from, 10_000, projection.Facts.ToHashSet(), TimeSpan.Zero, CancellationToken.None);
            events.AddRange(page.Events.Where(happened => projection.KeyOf(happened) == key));
            if (page.Upto == from)
                break;
            from = page.Upto;
        }

        return new Difference(
            events.Select(happened => seeds.TryGetValue(happened.Stream.Tenant, out var seed) ? seed : default(int?)).FirstOrDefault(),
            projection.Name, key, between, one, other, events);
    }
}
