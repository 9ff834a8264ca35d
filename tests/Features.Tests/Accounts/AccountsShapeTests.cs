using EventFiles.Features.Accounts;

namespace EventFiles.Features.Tests.Accounts;

public sealed class AccountsShapeTests
{
    [Theory]
    [InlineData("olga@example.org")]
    [InlineData("  olga@example.org ")]
    [InlineData("o.l+ga_1@mail.example.org")]
    [InlineData("\u043e\u043b\u044c\u0433\u0430@\u043f\u0440\u0438\u043c\u0435\u0440.\u0440\u0444")]
    [InlineData("o'neill@localhost")]
    public void These_are_addresses(string email) => Assert.Null(EmailAddress.Problem(email));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("olga")]
    [InlineData("@example.org")]
    [InlineData("olga@")]
    [InlineData("olga@@example.org")]
    [InlineData("olga@a@example.org")]
    [InlineData("ol ga@example.org")]
    [InlineData("olga@exam\0ple.org")]
    [InlineData("olga@example..org")]
    [InlineData("olga@example.org.")]
    [InlineData("olga\r\nBcc: all@example.org")]
    [InlineData("ol\u202ega@example.org")]
    [InlineData("ol\u200bga@example.org")]
    [InlineData("a123456789b123456789c123456789d123456789e123456789f123456789g1234@example.org")]
    public void These_are_not(string? email)
    {
        Assert.NotNull(EmailAddress.Problem(email));
        Assert.Null(EmailAddress.Key(email));
    }

    [Fact]
    public void Half_a_character_is_no_address() => Assert.Null(EmailAddress.Key("ol\ud800ga@example.org"));

    [Theory]
    [InlineData("Olga")]
    [InlineData("\ud83d\udc69\u200d\ud83d\udcbb")]
    [InlineData("'; drop table mt_events; --")]
    [InlineData("<script>alert(1)</script>")]
    public void These_are_display_names(string name) => Assert.Null(DisplayNames.Problem(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\u200b\u200d")]
    [InlineData("Ol\u0007ga")]
    [InlineData("Ol\nga")]
    [InlineData("Ol\u202ega")]
    public void These_are_not_display_names(string? name) => Assert.NotNull(DisplayNames.Problem(name));

    [Fact]
    public void A_name_has_a_hundred_characters_however_many_bytes_they_take()
    {
        Assert.Null(DisplayNames.Problem(string.Concat(Enumerable.Repeat("\ud83d\udc1f", 100))));
        Assert.NotNull(DisplayNames.Problem(new string('x', 101)));
    }

    [Theory]
    [InlineData("1234567", false)]
    [InlineData("12345678", false)]
    [InlineData("PASSWORD", false)]
    [InlineData("zzzzzzzzzzzz", false)]
    [InlineData("olga.long@example.org", false)]
    [InlineData("Olga.Long", false)]
    [InlineData("correct horse", true)]
    [InlineData("        x", true)]
    public void A_password_is_long_enough_and_not_the_first_guess(string password, bool isFine)
    {
        var result = new RegisterAccountShape().Validate(new RegisterAccount("olga.long@example.org", password, "Olga"));
        Assert.Equal(isFine, result.IsValid);
    }

    [Fact]
    public void Fields_that_are_not_there_are_refused_and_break_nothing()
    {
        Assert.False(new RegisterAccountShape().Validate(new RegisterAccount(null!, null!, null!)).IsValid);
        Assert.False(new LoginShape().Validate(new Login(null!, null!, new SignInFrom("", ""))).IsValid);
        Assert.False(new RefreshTokensShape().Validate(new RefreshTokens(null!)).IsValid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b.c")]
    [InlineData("00000000-0000-7000-8000-000000000001")]
    [InlineData("00000000-0000-7000-8000-000000000001..x")]
    [InlineData("00000000-0000-7000-8000-000000000001.x.")]
    [InlineData("00000000-0000-7000-8000-000000000001.x.y.z")]
    public void What_cannot_be_a_refresh_token_is_none(string text) => Assert.Null(RefreshToken.Parse(text));

    [Fact]
    public void A_refresh_token_survives_the_way_there_and_back()
    {
        var token = RefreshToken.New(new SessionId(Guid.CreateVersion7()));
        Assert.Equal(token, RefreshToken.Parse(token.ToString()));
        Assert.Equal((token.Session, token.Family), (token.Next().Session, token.Next().Family));
        Assert.NotEqual(token.Secret, token.Next().Secret);
    }
}
