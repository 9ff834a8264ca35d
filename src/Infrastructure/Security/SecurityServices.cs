using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace EventFiles.Infrastructure.Security;

/// <summary>Puts sign-in, tokens and passwords into the container.</summary>
public static class SecurityServices
{
    // How long somebody who signs in may expect to wait for others; beyond, the answer is "try again in a second".
    private static readonly TimeSpan HashingPatience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Every endpoint requires a signed-in account unless it allows anybody by name. Needs the Accounts slice, an
    /// <see cref="NpgsqlDataSource"/> in the container, and a database that <see cref="EventStore.EventStoreSchema.Migrate"/> has seen.
    /// </summary>
    /// <param name="keyDirectory">Where the keys are that sign access tokens; made with the first key if missing.</param>
    /// <exception cref="DllNotFoundException">The machine lacks libargon2.</exception>
    public static IServiceCollection AddSecurity(this IServiceCollection services, string keyDirectory)
    {
        Argon2.Require();
        services.TryAddSingleton(TimeProvider.System);
        services
            .AddSingleton(provider => new TokenKeys(keyDirectory, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<Es256Tokens>()
            .AddSingleton<IAccessTokens>(provider => provider.GetRequiredService<Es256Tokens>())
            .AddSingleton(provider => new HashingThreads(
                Environment.ProcessorCount, HashingPatience, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<IPasswords, Argon2Passwords>()
            .AddAuthentication(SessionAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, configureOptions: null);
        var signedIn = new AuthorizationPolicyBuilder(SessionAuthentication.SchemeName).RequireAuthenticatedUser().Build();
        services.AddAuthorizationBuilder().SetDefaultPolicy(signedIn).SetFallbackPolicy(signedIn);
        return services;
    }
}
