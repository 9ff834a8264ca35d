using EventFiles.Infrastructure.Live;

namespace EventFiles.Infrastructure.Tests.Live;

public sealed class WatchTests
{
    private static readonly AccountId Owner = new(Guid.CreateVersion7());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watch_keeps_the_last_of_each_and_says_when_it_was_too_much()
    {
        using var watch = new Watch(_ => true, _ => { });
        var file = new FileId(Guid.CreateVersion7());
        watch.Add([new News.OfFile(3, Owner, file)], 3);
        watch.Add([new News.OfFile(7, Owner, file), new News.OfSessions(8, Owner)], 9);
        // What is caught up with comes late and is older.
        watch.Add([new News.OfFile(5, Owner, file)], 5);

        var batch = (await watch.Next(TimeSpan.Zero, Cancel))!;
        Assert.Equal([new News.OfFile(7, Owner, file), new News.OfSessions(8, Owner)], batch.Items);
        Assert.Equal((9, false), (batch.Upto, batch.IsReset));
        Assert.Empty((await watch.Next(TimeSpan.Zero, Cancel))!.Items);

        watch.Add([.. Enumerable.Range(10, Watch.Most + 1).Select(position => new News.OfFile(position, Owner, new FileId(Guid.CreateVersion7())))], 5000);
        batch = (await watch.Next(TimeSpan.Zero, Cancel))!;
        Assert.Empty(batch.Items);
        Assert.Equal((5000, true), (batch.Upto, batch.IsReset));
        Assert.False((await watch.Next(TimeSpan.Zero, Cancel))!.IsReset);
    }

    [Fact]
    public async Task Only_what_is_wanted_wakes_and_the_end_wakes_at_once()
    {
        using var watch = new Watch(one => one is News.OfSessions, _ => { });
        watch.Add([new News.OfFile(3, Owner, new FileId(Guid.CreateVersion7()))], 3);
        var waiting = watch.Next(TimeSpan.FromMinutes(5), Cancel);
        Assert.False(waiting.IsCompleted);

        watch.Add([new News.OfSessions(4, Owner)], 4);
        Assert.Equal([new News.OfSessions(4, Owner)], (await waiting)!.Items);

        waiting = watch.Next(TimeSpan.FromMinutes(5), Cancel);
        watch.End();
        Assert.Null(await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
    }
}
