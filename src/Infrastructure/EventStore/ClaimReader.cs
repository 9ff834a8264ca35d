using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>Who holds which unique thing now.</summary>
internal sealed class ClaimReader(EventPool pool)
{
    /// <summary>Key to holder, for those of <paramref name="keys"/> that are claimed.</summary>
    public async Task<IReadOnlyDictionary<string, string>> Holders(
        string scope, IReadOnlyCollection<string> keys, CancellationToken cancel)
    {
        var holders = new Dictionary<string, string>(StringComparer.Ordinal);
        if (keys.Count == 0)
            return holders;

        await using var command = pool.Source.CreateCommand(
            "select key, holder from eventfiles.claims where scope = $1 and key = any ($2)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = scope });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. keys], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            holders.Add(rows.GetString(0), rows.GetString(1));
        return holders;
    }
}
