using System.Text;
using EventFiles.Features.Accounts;
using static EventFiles.Features.Accounts.FactorCommand;
using static EventFiles.Features.Accounts.FactorEvent;

namespace EventFiles.Features.Tests.Accounts;

public sealed class FactorDeciderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Olga = new(Guid.Parse("00000000-0000-7000-8000-00000000000a"));
    private static readonly string[] Recovery = ["one", "two"];
    private static readonly FactorEvent[] On = [new Prepared(Olga, "sealed"), new Confirmed(Olga, 100, Recovery)];

    private readonly Specification<FactorCommand, FactorState, FactorEvent> factor = new(FactorDecider.Decider, Noon);

    [Fact]
    public void It_counts_when_the_app_has_shown_a_code()
    {
        factor.Given().When(new Prepare(Olga, "sealed")).ThenEachTime(new Prepared(Olga, "sealed"));
        factor.Given(new Prepared(Olga, "sealed")).When(new UseCode(100)).ThenRejected(AccountsRejection.NoFactor);
        factor.Given(new Prepared(Olga, "sealed")).When(new Confirm(100, Recovery)).ThenEachTime(new Confirmed(Olga, 100, Recovery));
        factor.Given().When(new Confirm(100, Recovery)).ThenRejected(AccountsRejection.NoFactor);
        factor.Given(On).When(new Prepare(Olga, "another")).ThenRejected(AccountsRejection.FactorIsOn);
    }

    [Fact]
    public void A_code_is_good_once_and_none_before_it_afterwards()
    {
        factor.Given(On).When(new UseCode(101)).ThenEachTime(new CodeUsed(Olga, 101));
        factor.Given(On).When(new UseCode(100)).ThenRejected(AccountsRejection.WrongCode);
        factor.Given([.. On, new CodeUsed(Olga, 102)]).When(new UseCode(102)).ThenRejected(AccountsRejection.WrongCode);
        factor.Given([.. On, new CodeUsed(Olga, 102)]).When(new UseCode(101)).ThenRejected(AccountsRejection.WrongCode);
    }

    [Fact]
    public void A_recovery_code_is_good_once()
    {
        factor.Given(On).When(new UseRecoveryCode("one")).ThenEachTime(new RecoveryCodeUsed(Olga, "one"));
        factor.Given([.. On, new RecoveryCodeUsed(Olga, "one")]).When(new UseRecoveryCode("one")).ThenRejected(AccountsRejection.WrongCode);
        factor.Given(On).When(new UseRecoveryCode("three")).ThenRejected(AccountsRejection.WrongCode);
    }

    [Fact]
    public void Removed_it_opens_nothing_and_its_recovery_codes_neither()
    {
        factor.Given(On).When(new Remove(Olga)).Then(new Removed(Olga, Olga));
        factor.Given([.. On, new Removed(Olga, Olga)]).When(new UseRecoveryCode("one")).ThenRejected(AccountsRejection.NoFactor);
        factor.Given().When(new Remove(Olga)).ThenNothing();
    }

    // RFC 6238, appendix B, for SHA-1.
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code)
    {
        var secret = Encoding.ASCII.GetBytes("12345678901234567890");
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        Assert.Equal(code, Totp.Code(secret, Totp.StepAt(time), digits: 8));
        Assert.Equal(Totp.StepAt(time), Totp.Match(secret, $"{code[2..5]} {code[5..]}", time));
        Assert.NotNull(Totp.Match(secret, code[2..], time.AddSeconds(30)));
        Assert.NotNull(Totp.Match(secret, code[2..], time.AddSeconds(-30)));
        Assert.Null(Totp.Match(secret, code[2..], time.AddSeconds(60)));
        Assert.Null(Totp.Match(secret, code[1..], time));
    }

    // RFC 4648, 10, without padding.
    [Theory]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Secrets_are_written_as_apps_read_them(string bytes, string letters) =>
        Assert.Equal(letters, Totp.Letters(Encoding.ASCII.GetBytes(bytes)));
}
