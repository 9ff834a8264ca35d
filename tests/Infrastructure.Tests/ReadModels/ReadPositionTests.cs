using EventFiles.Infrastructure.ReadModels;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class ReadPositionTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ManualTime time = new();
    private readonly ReadPosition position;

    public ReadPositionTests() => position = new ReadPosition(time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_reached_needs_no_wait()
    {
        position.Publish(5);

        Assert.True(await position.Reached(5, TimeSpan.Zero, Cancel));
        Assert.Equal(5, position.Applied);
    }

    [Fact]
    public async Task Hundreds_wait_and_each_wakes_at_its_own_position()
    {
        var waits = Enumerable.Range(1, 500).Select(at => position.Reached(at, Second, Cancel)).ToArray();
        position.Publish(200);

        Assert.All(await Wait.For(Task.WhenAll(waits[..200])), Assert.True);
        Assert.Equal(300, position.Waiting);
        Assert.All(waits[200..], wait => Assert.False(wait.IsCompleted));

        position.Publish(500);
        Assert.All(await Wait.For(Task.WhenAll(waits)), Assert.True);
        Assert.Equal(0, position.Waiting);
    }

    [Fact]
    public async Task A_wait_ends_after_its_time_and_leaves_nothing_behind()
    {
        var wait = position.Reached(long.MaxValue, Second, Cancel);
        time.Advance(Second);

        Assert.False(await Wait.For(wait));
        Assert.Equal(0, position.Waiting);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_nothing_behind()
    {
        using var leaving = new CancellationTokenSource();
        var wait = position.Reached(7, Second, leaving.Token);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Wait.For(wait));
        Assert.Equal(0, position.Waiting);
    }

    [Fact]
    public void The_position_never_goes_back()
    {
        position.Publish(9);
        position.Publish(3);

        Assert.Equal(9, position.Applied);
    }
}
