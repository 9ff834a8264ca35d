namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>Vouches for whomever the code names. What is exchanged with a real provider has tests of its own.</summary>
internal sealed class VouchingProvider : IIdentityProvider
{
    public string Name => "Elsewhere";

    public Task<(Uri Address, ProviderErrand Errand)> Begin(CancellationToken cancel)
    {
        var errand = new ProviderErrand($"{Guid.NewGuid():n}", $"{Guid.NewGuid():n}", $"{Guid.NewGuid():n}");
        return Task.FromResult((new Uri($"https://elsewhere.example/authorize?state={errand.State}"), errand));
    }

    public Task<ProvedIdentity?> Prove(string code, ProviderErrand errand, CancellationToken cancel) =>
        Task.FromResult(code.Split(' ') is [var subject, var email]
            ? new ProvedIdentity("https://elsewhere.example", subject, email, IsEmailVerified: true, "Somebody from elsewhere")
            : null);
}
