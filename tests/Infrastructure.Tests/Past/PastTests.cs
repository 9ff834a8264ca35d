using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Quota;
using EventFiles.Features.Share;

namespace EventFiles.Infrastructure.Tests.Past;

public sealed class PastTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task At_every_position_it_is_what_readers_saw_when_the_log_ended_there(int seed, bool isKeptMeanwhile)
    {
        await using var store = new PastStore(await postgres.CreateDatabase());
        if (isKeptMeanwhile)
            await store.Start();
        var life = new RandomLife(store, seed);
        await life.Go(30);
        if (!isKeptMeanwhile)
            await store.Start();

        var log = await store.Log();
        var (files, entries, folders, shares, quota) = (
            Of<FileView>(store), Of<Entry>(store), Of<FolderNode>(store), Of<ShareEntry>(store), Of<QuotaView>(store));
        var chance = new Random(seed);
        foreach (var happened in log)
        {
            foreach (var told in new[] { files, entries, folders, shares, quota })
                told.Take(happened);
            var at = happened.Position;
            await Same<FileView>(store, files, at);
            await Same<Entry>(store, entries, at);
            await Same<FolderNode>(store, folders, at);
            await Same<QuotaView>(store, quota, at);
            // Every order comes up many times; all of them at each position would say no more.
            var sort = ChildrenSort.Words.ElementAt(chance.Next(ChildrenSort.Words.Count));
            foreach (var (folder, ofFolders) in life.Folders.SelectMany(folder => new[] { (folder, true), (folder, false) }))
            {
                var (index, descending) = ChildrenSort.Of(folder, sort, ofFolders);
                Assert.Equal(
                    entries.List(index, descending),
                    (await store.List<Entry>(index, at, descending, limit: 1 + chance.Next(3))).Select(Told.Json));
            }

            foreach (var file in life.Files)
            {
                var index = $"shares-of:{file}";
                Assert.Equal(shares.List(index, false), (await store.List<ShareEntry>(index, at, limit: 2)).Select(Told.Json));
            }
        }

        Assert.True(await store.Count("select count(*) from eventfiles.past_snapshots") > 10);
    }

    [Fact]
    public async Task What_was_kept_can_be_lost_and_is_made_again()
    {
        await using var store = await new PastStore(await postgres.CreateDatabase()).Start();
        var life = new RandomLife(store, 4);
        await life.Go(40);
        var last = (await store.Log())[^1].Position;
        var before = await Everything(store, life, last / 2);

        await using var anew = new PastStore(store.Database.ConnectionString);
        await anew.AsOwner(
            "truncate eventfiles.past_places, eventfiles.past_snapshots; delete from mt_event_progression where name like 'Past.%'");
        await anew.Start();

        Assert.Equal(before, await Everything(anew, life, last / 2));
    }

    [Fact]
    public async Task Several_nodes_keep_one_past()
    {
        var database = await postgres.CreateDatabase();
        await using var one = await new PastStore(database).Start();
        await using var other = await new PastStore(database).Start();
        await using var third = await new PastStore(database).Start();
        var life = new RandomLife(one, 5);
        await life.Go(60);
        var last = (await one.Log())[^1].Position;

        var seen = await Everything(one, life, last);

        Assert.Equal(seen, await Everything(other, life, last));
        Assert.Equal(0, await one.Count(
            "select count(*) from (select index_name, key from eventfiles.past_places where to_position is null group by 1, 2 having count(*) > 1) twice"));
        var told = Of<Entry>(one);
        foreach (var happened in await one.Log())
            told.Take(happened);
        Assert.Equal(life.Folders.SelectMany(ByName).SelectMany(index => told.List(index, false)), seen);
    }

    [Fact]
    public async Task Looking_back_costs_no_more_than_two_stretches_between_snapshots()
    {
        var folds = 0;
        var tally = new Slice("tally").Stores<Counted>("tally.counted.v1").Shows(new Projection<Tally>("tally")
            .On<Counted>((_, happened) => happened.Stream.Name["tally-".Length..], (_, counted, _) =>
            {
                Interlocked.Increment(ref folds);
                return new Tally(counted.Number);
            })
            .Recalled("tally"));
        await using var store = await new PastStore(await postgres.CreateDatabase(), snapshotEvery: 50, pageSize: 500, tally).Start();
        var owner = new AccountId(Guid.CreateVersion7());
        for (var hundred = 0; hundred < 30; hundred++)
            await store.Append(owner, [.. Enumerable.Range((hundred * 100) + 1, 100).Select(number => ("tally-one", (object)new Counted(number)))]);
        await WaitUntil(async () => await store.Count("select count(*) from eventfiles.past_snapshots") == 60);

        foreach (var position in new[] { 1, 49, 50, 51, 1234, 2999, 3000 })
        {
            folds = 0;
            Assert.Equal(new Tally(position), await store.Past.Find<Tally>("one", await store.At(position), Cancel));
            Assert.InRange(folds, 0, 50);
        }

        await store.AsOwner("truncate eventfiles.past_snapshots");
        Assert.Equal(new Tally(1234), await store.Past.Find<Tally>("one", await store.At(1234), Cancel));
    }

    [Fact]
    public async Task A_cursor_opens_its_own_list_at_its_own_moment_only()
    {
        await using var store = await new PastStore(await postgres.CreateDatabase()).Start();
        var owner = new AccountId(Guid.CreateVersion7());
        for (var number = 0; number < 4; number++)
        {
            var folder = Guid.CreateVersion7();
            await store.Append(owner, ($"folder-{folder}", new FoldersEvent.Created(new(folder), FolderId.RootOf(owner), $"{number}")));
        }

        var index = ChildrenSort.Of(FolderId.RootOf(owner), "name", ofFolders: true).Index;
        var down = ChildrenSort.Of(FolderId.RootOf(owner), "size", ofFolders: true).Index;
        var (at, other) = (await store.At(4), await store.At(3));
        var first = await store.Page<Entry>(index, at, null, 2, false);

        var rest = await store.Page<Entry>(index, at, first.NextCursor, 2, false);

        Assert.Equal(["0", "1", "2", "3"], first.Items.Concat(rest.Items).Select(entry => entry.Name));
        Assert.Null(rest.NextCursor);
        await Assert.ThrowsAsync<BadCursorException>(() => store.Past.List<Entry>(index, other, first.NextCursor, 2, false, Cancel));
        await Assert.ThrowsAsync<BadCursorException>(() => store.Past.List<Entry>(down, at, first.NextCursor, 2, false, Cancel));
        await Assert.ThrowsAsync<BadCursorException>(() => store.Past.List<Entry>(index, at, first.NextCursor, 2, true, Cancel));
        await Assert.ThrowsAsync<BadCursorException>(() => store.Past.List<Entry>(index, at, "nonsense", 2, false, Cancel));
    }

    [Fact]
    public async Task A_projection_of_another_version_begins_anew()
    {
        var database = await postgres.CreateDatabase();
        await using var then = await new PastStore(database, more: Things(version: 1, "old")).Start();
        var owner = new AccountId(Guid.CreateVersion7());
        await then.Append(owner, ("thing-one", new Counted(1)), ("thing-one", new Counted(2)));
        Assert.Equal([new Tally(1)], await then.List<Tally>("old", 1));

        await using var now = await new PastStore(database, more: Things(version: 2, "new")).Start();

        Assert.Equal([new Tally(1)], await now.List<Tally>("new", 1));
        Assert.Equal([new Tally(2)], await now.List<Tally>("new", 2));
        Assert.Empty(await now.List<Tally>("old", 1));
        Assert.Equal(0, await now.Count("select count(*) from eventfiles.past_places where index_name like '%old'"));
    }

    private static Slice Things(int version, string index) => new Slice("things").Stores<Counted>("things.counted.v1")
        .Shows(new Projection<Tally>("things", version)
            .On<Counted>((_, happened) => happened.Stream.Name["thing-".Length..], (_, counted, _) => new Tally(counted.Number))
            .Indexed(tally => [new IndexEntry(index, IndexEntry.Number(tally.Number))])
            .Recalled("thing"));

    private static Told Of<TView>(PastStore store) => new(store.Projection<TView>());

    private static async Task Same<TView>(PastStore store, Told told, long position) where TView : class
    {
        var at = await store.At(position);
        foreach (var key in told.Keys)
            Assert.Equal(told.Find(key), Told.Json(await store.Past.Find<TView>(key, at, Cancel)));
    }

    private static async Task<List<string>> Everything(PastStore store, RandomLife life, long position)
    {
        var all = new List<string>();
        foreach (var index in life.Folders.SelectMany(ByName))
            all.AddRange((await store.List<Entry>(index, position)).Select(Told.Json));
        return all;
    }

    private static string[] ByName(FolderId folder) =>
        [ChildrenSort.Of(folder, "name", ofFolders: true).Index, ChildrenSort.Of(folder, "name", ofFolders: false).Index];

    private static async Task WaitUntil(Func<Task<bool>> isSo)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromMinutes(3));
        while (!await isSo())
            await Task.Delay(20, patience.Token);
    }

    private sealed record Counted(int Number);

    private sealed record Tally(int Number);
}
