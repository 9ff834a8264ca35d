using Npgsql;

namespace EventFiles.Infrastructure.Encryption;

/// <summary>An era, for an operator.</summary>
/// <param name="Persons">How many keys it wraps.</param>
/// <param name="IsThere">Whether its key is.</param>
/// <param name="EndedAt">Since when nothing new is wrapped under it; null for the current one.</param>
/// <param name="DestroyedAt">When its key was destroyed.</param>
public sealed record EraStatus(
    Guid Id, DateTimeOffset BegunAt, long Persons, bool IsThere, DateTimeOffset? EndedAt, DateTimeOffset? DestroyedAt)
{
    /// <summary>All of them, oldest first.</summary>
    public static async Task<IReadOnlyList<EraStatus>> Read(NpgsqlDataSource database, EraKeys keys, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(keys);
        await using var asks = database.CreateCommand(
            """
            select id, begun_at, (select count(*) from eventfiles.subject_keys where era = e.id), ended_at, destroyed_at
            from eventfiles.era_keys e order by begun_at, id
            """);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        var eras = new List<EraStatus>();
        while (await rows.ReadAsync(cancel))
        {
            eras.Add(new EraStatus(
                rows.GetGuid(0), At(rows[1])!.Value, rows.GetInt64(2), keys.Find(rows.GetGuid(0)) is not null,
                At(rows[3]), At(rows[4])));
        }

        return eras;
    }

    /// <summary>How many persons and how many files the journal names.</summary>
    public static async Task<(long Persons, long Files)> Erased(NpgsqlDataSource database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var asks = database.CreateCommand("select count(*) - count(owner), count(owner) from eventfiles.destroyed_keys");
        await using var row = await asks.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    private static DateTimeOffset? At(object column) => column is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
}
