using System.Diagnostics;
using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Security;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Security;

public sealed class Argon2PasswordsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Holder = "account-00000000-0000-7000-8000-00000000000a";

    private readonly HashingThreads threads = new(2, TimeSpan.FromSeconds(1), TimeProvider.System);
    private NpgsqlDataSource database = null!;
    private Argon2Passwords passwords = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        passwords = new Argon2Passwords(database, threads);
    }

    public async ValueTask DisposeAsync()
    {
        threads.Dispose();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task The_right_password_is_right_and_another_is_not()
    {
        Assert.Null(await passwords.Set(Holder, "correct horse", Cancel));
        Assert.True(await Verify(Holder, "correct horse"));
        Assert.False(await Verify(Holder, "correct horsf"));
    }

    [Fact]
    public async Task A_new_password_replaces_the_old()
    {
        await passwords.Set(Holder, "correct horse", Cancel);
        await passwords.Set(Holder, "battery staple", Cancel);
        Assert.False(await Verify(Holder, "correct horse"));
        Assert.True(await Verify(Holder, "battery staple"));
    }

    [Fact]
    public async Task A_removed_password_opens_nothing()
    {
        await passwords.Set(Holder, "correct horse", Cancel);
        await passwords.Remove(Holder, Cancel);
        Assert.False(await Verify(Holder, "correct horse"));
    }

    [Fact]
    public async Task It_makes_no_difference_how_a_keyboard_composes_a_letter()
    {
        await passwords.Set(Holder, "caf\u00e9 au lait", Cancel);
        Assert.True(await Verify(Holder, "cafe\u0301 au lait"));
    }

    [Fact]
    public async Task Nothing_stored_holds_the_password()
    {
        await passwords.Set(Holder, "correct horse", Cancel);
        Assert.DoesNotContain("horse", await StoredHash(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bcrypt_hash_from_elsewhere_is_taken_and_renewed_at_the_first_sign_in()
    {
        await Import("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
        Assert.False(await Verify(Holder, "U*V"));
        Assert.StartsWith("$2a$", await StoredHash(), StringComparison.Ordinal);

        Assert.True(await Verify(Holder, "U*U"));
        Assert.StartsWith(Argon2.Prefix, await StoredHash(), StringComparison.Ordinal);
        Assert.True(await Verify(Holder, "U*U"));
        Assert.False(await Verify(Holder, "U*V"));
    }

    [Fact]
    public async Task A_weaker_argon2_hash_is_renewed_too()
    {
        await Import("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4");
        Assert.True(await Verify(Holder, "password"));
        Assert.StartsWith(Argon2.Prefix, await StoredHash(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_without_a_password_takes_as_long_as_one_with()
    {
        await passwords.Set(Holder, "correct horse", Cancel);
        await Verify(Holder, "warm up");
        var (known, unknown) = (new List<double>(), new List<double>());
        for (var round = 0; round < 15; round++)
        {
            known.Add(await Time(Holder));
            unknown.Add(await Time(null));
            unknown.Add(await Time("account-nobody"));
        }

        // The hash takes tens of milliseconds and all else one or two: a path without it would be ten times faster. The
        // shortest of each, since what others take of a busy machine only adds.
        Assert.InRange(unknown.Min() / known.Min(), 0.6, 1.6);
    }

    [Fact]
    public async Task Overload_is_refused_quickly_and_those_let_in_are_served()
    {
        await passwords.Set(Holder, "correct horse", Cancel);
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => Task.Run(async () =>
        {
            var start = Stopwatch.GetTimestamp();
            var answer = await passwords.Verify(Holder, "correct horse", Cancel);
            return (Answer: answer, Time: Stopwatch.GetElapsedTime(start));
        })));

        var refused = answers.Where(answer => answer.Answer.Refusal is not null).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.Same(AccountsRejection.Busy, answer.Answer.Refusal));
        // Nine of ten: a thread that is not scheduled for a while on a busy machine is not a slow answer.
        Assert.InRange(refused.Select(answer => answer.Time.TotalMilliseconds).Order().ElementAt(refused.Count * 9 / 10), 0, 50);
        Assert.All(answers.Except(refused), answer => Assert.True(Assert.IsType<Answer<bool>.Yes>(answer.Answer).Value));
        Assert.True(await Verify(Holder, "correct horse"));
    }

    private async Task<double> Time(string? holder)
    {
        var start = Stopwatch.GetTimestamp();
        await Verify(holder, "wrong password");
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private async Task<bool> Verify(string? holder, string password) =>
        Assert.IsType<Answer<bool>.Yes>(await passwords.Verify(holder, password, Cancel)).Value;

    private async Task Import(string hash)
    {
        await using var command = database.CreateCommand("insert into eventfiles.passwords (holder, hash) values ($1, $2)");
        command.Parameters.Add(new() { Value = Holder });
        command.Parameters.Add(new() { Value = hash });
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<string> StoredHash()
    {
        await using var command = database.CreateCommand("select hash from eventfiles.passwords");
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
