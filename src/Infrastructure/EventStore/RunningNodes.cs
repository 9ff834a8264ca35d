using System.Globalization;
using Npgsql;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>A node that runs now.</summary>
/// <param name="Id">Of this start of the program.</param>
/// <param name="Role">What it is for: <c>api</c>, <c>worker</c>, <c>all</c>.</param>
/// <param name="Version">Of its program.</param>
/// <param name="Since">When it was started, by its own clock.</param>
public sealed record RunningNode(Guid Id, string Role, string Version, DateTimeOffset Since);

/// <summary>
/// Which nodes run on a database, from the names of the sessions by which they say so. A session ends with its node, so
/// nobody is listed who is gone, and nothing needs to be tidied up.
/// </summary>
public static class RunningNodes
{
    private const string Product = "eventfiles";

    /// <summary>Of this program.</summary>
    public static string Version => EventHeaders.Version;

    /// <summary>All of them, the oldest first.</summary>
    public static async Task<IReadOnlyList<RunningNode>> On(NpgsqlDataSource database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var asks = database.CreateCommand(
            """
            select application_name from pg_stat_activity
            where datname = current_database() and pid in (
                select pid from pg_locks
                where locktype = 'advisory' and granted and objsubid = 1 and ((classid::bigint << 32) | objid::bigint) = $1)
            """);
        asks.Parameters.AddWithValue(Presence.Key);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        var nodes = new List<RunningNode>();
        while (await rows.ReadAsync(cancel))
        {
            if (Read(rows.GetString(0)) is { } node)
                nodes.Add(node);
        }

        return [.. nodes.OrderBy(node => node.Since)];
    }

    /// <summary>The name of a node's session: at most 63 characters, which is all that PostgreSQL keeps.</summary>
    internal static string NameOf(NodeId node, Role role) => $"{Product} {node.Value:n} {Roles.Name(role)} {EventHeaders.Version}";

    private static RunningNode? Read(string name) =>
        name.Split(' ') is [Product, var id, var role, var version] && Guid.TryParseExact(id, "N", out var node)
            ? new RunningNode(node, role, version, Began(id))
            : null;

    // RFC 9562: an id of version 7 begins with the time, in milliseconds.
    private static DateTimeOffset Began(string id) =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(id.AsSpan(0, 12), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
}
