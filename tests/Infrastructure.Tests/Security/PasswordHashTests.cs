using EventFiles.Infrastructure.Security;

namespace EventFiles.Infrastructure.Tests.Security;

public sealed class PasswordHashTests
{
    // The vectors of the algorithm's reference implementation.
    [Theory]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", "password")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "password")]
    [InlineData("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password")]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94", "differentpassword")]
    [InlineData("$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw", "password")]
    public void Argon2id_agrees_with_its_authors(string hash, string password)
    {
        Assert.True(Argon2.Verify(hash, password));
        Assert.False(Argon2.Verify(hash, password + "e"));
    }

    [Fact]
    public void What_is_hashed_here_has_the_strength_that_is_promised_and_a_salt_of_its_own()
    {
        var (one, two) = (Argon2.Hash("correct horse"), Argon2.Hash("correct horse"));
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", one, StringComparison.Ordinal);
        Assert.NotEqual(one, two);
        Assert.True(Argon2.Verify(one, "correct horse"));
        Assert.False(Argon2.Verify(one, "correct horsf"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("p\u00e4ssw\u00f6rd \ud83d\udc1f")]
    public void Any_text_may_be_a_password(string password)
    {
        var hash = Argon2.Hash(password);
        Assert.True(Argon2.Verify(hash, password));
        Assert.False(Argon2.Verify(hash, password + "\0"));
    }

    [Fact]
    public void A_long_password_counts_to_its_last_character()
    {
        var hash = Argon2.Hash(new string('x', 1024));
        Assert.False(Argon2.Verify(hash, new string('x', 1023) + 'y'));
    }

    [Fact]
    public void The_decoy_is_a_hash_that_no_password_has() => Assert.False(Argon2.Verify(Argon2.Decoy(), "correct horse"));

    // The vectors that implementations of bcrypt are tested with.
    [Theory]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    [InlineData("$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    [InlineData("$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*")]
    [InlineData("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U")]
    [InlineData("$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", "")]
    public void Bcrypt_agrees_with_the_known_vectors(string hash, string password)
    {
        Assert.True(Bcrypt.IsHash(hash));
        Assert.True(Bcrypt.Verify(hash, password));
        Assert.False(Bcrypt.Verify(hash, password + "e"));
    }

    [Fact]
    public void A_zero_byte_does_not_cut_a_password_short() =>
        Assert.False(Bcrypt.Verify("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U\0anything"));

    [Theory]
    [InlineData("")]
    [InlineData("$2a$")]
    [InlineData("$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/")]
    [InlineData("$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    public void Other_kinds_are_not_taken_for_bcrypt(string hash) => Assert.False(Bcrypt.IsHash(hash));

    [Fact]
    public void A_broken_bcrypt_hash_matches_nothing() =>
        Assert.False(Bcrypt.Verify("$2a$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"));
}
