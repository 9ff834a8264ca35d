namespace EventFiles.Infrastructure.Tests.Tries;

/// <summary>What whoever counts tries promises, whether time is a clock's of ours or a server's.</summary>
public abstract class TriesContract
{
    private protected static readonly TimeSpan Window = TimeSpan.FromHours(1);

    // How long a test may take on a server whose clock goes on meanwhile.
    private protected static readonly TimeSpan Slack = TimeSpan.FromMinutes(10);

    private protected abstract ITries Tries { get; }

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task There_are_as_many_as_the_limit_says_and_then_one_is_told_how_long_to_wait()
    {
        await Use(3, Of("a", 3));

        await MustWait(Window, Of("a", 3));
    }

    [Fact]
    public async Task The_window_slides()
    {
        await Use(1, Of("a", 3));
        await Pass(Window / 2);
        await Use(2, Of("a", 3));
        await MustWait(Window / 2, Of("a", 3));

        await Pass(Window / 2);
        await Use(1, Of("a", 3));
        await MustWait(Window / 2, Of("a", 3));
    }

    [Fact]
    public async Task Whoever_waits_as_long_as_told_has_a_try_and_nobody_before()
    {
        await Use(2, Of("a", 2));
        var wait = (await Take(Of("a", 2)))!.Value;

        await Pass(wait - Slack - TimeSpan.FromMinutes(1));
        Assert.NotNull(await Take(Of("a", 2)));
        await Pass(Slack + TimeSpan.FromMinutes(1));
        Assert.Null(await Take(Of("a", 2)));
    }

    [Fact]
    public async Task Who_is_refused_has_taken_nothing()
    {
        await Use(1, Of("a", 1));
        await Pass(Window / 2);
        for (var guess = 0; guess < 10; guess++)
            await MustWait(Window / 2, Of("a", 1));

        await Pass(Window / 2);
        await Use(1, Of("a", 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_limits_that_are_taken_together_all_are_taken_or_none(bool scarceFirst)
    {
        TryLimit[] both = scarceFirst ? [Of("scarce", 1), Of("ample", 3)] : [Of("ample", 3), Of("scarce", 1)];
        await Use(1, both);
        for (var guess = 0; guess < 10; guess++)
            await MustWait(Window, both);

        // One was taken of this one, and no more.
        await Use(2, Of("ample", 3));
        await MustWait(Window, Of("ample", 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_several_are_used_up_one_waits_for_the_last_of_them(bool longestFirst)
    {
        await Use(1, Of("early", 1));
        await Pass(Window / 2);
        await Use(1, Of("late", 1));

        await MustWait(Window, longestFirst ? [Of("late", 1), Of("early", 1)] : [Of("early", 1), Of("late", 1)]);
    }

    [Fact]
    public async Task What_is_given_back_can_be_taken_again_and_no_more_than_that()
    {
        await Use(3, Of("a", 3), Of("b", 3));
        await Tries.GiveBack("group", "a", "b");

        await Use(1, Of("a", 3), Of("b", 3));
        await MustWait(Window, Of("a", 3));
        await MustWait(Window, Of("b", 3));
    }

    [Fact]
    public async Task Nobody_gets_more_tries_by_giving_back_what_was_never_taken()
    {
        for (var time = 0; time < 5; time++)
            await Tries.GiveBack("group", "a");

        await Use(2, Of("a", 2));
        await MustWait(Window, Of("a", 2));
    }

    [Fact]
    public async Task What_is_forgotten_counts_no_more_and_everything_else_does()
    {
        await Use(2, Of("a", 2), Of("b", 2));
        await Tries.Forget("group", "a");
        await Tries.Forget("group", "never tried");

        await Use(2, Of("a", 2));
        await MustWait(Window, Of("b", 2));
    }

    [Fact]
    public async Task Each_key_and_each_group_counts_for_itself()
    {
        await Use(1, Of("bc", 1));

        await Use(1, Of("b", 1));
        Assert.Null(await Tries.Take("another", [Of("bc", 1)], Cancel));
        // The same letters.
        Assert.Null(await Tries.Take("groupb", [Of("c", 1)], Cancel));
        Assert.Null(await Tries.Take("grou", [Of("pbc", 1)], Cancel));
        await MustWait(Window, Of("bc", 1));
    }

    [Fact]
    public async Task Of_many_at_once_as_many_have_a_try_as_the_limit_says()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 64).Select(_ => Task.Run(() => Take(Of("a", 10), Of("b", 20)), Cancel)));

        Assert.Equal(10, answers.Count(wait => wait is null));
        await Use(10, Of("b", 20));
        await MustWait(Window, Of("b", 20));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_keeps_nobody_waiting()
    {
        await Use(2, Of("a", 2));
        await Pass(TimeSpan.FromDays(-1));

        await Use(2, Of("a", 2));
        await MustWait(Window, Of("a", 2));
    }

    /// <summary>That much time goes by.</summary>
    private protected abstract Task Pass(TimeSpan time);

    private protected static TryLimit Of(string key, int most) => new(key, most, Window);

    private protected async Task Use(int times, params TryLimit[] limits)
    {
        for (var time = 0; time < times; time++)
            Assert.Null(await Take(limits));
    }

    private protected async Task MustWait(TimeSpan expected, params TryLimit[] limits)
    {
        var wait = await Take(limits);
        Assert.NotNull(wait);
        Assert.InRange(wait.Value, expected - Slack, expected);
    }

    private Task<TimeSpan?> Take(params TryLimit[] limits) => Tries.Take("group", limits, Cancel);
}
