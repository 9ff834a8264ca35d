using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>
/// Fills an empty store from a file. The whole file is verified before anything is written, and each chunk again before it
/// is: all of it or nothing. What was interrupted goes on with the next chunk.
/// </summary>
public sealed class LogImport : IAsyncDisposable
{
    private readonly NpgsqlDataSource database;
    private readonly ImportClaims claims;

    /// <summary>An import into that database.</summary>
    /// <param name="owner">The connection of the role that owns the tables, after <see cref="EventStoreSchema.Migrate"/>.</param>
    /// <param name="slices">Whose events they are: from them it follows who holds which name.</param>
    public LogImport(string owner, Slices slices)
    {
        database = NpgsqlDataSource.Create(owner);
        claims = new ImportClaims(new EventTypes(slices));
    }

    /// <summary>Whether an import of this database was interrupted and waits to be run again.</summary>
    public static async Task<bool> IsUnfinished(NpgsqlDataSource database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var asks = database.CreateCommand("select to_regclass('eventfiles.import_progress') is not null");
        return (bool)(await asks.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Imports it, or goes on with it.</summary>
    /// <param name="file">Is read twice.</param>
    /// <param name="progress">Told how many events were verified or written, and how many there are (0: not known yet).</param>
    /// <returns>What was imported, now or before.</returns>
    /// <exception cref="LogFileException">The file was cut or altered.</exception>
    /// <exception cref="LogTransferException">The store is not empty, or the file is a part of a log only.</exception>
    public async Task<LogManifest> Run(Stream file, Action<long, long>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        var (header, manifest) = await Verified(file, progress, cancel);
        var done = await Begin(manifest, cancel);

        file.Position = 0;
        var reader = new LogFileReader(file);
        await foreach (var chunk in reader.Chunks(cancel))
        {
            if (chunk.After.Chunks > done)
                await Write(chunk, cancel);
            progress?.Invoke(chunk.After.Events, manifest.Events);
        }

        if (reader.Manifest != manifest)
            throw new LogFileException(reader.Line, "the file was changed while it was read.");
        await Finish(header, cancel);
        return manifest;
    }

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private async Task<(LogHeader Header, LogManifest Manifest)> Verified(
        Stream file, Action<long, long>? progress, CancellationToken cancel)
    {
        var reader = new LogFileReader(file);
        await foreach (var chunk in reader.Chunks(cancel))
        {
            claims.CheckNames(chunk);
            progress?.Invoke(chunk.After.Events, 0);
        }

        if (reader.Header is not { } header)
            throw new LogFileException(1, "the file is empty.");
        if (reader.Manifest is not { } manifest)
            throw new LogFileException(reader.Line, "is the last one: the file was cut off before its manifest.");
        if (header.From != 1)
            throw new LogTransferException($"The file begins at position {header.From}; only one that begins with the log can be imported.");
        return (header, manifest);
    }

    private async Task<int> Begin(LogManifest manifest, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await IsUnfinished(database, cancel))
        {
            if (await Scalar<bool>(connection, IsFilledSql, cancel))
                throw new LogTransferException("The store is not empty. A log is imported into an empty one only.");
            await Execute(connection, BeginSql, cancel);
            await Execute(connection, "insert into eventfiles.import_progress values ($1, 0)", cancel, manifest.Sha256);
            await transaction.CommitAsync(cancel);
            return 0;
        }

        if (await Scalar<string>(connection, "select sha256 from eventfiles.import_progress", cancel) != manifest.Sha256)
            throw new LogTransferException("An import of another file was interrupted here. Run that one again, or use an empty store.");
        return await Scalar<int>(connection, "select chunks from eventfiles.import_progress", cancel);
    }

    private async Task Write(LogChunk chunk, CancellationToken cancel)
    {
        var streams = StreamPart.Of(chunk);
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await Execute(connection, "update eventfiles.import_progress set chunks = $1 where chunks = $1 - 1", cancel, chunk.After.Chunks) == 0)
            throw new LogTransferException("Another import of the file is under way.");
        await ImportRows.Streams(connection, streams, chunk.FirstLine, cancel);
        await ImportRows.Events(connection, chunk.Events, cancel);
        await ImportRows.Private(connection, chunk.Events, cancel);
        await ImportRows.Claims(connection, claims.Of(chunk), cancel);
        await transaction.CommitAsync(cancel);
    }

    private async Task Finish(LogHeader header, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            await Execute(connection, FinishClaimsSql, cancel);
            if (header.Upto > 0)
                await Execute(connection, "select setval('public.mt_events_sequence', $1)", cancel, header.Upto);
            if (header.Relay > 0)
                await Execute(connection, RelaySql, cancel, header.Relay);
            await Execute(connection, "drop table eventfiles.import_claims, eventfiles.import_progress", cancel);
            await transaction.CommitAsync(cancel);
        }

        await Execute(connection, "analyze", cancel);
    }

    private const string IsFilledSql =
        """
        select exists (select from public.mt_events) or exists (select from public.mt_streams)
            or exists (select from eventfiles.event_private) or exists (select from eventfiles.claims)
            or exists (select from public.mt_event_progression where last_seq_id > 0)
        """;

    // They stand as long as the import: a store in which they are is not whole.
    private const string BeginSql =
        """
        create table eventfiles.import_progress (sha256 text not null, chunks int not null);
        create table eventfiles.import_claims (
            position bigint not null, holder text collate "C" not null, scope text collate "C", key text collate "C", tenant_id text not null);
        """;

    private const string RelaySql =
        """
        insert into public.mt_event_progression (name, last_seq_id) values ('Relay:All', $1)
        on conflict (name) do update set last_seq_id = excluded.last_seq_id
        """;

    // The last one counts; one without a scope gave the name up.
    private const string FinishClaimsSql =
        """
        insert into eventfiles.claims (holder, scope, key, tenant_id)
        select holder, scope, key, tenant_id from (
            select distinct on (holder) * from eventfiles.import_claims order by holder, position desc) last
        where scope is not null
        """;

    private static async Task<T> Scalar<T>(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task<int> Execute(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] arguments)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return await command.ExecuteNonQueryAsync(cancel);
    }
}
