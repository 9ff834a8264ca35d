namespace EventFiles.Infrastructure.Security;

/// <summary>A provider that people may sign in at. Not a record: one that prints itself would print a secret.</summary>
public sealed class OidcSettings
{
    /// <summary>As people know it.</summary>
    public required string Name { get; init; }

    /// <summary>The provider's name for itself; what it publishes stands below it.</summary>
    public required Uri Issuer { get; init; }

    /// <summary>What the provider calls this server.</summary>
    public required string Client { get; init; }

    public required string Secret { get; init; }

    /// <summary>Where browsers come back to.</summary>
    public required Uri Callback { get; init; }
}
