using System.Globalization;
using EventFiles.Infrastructure.Tries;

namespace EventFiles.Infrastructure.Tests.Tries;

public sealed class MemoryTriesTests : TriesContract
{
    private readonly ManualTime clock = new();

    public MemoryTriesTests() => Tries = new MemoryTries(clock);

    private protected override ITries Tries { get; }

    [Fact]
    public async Task A_flood_of_addresses_takes_so_much_memory_and_whoever_came_last_is_counted()
    {
        var tries = new MemoryTries(clock, mostKeys: 100);
        for (var address = 0; address < 1000; address++)
        {
            var from = address.ToString(CultureInfo.InvariantCulture);
            Assert.Null(await tries.Take(from, [Of("a", 1), Of("b", 1)], Cancel));
            Assert.InRange(tries.Keys, 2, 100);
            Assert.Equal(Window, await tries.Take(from, [Of("a", 1), Of("b", 1)], Cancel));
            clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Who_still_counts_is_kept_when_those_who_do_not_make_enough_room()
    {
        var tries = new MemoryTries(clock, mostKeys: 100);
        for (var address = 0; address < 99; address++)
            Assert.Null(await tries.Take(address.ToString(CultureInfo.InvariantCulture), [Of("a", 1)], Cancel));
        clock.Advance(Window / 2);
        Assert.Null(await tries.Take("guesser", [Of("a", 1)], Cancel));
        clock.Advance(Window / 2);
        Assert.Null(await tries.Take("other", [Of("a", 1)], Cancel));

        Assert.Equal(2, tries.Keys);
        Assert.Equal(Window / 2, await tries.Take("guesser", [Of("a", 1)], Cancel));
    }

    private protected override Task Pass(TimeSpan time)
    {
        clock.Advance(time);
        return Task.CompletedTask;
    }
}
