namespace EventFiles.Infrastructure.Tests.Messaging;

public sealed class BackoffTests
{
    private readonly Backoff backoff = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30));

    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 400)]
    [InlineData(5, 3200)]
    [InlineData(7, 12_800)]
    [InlineData(8, 20_000)]
    [InlineData(int.MaxValue, 20_000)]
    public void A_wait_doubles_with_each_failure_and_is_up_to_half_longer_by_chance(int failures, int milliseconds)
    {
        var waits = Enumerable.Range(0, 1000).Select(_ => backoff.After(failures).TotalMilliseconds).ToList();

        Assert.All(waits, wait => Assert.InRange(wait, milliseconds, milliseconds * 1.5));
        Assert.True(waits.Max() - waits.Min() > milliseconds * 0.4, "What failed together retries together.");
    }
}
