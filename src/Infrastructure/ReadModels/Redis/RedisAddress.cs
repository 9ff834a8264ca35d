using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using StackExchange.Redis;

namespace EventFiles.Infrastructure.ReadModels.Redis;

/// <summary>Where a Redis is, as <c>redis://:password@host:port/database</c>; <c>rediss</c> for TLS.</summary>
public sealed class RedisAddress
{
    private RedisAddress(Uri uri, int database) => (Uri, Database) = (uri, database);

    private Uri Uri { get; }

    private int Database { get; }

    /// <summary>Reads one.</summary>
    /// <param name="why">What is wrong with it, for whoever wrote it. It never quotes it: it may hold a password.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out RedisAddress? address, [NotNullWhen(false)] out string? why)
    {
        address = null;
        why = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0)
            why = "It must read redis://:password@host:port/database, or rediss:// for TLS; what is not needed may be left out.";
        else if (uri.UserInfo.Split(':')[0] is not ("" or "default"))
            why = "The client library knows no user names: give Redis' user \"default\" a password and the rights it needs.";
        else if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
            why = "It takes nothing behind the database.";
        else if (!int.TryParse(uri.AbsolutePath.Trim('/') is { Length: > 0 } path ? path : "0", NumberStyles.None, CultureInfo.InvariantCulture, out var database))
            why = "The database behind the last slash must be a number.";
        else
            address = new RedisAddress(uri, database);
        return address is not null;
    }

    /// <summary>The same.</summary>
    /// <exception cref="FormatException">It cannot be read.</exception>
    public static RedisAddress Parse(string text) =>
        TryParse(text, out var address, out var why) ? address : throw new FormatException($"The address of Redis cannot be read. {why}");

    /// <summary>Host and port; never the password.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Uri.Scheme}://{Uri.Host}:{Port}/{Database}");

    /// <summary>What the client library needs to know.</summary>
    internal ConfigurationOptions ToOptions()
    {
        var options = new ConfigurationOptions
        {
            // It connects again by itself, for ever: a server that is away at the start is no other case.
            AbortOnConnectFail = false,
            ClientName = "eventfiles",
            DefaultDatabase = Database,
            Ssl = Uri.Scheme == "rediss",
            SslHost = Uri.Scheme == "rediss" ? Uri.Host : null,
        };
        options.EndPoints.Add(Uri.Host, Port);
        if (Uri.UserInfo.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon)
            options.Password = Uri.UnescapeDataString(Uri.UserInfo[(colon + 1)..]);
        return options;
    }

    private int Port => Uri.Port < 0 ? 6379 : Uri.Port;
}
