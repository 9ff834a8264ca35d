using System.Diagnostics;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using static EventFiles.Infrastructure.Tests.Shelf;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class ConcurrentReaderTests : IAsyncLifetime
{
    private readonly MemoryViewStore store = new();
    private MemoryGeneration views = null!;
    private Shard shard = null!;

    private long position;

    public async ValueTask InitializeAsync()
    {
        views = (MemoryGeneration)(await store.Open(Things(), default)).Live;
        shard = await Shard.Open(Things(), views, new MemoryParkedEvents(), default);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Readers_see_no_half_written_state_and_miss_nothing_that_stays(bool descending)
    {
        const int Fixed = 60;
        var cancel = TestContext.Current.CancellationToken;
        var things = new StoredReadModel<Thing>(store, Slices());
        Happen([.. Enumerable.Range(0, Fixed).Select(i => new Placed($"fixed-{i:D3}", "top", $"{i:D3}"))]);

        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var writer = Task.Run(
            () =>
            {
                var random = new Random(7);
                for (var round = 0; round < 3000; round++)
                {
                    // The mover changes shelves all the time: no list may show it as it is on the other one.
                    var (from, name) = (round % 2 == 0 ? "top" : "bottom", $"{random.Next(Fixed):D3}x");
                    Happen(new Placed("mover", from, name), new Placed($"passing-{random.Next(20)}", "top", name), new Taken($"passing-{random.Next(20)}"));
                }

                done.Cancel();
            },
            cancel);
        var walks = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadUntil(done.Token), cancel)));
        await writer;
        Assert.All(walks, count => Assert.True(count > 0));

        async Task<int> ReadUntil(CancellationToken stop)
        {
            var count = 0;
            do
            {
                var seen = new List<Thing>();
                for (string? cursor = null; ;)
                {
                    var page = await things.List(ByName("top"), cursor, 7, descending, cancel);
                    Assert.All(page.Items, thing => Assert.Equal("top", thing.On));
                    seen.AddRange(page.Items);
                    if ((cursor = page.NextCursor) is null)
                        break;
                }

                var names = seen.Select(thing => thing.Name).ToList();
                Assert.Equal(descending ? names.OrderDescending(StringComparer.Ordinal) : names.Order(StringComparer.Ordinal), names);
                Assert.Equal(Fixed, seen.Count(thing => thing.Id.StartsWith("fixed", StringComparison.Ordinal)));
                count++;
            }
            while (!stop.IsCancellationRequested);
            return count;
        }
    }

    [Fact]
    public void A_page_of_a_huge_folder_costs_what_a_page_of_a_small_one_does()
    {
        Happen([.. Enumerable.Range(0, 300).Select(i => new Placed($"s{i}", "small", $"{i:D7}"))]);
        for (var i = 0; i < 300_000; i += 1000)
            Happen([.. Enumerable.Range(i, 1000).Select(n => new Placed($"h{n}", "huge", $"{n:D7}"))]);

        var small = Cost("small", 150);
        var huge = Cost("huge", 150_000);
        // A search in a tree of 2^18 against one of 2^8; passing over half the folder would cost a thousand times as much.
        Assert.True(huge < 20 * small, $"{huge} against {small}");
    }

    private TimeSpan Cost(string shelf, int middle)
    {
        var cursor = new Place($"{middle:D7}", $"{shelf[0]}{middle}");
        return Enumerable.Range(0, 50).Min(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            Assert.Equal(100, views.List<Thing>(ByName(shelf), cursor, 100, descending: false).Views.Count);
            return Stopwatch.GetElapsedTime(start);
        });
    }

    private void Happen(params object[] facts)
    {
        RecordedEvent[] events = [.. facts.Select(fact => new RecordedEvent(
            ++position, new StreamId("item-1", default), position, Guid.Empty, fact.GetType().Name, DateTimeOffset.UnixEpoch, fact))];
        Assert.True(shard.Take(new FeedPage(events, position), default).IsCompletedSuccessfully);
        views.Publish();
    }
}
