using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Security;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.Security;

/// <summary>Nodes that share a secret, and nothing else.</summary>
public sealed class DerivedKeysTests : IDisposable
{
    private readonly List<ServiceProvider> nodes = [];

    private static readonly Caller Olga = new(new AccountId(Guid.CreateVersion7()), new SessionId(Guid.CreateVersion7()), false);

    public void Dispose() => nodes.ForEach(node => node.Dispose());

    [Fact]
    public void What_one_node_signs_and_seals_another_with_the_same_secret_takes()
    {
        var (one, other) = (Node("the first of two long secrets, 1"), Node("the first of two long secrets, 1"));
        Assert.NotNull(Verified(Token(one), other));
        Assert.Equal("a place in a list", Opened(Sealed(one), other));
    }

    [Fact]
    public void With_another_secret_nothing_is_taken()
    {
        var (one, other) = (Node("the first of two long secrets, 1"), Node("the second of two long secrets 2"));
        Assert.Null(Verified(Token(one), other));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => Opened(Sealed(one), other));
    }

    [Fact]
    public void While_a_secret_is_changed_both_are_good_and_the_first_signs()
    {
        var (old, both, @new) = (
            Node("the first of two long secrets, 1"),
            Node("the second of two long secrets 2", "the first of two long secrets, 1"),
            Node("the second of two long secrets 2"));
        Assert.NotNull(Verified(Token(old), both));
        Assert.NotNull(Verified(Token(both), @new));
        Assert.Null(Verified(Token(both), old));
        Assert.Equal("a place in a list", Opened(Sealed(old), both));
        Assert.Equal("a place in a list", Opened(Sealed(both), @new));
    }

    [Fact]
    public void A_key_tells_nothing_of_another_and_is_the_same_for_ever()
    {
        var secret = new SharedSecret("the first of two long secrets, 1");
        Assert.NotEqual(secret.Derive("one", 32), secret.Derive("two", 32));
        using var key = SigningKey.Of(secret);
        Assert.Equal("6ijVQZcvtCP89r2vHhIQL3e9pLyRcANDltqCrJpOLF4", key.Id);
    }

    private ServiceProvider Node(params string[] secrets)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddSecurity([.. secrets.Select(secret => new SharedSecret(secret))]);
        nodes.Add(services.BuildServiceProvider());
        return nodes[^1];
    }

    private static string Token(ServiceProvider node) => node.GetRequiredService<Es256Tokens>().Issue(Olga, TimeSpan.FromMinutes(1));

    private static VerifiedToken? Verified(string token, ServiceProvider node) => node.GetRequiredService<Es256Tokens>().Verify(token);

    private static string Sealed(ServiceProvider node) =>
        node.GetRequiredService<IDataProtectionProvider>().CreateProtector("cursor").Protect("a place in a list");

    private static string Opened(string text, ServiceProvider node) =>
        node.GetRequiredService<IDataProtectionProvider>().CreateProtector("cursor").Unprotect(text);
}
