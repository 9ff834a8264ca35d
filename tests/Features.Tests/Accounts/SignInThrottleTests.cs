using EventFiles.Features.Accounts;

namespace EventFiles.Features.Tests.Accounts;

public sealed class SignInThrottleTests
{
    private const string Olga = "olga@example.org";
    private const string Home = "192.0.2.1";
    private const string Elsewhere = "198.51.100.7";

    private readonly Clock clock = new();
    private readonly SignInThrottle throttle;

    public SignInThrottleTests() => throttle = new SignInThrottle(clock);

    [Fact]
    public void After_so_many_failures_the_next_attempt_must_wait()
    {
        Fail(SignInThrottle.PerAccountAndAddress, Olga, Home);
        var refusal = throttle.Begin(Olga, Home);
        Assert.Equal((AccountsRejection.TooManyAttempts.Code, SignInThrottle.Window), (refusal?.Code, refusal?.RetryAfter));
    }

    [Fact]
    public void The_window_slides()
    {
        Fail(1, Olga, Home);
        clock.Now += SignInThrottle.Window / 2;
        Fail(SignInThrottle.PerAccountAndAddress - 1, Olga, Home);
        Assert.Equal(SignInThrottle.Window / 2, throttle.Begin(Olga, Home)?.RetryAfter);

        clock.Now += SignInThrottle.Window / 2;
        Assert.Null(throttle.Begin(Olga, Home));
        Assert.NotNull(throttle.Begin(Olga, Home));
    }

    [Fact]
    public void Nobody_is_locked_out_from_elsewhere()
    {
        Fail(SignInThrottle.PerAccountAndAddress, Olga, Elsewhere);
        Assert.Null(throttle.Begin(Olga, Home));
    }

    [Fact]
    public void Whoever_shares_the_address_may_still_sign_in()
    {
        Fail(SignInThrottle.PerAccountAndAddress, Olga, Home);
        Assert.Null(throttle.Begin("peter@example.org", Home));
    }

    [Fact]
    public void One_address_cannot_try_all_accounts()
    {
        for (var account = 0; account < SignInThrottle.PerAddress; account++)
            Fail(1, $"{account}@example.org", Elsewhere);
        Assert.NotNull(throttle.Begin(Olga, Elsewhere));
        Assert.Null(throttle.Begin(Olga, Home));
    }

    [Fact]
    public void Signing_in_forgives_earlier_mistakes_and_costs_nothing()
    {
        for (var day = 0; day < SignInThrottle.PerAddress + 1; day++)
        {
            Assert.Null(throttle.Begin(Olga, Home));
            throttle.Succeeded(Olga, Home);
        }
    }

    [Fact]
    public void An_attempt_that_was_never_decided_does_not_count()
    {
        for (var attempt = 0; attempt < SignInThrottle.PerAddress + 1; attempt++)
        {
            Assert.Null(throttle.Begin(Olga, Home));
            throttle.Withdraw(Olga, Home);
        }
    }

    [Fact]
    public async Task Many_attempts_at_once_do_not_slip_through()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => throttle.Begin(Olga, Home))));
        Assert.Equal(SignInThrottle.PerAccountAndAddress, answers.Count(refusal => refusal is null));
    }

    private void Fail(int times, string account, string address)
    {
        for (var time = 0; time < times; time++)
            Assert.Null(throttle.Begin(account, address));
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
