using EventFiles.Host.Configuration;

namespace EventFiles.Host;

/// <summary>What this program is made of.</summary>
/// <param name="Slices">What it does.</param>
/// <param name="Adapters">What it stands on.</param>
public sealed record Product(Slices Slices, Adapters Adapters);

/// <summary>What the program stands on, part by part: a command takes those that it needs.</summary>
public sealed record Adapters
{
    /// <summary>The log of events.</summary>
    public required Adapter Log { get; init; }

    /// <summary>The bytes of files.</summary>
    public required Adapter Objects { get; init; }

    /// <summary>What readers see.</summary>
    public required Adapter Views { get; init; }

    /// <summary>What follows from facts.</summary>
    public required Adapter Work { get; init; }

    /// <summary>Programs that touch strange bytes.</summary>
    public required Adapter Children { get; init; }

    /// <summary>Who looks for viruses.</summary>
    public required Adapter Scanner { get; init; }

    /// <summary>Signing in.</summary>
    public required Adapter Keys { get; init; }

    /// <summary>Letters to accounts, addresses drawn for cameras, and what is decided of accounts.</summary>
    public required Adapter Letters { get; init; }

    /// <summary>Everything that a node has.</summary>
    public IServiceCollection AddAll(IServiceCollection services, Node node)
    {
        foreach (var adapter in new[] { Log, Objects, Views, Work, Children, Scanner, Keys, Letters })
            adapter(services, node);
        return services;
    }
}

/// <summary>Puts one part into the container.</summary>
public delegate IServiceCollection Adapter(IServiceCollection services, Node node);

/// <summary>One process of the product, and what it has found to stand on. Not a record: it holds secrets.</summary>
public sealed class Node
{
    public required Settings Settings { get; init; }

    /// <summary>The database as the application's role, for Npgsql.</summary>
    public required string Database { get; init; }

    /// <summary>Tells what this installation keeps on servers from what others keep there; empty where nobody else is.</summary>
    public string Installation { get; init; } = "";

    /// <summary>What its keys in Redis begin with.</summary>
    public string KeyPrefix => $"eventfiles:{Installation}";

    /// <summary>The bytes of files; unused where they are in S3.</summary>
    public required string ObjectsFolder { get; init; }

    /// <summary>Signing keys, closed to other accounts; null where they follow from a shared secret.</summary>
    public string? KeysFolder { get; init; }

    /// <summary>Whether this is a command beside a running node.</summary>
    public bool IsGuest { get; init; }
}
