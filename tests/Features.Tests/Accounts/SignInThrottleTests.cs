using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Tries;

namespace EventFiles.Features.Tests.Accounts;

public sealed class SignInThrottleTests
{
    private const string Olga = "olga@example.org";
    private const string Home = "192.0.2.1";
    private const string Elsewhere = "198.51.100.7";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly Clock clock = new();
    private readonly SignInThrottle throttle;

    public SignInThrottleTests() => throttle = new SignInThrottle(new MemoryTries(clock));

    [Fact]
    public async Task After_so_many_failures_the_next_attempt_must_wait()
    {
        await Fail(SignInThrottle.PerAccountAndAddress, Olga, Home);
        var refusal = await throttle.Begin(Olga, Home, Cancel);
        Assert.Equal((AccountsRejection.TooManyAttempts.Code, SignInThrottle.Window), (refusal?.Code, refusal?.RetryAfter));
    }

    [Fact]
    public async Task The_window_slides()
    {
        await Fail(1, Olga, Home);
        clock.Now += SignInThrottle.Window / 2;
        await Fail(SignInThrottle.PerAccountAndAddress - 1, Olga, Home);
        Assert.Equal(SignInThrottle.Window / 2, (await throttle.Begin(Olga, Home, Cancel))?.RetryAfter);

        clock.Now += SignInThrottle.Window / 2;
        Assert.Null(await throttle.Begin(Olga, Home, Cancel));
        Assert.NotNull(await throttle.Begin(Olga, Home, Cancel));
    }

    [Fact]
    public async Task Nobody_is_locked_out_from_elsewhere()
    {
        await Fail(SignInThrottle.PerAccountAndAddress, Olga, Elsewhere);
        Assert.Null(await throttle.Begin(Olga, Home, Cancel));
    }

    [Fact]
    public async Task Whoever_shares_the_address_may_still_sign_in()
    {
        await Fail(SignInThrottle.PerAccountAndAddress, Olga, Home);
        Assert.Null(await throttle.Begin("peter@example.org", Home, Cancel));
    }

    [Fact]
    public async Task One_address_cannot_try_all_accounts()
    {
        for (var account = 0; account < SignInThrottle.PerAddress; account++)
            await Fail(1, $"{account}@example.org", Elsewhere);
        Assert.NotNull(await throttle.Begin(Olga, Elsewhere, Cancel));
        Assert.Null(await throttle.Begin(Olga, Home, Cancel));
    }

    [Fact]
    public async Task Signing_in_forgives_earlier_mistakes_and_costs_nothing()
    {
        for (var day = 0; day < SignInThrottle.PerAddress + 1; day++)
        {
            Assert.Null(await throttle.Begin(Olga, Home, Cancel));
            await throttle.Succeeded(Olga, Home);
        }
    }

    [Fact]
    public async Task An_attempt_that_was_never_decided_does_not_count()
    {
        for (var attempt = 0; attempt < SignInThrottle.PerAddress + 1; attempt++)
        {
            Assert.Null(await throttle.Begin(Olga, Home, Cancel));
            await throttle.Withdraw(Olga, Home);
        }
    }

    [Fact]
    public async Task Many_attempts_at_once_do_not_slip_through()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => throttle.Begin(Olga, Home, Cancel))));
        Assert.Equal(SignInThrottle.PerAccountAndAddress, answers.Count(refusal => refusal is null));
    }

    private async Task Fail(int times, string account, string address)
    {
        for (var time = 0; time < times; time++)
            Assert.Null(await throttle.Begin(account, address, Cancel));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
