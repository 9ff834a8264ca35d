using EventFiles.Infrastructure.Auditing;

namespace EventFiles.Infrastructure.Tests.Auditing;

/// <summary>Nobody fills the log by being refused.</summary>
public sealed class RefusalWindowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-000000000001"));
    private static readonly AccountId Ravi = new(Guid.Parse("00000000-0000-7000-8000-000000000002"));

    private readonly RefusalWindow window = new();
    private int ids;

    [Fact]
    public void The_same_again_is_counted_and_told_of_at_the_end()
    {
        Assert.NotNull(Take(By(Olga)));
        for (var times = 0; times < 5000; times++)
            Assert.Null(Take(By(Olga), Noon.AddSeconds(times)));

        var (again, more) = window.Close();
        Assert.Equal((5000, Noon.AddSeconds(4999)), (Assert.Single(again).Times, again[0].Until));
        Assert.Empty(more);
        Assert.Null(window.Since);
        Assert.NotNull(Take(By(Olga)));
    }

    [Fact]
    public void Whatever_makes_it_another_is_told_of_by_itself()
    {
        var one = By(Olga);
        Assert.NotNull(Take(one));
        Assert.NotNull(Take(one with { Request = "RenameFile" }));
        Assert.NotNull(Take(one with { Code = "files.not-found" }));
        Assert.NotNull(Take(one with { Actor = Ravi }));
        Assert.NotNull(Take(one with { Address = "192.0.2.2" }));
        Assert.NotNull(Take(one with { Target = Target(7) }));
        Assert.NotNull(Take(one with { Email = "x@example.org" }));
        Assert.Null(Take(one with { Email = "X@Example.org" }));
    }

    [Fact]
    public void Of_one_account_so_many_are_told_of_and_the_others_counted()
    {
        var told = Enumerable.Range(0, 500).Count(number => Take(By(Olga) with { Target = Target(number) }) is not null);
        Assert.Equal(RefusalWindow.OfOne, told);
        Assert.NotNull(Take(By(Ravi)));

        var more = Assert.Single(window.Close().More);
        Assert.Equal((Olga, 500 - RefusalWindow.OfOne), (more.Whose, more.Times));
    }

    [Fact]
    public void Strangers_from_everywhere_leave_room_for_accounts_and_fill_neither_log_nor_memory()
    {
        var told = Enumerable.Range(0, 100_000).Count(number => Take(Stranger($"10.{number / 256}.{number % 256}")) is not null);
        Assert.Equal(RefusalWindow.OfStrangers, told);
        Assert.NotNull(Take(By(Olga)));

        var (again, more) = window.Close();
        Assert.Empty(again);
        Assert.Equal((RefusedRequest.Nobody, 100_000 - RefusalWindow.OfStrangers), (Assert.Single(more).Whose, more[0].Times));
    }

    [Fact]
    public void However_many_accounts_are_at_it_the_log_grows_by_so_much_at_most()
    {
        var told = 0;
        for (var number = 0; number < 200; number++)
        {
            var somebody = new AccountId(new Guid(number, 0, 0, new byte[8]));
            for (var times = 0; times < 2 * RefusalWindow.OfOne; times++)
                told += Take(By(somebody) with { Target = Target(times) }) is null ? 0 : 1;
        }

        Assert.Equal(RefusalWindow.OfAccounts, told);
        Assert.True(window.Close().More.Count <= (RefusalWindow.OfAccounts / RefusalWindow.OfOne) + 2);
    }

    [Fact]
    public void What_was_lost_is_counted_too()
    {
        window.Lose(12, Noon);
        Assert.Equal(12, Assert.Single(window.Close().More).Times);
    }

    private RefusalWindow.Told? Take(RefusedRequest refused, DateTimeOffset? at = null) =>
        window.Take(refused, new Guid(++ids, 0, 0, new byte[8]), at ?? Noon);

    private static RefusedRequest By(AccountId account) =>
        new("DeleteFile", "files.not-allowed", account, null, Target(0), "192.0.2.1", "trace");

    private static RefusedRequest Stranger(string address) =>
        new("Login", "accounts.wrong-credentials", null, "olga@example.org", default, address, "trace");

    private static RequestTarget Target(int number) => new(new FileId(new Guid(number, 1, 1, new byte[8])), null, null);
}
