using EventFiles.Infrastructure.Clocks;

namespace EventFiles.Infrastructure.Tests.Clocks;

public sealed class NodeTimeTests
{
    private readonly ManualTime machine = new();
    private readonly NodeTime time;

    public NodeTimeTests() => time = new NodeTime(machine);

    [Fact]
    public void A_clock_that_agrees_counts_to_the_last_digit_and_one_that_does_not_counts_for_nothing()
    {
        Assert.Equal(machine.GetUtcNow(), time.GetUtcNow());
        Sees(ahead: TimeSpan.FromMilliseconds(-1500));
        Assert.Equal(machine.GetUtcNow(), time.GetUtcNow());
        Assert.Null(time.Trouble);

        foreach (var wrong in new[] { TimeSpan.FromHours(1), TimeSpan.FromDays(-1) })
        {
            Sees(wrong);
            machine.Advance(TimeSpan.FromSeconds(7));
            Assert.Equal(machine.GetUtcNow() - wrong, time.GetUtcNow());
            Assert.Equal(wrong, time.Ahead);
        }

        Assert.Equal("86400 s behind the database's", time.Trouble);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(24)]
    public void A_clock_that_is_set_moves_nothing_and_when_the_database_says_the_same_it_counts(int hours)
    {
        Sees(TimeSpan.Zero);
        var before = time.GetUtcNow();
        machine.Set(TimeSpan.FromHours(hours));
        machine.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(before.AddSeconds(3), time.GetUtcNow());
        Assert.NotNull(time.Trouble);

        Sees(TimeSpan.Zero);
        Assert.Equal(machine.GetUtcNow(), time.GetUtcNow());
        Assert.Null(time.Trouble);
    }

    [Fact]
    public void An_answer_that_took_long_is_taken_for_the_time_between()
    {
        var asked = machine.GetTimestamp();
        machine.Advance(TimeSpan.FromSeconds(10));
        time.Saw(machine.GetUtcNow().AddHours(1), asked, machine.GetTimestamp());
        Assert.Equal(machine.GetUtcNow().AddHours(1).AddSeconds(5), time.GetUtcNow());
    }

    // The database's clock, beside that of a machine which is ahead of it by so much.
    private void Sees(TimeSpan ahead) => time.Saw(machine.GetUtcNow() - ahead, machine.GetTimestamp(), machine.GetTimestamp());
}
