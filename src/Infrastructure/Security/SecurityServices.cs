using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;

namespace EventFiles.Infrastructure.Security;

/// <summary>Puts sign-in, tokens and passwords into the container.</summary>
public static class SecurityServices
{
    private const string Name = "eventfiles";

    // How long somebody who signs in may expect to wait for others; beyond, the answer is "try again in a second".
    private static readonly TimeSpan HashingPatience = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Every endpoint requires a signed-in account unless it allows anybody by name. Needs the Accounts slice, an
    /// <see cref="NpgsqlDataSource"/> in the container, and a database that <see cref="EventStore.EventStoreSchema.Migrate"/> has seen.
    /// </summary>
    /// <param name="keyDirectory">Where the keys are that sign access tokens and seal cursors; made if missing.</param>
    /// <exception cref="DllNotFoundException">The machine lacks libargon2.</exception>
    public static IServiceCollection AddSecurity(this IServiceCollection services, string keyDirectory)
    {
        services.AddDataProtection().SetApplicationName(Name).PersistKeysToFileSystem(new DirectoryInfo(keyDirectory));
        return services
            .AddSingleton<TokenKeys>(provider => new FolderKeys(keyDirectory, provider.GetRequiredService<TimeProvider>()))
            .AddSignIn();
    }

    /// <summary>The same on nodes that share secrets: what one signs or seals, the others take.</summary>
    /// <param name="secrets">The first one signs and seals; what the others have signed and sealed is good too.</param>
    /// <exception cref="DllNotFoundException">The machine lacks libargon2.</exception>
    public static IServiceCollection AddSecurity(this IServiceCollection services, IReadOnlyList<SharedSecret> secrets)
    {
        services.AddDataProtection().SetApplicationName(Name).DisableAutomaticKeyGeneration();
        return services
            .Configure<KeyManagementOptions>(keys => keys.XmlRepository = new DerivedSeals(secrets))
            .AddSingleton<TokenKeys>(_ => new DerivedKeys(secrets))
            .AddSignIn();
    }

    /// <summary>A provider that people may sign in at.</summary>
    /// <param name="settings">Null: there is none.</param>
    public static IServiceCollection AddProvider(this IServiceCollection services, OidcSettings? settings) =>
        settings is null
            ? services.AddSingleton<IIdentityProvider, NoProvider>()
            : services.AddSingleton(settings).AddSingleton<IIdentityProvider, OidcProvider>();

    private static IServiceCollection AddSignIn(this IServiceCollection services)
    {
        Argon2.Require();
        services.TryAddSingleton(TimeProvider.System);
        services
            .AddSingleton<Es256Tokens>()
            .AddSingleton<IAccessTokens>(provider => provider.GetRequiredService<Es256Tokens>())
            .AddSingleton(provider => new HashingThreads(
                Environment.ProcessorCount, HashingPatience, provider.GetRequiredService<TimeProvider>()))
            .AddSingleton<IPasswords, Argon2Passwords>()
            .AddSingleton<ISeals, Seals>()
            .AddSingleton<IPasskeys, FidoPasskeys>()
            .AddProvider(null)
            .AddAuthentication(SessionAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, configureOptions: null);
        var signedIn = new AuthorizationPolicyBuilder(SessionAuthentication.SchemeName).RequireAuthenticatedUser().Build();
        services.AddAuthorizationBuilder().SetDefaultPolicy(signedIn).SetFallbackPolicy(signedIn);
        return services;
    }
}
