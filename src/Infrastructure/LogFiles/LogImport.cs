using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>
/// Fills an empty store from a file. The whole file is verified before anything is written, and each chunk again before it
/// is: all of it or nothing. What was interrupted goes on with the next chunk.
/// </summary>
public sealed class LogImport
{
    private readonly Stream file;
    private readonly ImportClaims claims;
    private readonly LogHeader header;
    private readonly LogManifest manifest;
    private readonly Action<long, long>? progress;

    private LogImport(Stream file, ImportClaims claims, LogHeader header, LogManifest manifest, Action<long, long>? progress) =>
        (this.file, this.claims, this.header, this.manifest, this.progress) = (file, claims, header, manifest, progress);

    /// <summary>Reads the whole file and checks all that can be checked without a store.</summary>
    /// <param name="file">Is read twice, now and by <see cref="Run"/>.</param>
    /// <param name="slices">Whose events they are: from them it follows who holds which name.</param>
    /// <param name="takesUnreadable">
    /// Events that this program knows and cannot read are taken as they are: the log that was exported may have held such,
    /// and whoever follows it parks them.
    /// </param>
    /// <param name="progress">Told how many events were verified or written, and how many there are (0: not known yet).</param>
    /// <exception cref="LogFileException">The file was cut or altered, or this program does not know what is in it.</exception>
    /// <exception cref="LogTransferException">The file is a part of a log only.</exception>
    public static async Task<LogImport> Of(
        Stream file, Slices slices, bool takesUnreadable, Action<long, long>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        var read = new ImportClaims(new EventTypes(slices), takesUnreadable);
        file.Position = 0;
        var reader = new LogFileReader(file);
        await foreach (var chunk in reader.Chunks(cancel))
        {
            read.Of(chunk);
            StreamPart.Of(chunk);
            progress?.Invoke(chunk.After.Events, 0);
        }

        if (reader is not { Header: { } header, Manifest: { } manifest })
            throw new LogFileException(LogFileException.CutOff, reader.Line + 1, "is missing: the file ends before its manifest.");
        if (header.From != 1)
        {
            throw new LogTransferException(LogTransferException.NotFromTheBeginning, FormattableString.Invariant(
                $"The file begins at position {header.From}. Only one that begins with the log can be imported."));
        }

        return new LogImport(file, read, header, manifest, progress);
    }

    /// <summary>What the file holds.</summary>
    public LogManifest Manifest => manifest;

    /// <summary>Whether an import of this database was interrupted and waits to be run again.</summary>
    public static async Task<bool> IsUnfinished(NpgsqlDataSource database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var asks = database.CreateCommand("select to_regclass('eventfiles.import_progress') is not null");
        return (bool)(await asks.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Whether anything is in the store.</summary>
    public static async Task<bool> IsFilled(NpgsqlDataSource database, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var asks = database.CreateCommand(IsFilledSql);
        return (bool)(await asks.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Imports it, or goes on with it.</summary>
    /// <param name="database">As the role that owns the tables, after <see cref="EventStoreSchema.Migrate"/>.</param>
    /// <param name="whole">What the log is only a part of; null for the log alone.</param>
    /// <exception cref="LogFileException">Its streams have gaps, or PostgreSQL does not take a line. Nothing of it was kept.</exception>
    /// <param name="keys">What seals private values there; null leaves them in plain.</param>
    /// <exception cref="LogTransferException">The store is not empty.</exception>
    public async Task Run(
        NpgsqlDataSource database, CancellationToken cancel, ImportedWhole? whole = null, PrivateKeys? keys = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        await (keys ?? PrivateKeys.None).Prepare(cancel);
        var done = await Begin(database, whole?.Mark ?? manifest.Sha256, cancel);
        try
        {
            file.Position = 0;
            var reader = new LogFileReader(file);
            await foreach (var chunk in reader.Chunks(cancel))
            {
                if (chunk.After.Chunks > done)
                    await Write(database, chunk, keys ?? PrivateKeys.None, cancel);
                progress?.Invoke(chunk.After.Events, manifest.Events);
            }

            if (reader.Manifest != manifest)
                throw new LogFileException(LogFileException.Damaged, reader.Line, "was changed while it was read.");
        }
        catch (LogFileException)
        {
            await Undo(database);
            throw;
        }

        if (whole is not null)
            await whole.Fill(cancel);
        // Work that was under way, or had been given up, stands in no log: where all else is new, it is all asked for again,
        // and what stands already stays as it is.
        await Finish(database, whole is null ? header.Relay : 0, cancel);
    }

    private static async Task<int> Begin(NpgsqlDataSource database, string mark, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (!await IsUnfinished(database, cancel))
        {
            if (await Scalar<bool>(connection, IsFilledSql, cancel))
                throw new LogTransferException(LogTransferException.StoreNotEmpty, "The store is not empty. A log is imported into an empty one only.");
            await Execute(connection, BeginSql, cancel);
            await Execute(connection, "insert into eventfiles.import_progress values ($1, 0)", cancel, mark);
            await transaction.CommitAsync(cancel);
            return 0;
        }

        if (await Scalar<string>(connection, "select sha256 from eventfiles.import_progress", cancel) != mark)
        {
            throw new LogTransferException(
                LogTransferException.OtherImport, "An import of another file, or a restore, was interrupted here. Run that one again, or use an empty store.");
        }

        return await Scalar<int>(connection, "select chunks from eventfiles.import_progress", cancel);
    }

    private async Task Write(NpgsqlDataSource database, LogChunk chunk, PrivateKeys keys, CancellationToken cancel)
    {
        var (streams, seals) = (StreamPart.Of(chunk), await ImportSeals.Of(chunk, keys, cancel));
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await Execute(connection, "update eventfiles.import_progress set chunks = $1 where chunks = $1 - 1", cancel, chunk.After.Chunks) == 0)
            throw new LogTransferException(LogTransferException.OtherImport, "Another import of the file is under way.");
        try
        {
            await ImportRows.Streams(connection, streams, chunk.FirstLine, cancel);
            await ImportRows.Events(connection, chunk.Events, cancel);
            await ImportRows.Private(connection, chunk.Events, seals, cancel);
            await ImportRows.Claims(connection, claims.Of(chunk).Where(claimed => !seals.IsErased(claimed)), cancel);
            await ImportRows.Passwords(connection, chunk.Passwords.Where(one => !seals.IsErasedHolder(one.Password)), cancel);
        }
        catch (PostgresException refused) when (refused.SqlState.StartsWith("22", StringComparison.Ordinal) || refused.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            throw new LogFileException(
                LogFileException.UnknownEvent, chunk.FirstLine, $"or one of those up to the next checksum is not what a log holds. {refused.MessageText}");
        }

        await transaction.CommitAsync(cancel);
    }

    private async Task Finish(NpgsqlDataSource database, long relay, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            await Execute(connection, FinishSql, cancel);
            if (header.Upto > 0)
                await Execute(connection, "select setval('public.mt_events_sequence', $1)", cancel, header.Upto);
            if (relay > 0)
                await Execute(connection, RelaySql, cancel, relay);
            await Execute(connection, EndSql, cancel);
            await transaction.CommitAsync(cancel);
        }

        await Execute(connection, "analyze", cancel);
    }

    // The store was empty when it began. Not cancelled: half a log is worse than a late answer.
    private static async Task Undo(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        await Execute(connection, "truncate public.mt_events, public.mt_streams, eventfiles.event_private, eventfiles.passwords", CancellationToken.None);
        await Execute(connection, EndSql, CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
    }

    private const string IsFilledSql =
        """
        select exists (select from public.mt_events) or exists (select from public.mt_streams)
            or exists (select from eventfiles.event_private) or exists (select from eventfiles.claims)
            or exists (select from eventfiles.passwords)
            or exists (select from public.mt_event_progression where last_seq_id > 0)
        """;

    // They stand as long as the import: a store in which they are is not whole.
    private const string BeginSql =
        """
        create table eventfiles.import_progress (sha256 text not null, chunks int not null);
        create table eventfiles.import_claims (
            position bigint not null, holder text collate "C" not null, scope text collate "C", key text collate "C", tenant_id text not null);
        """;

    private const string EndSql = "drop table eventfiles.import_claims, eventfiles.import_progress";

    private const string RelaySql =
        """
        insert into public.mt_event_progression (name, last_seq_id) values ('Relay:All', $1)
        on conflict (name) do update set last_seq_id = excluded.last_seq_id
        """;

    // Of a holder's claims the last one counts; one without a key gave the name up. A stream that was archived while its
    // events were exported is archived as a whole.
    private const string FinishSql =
        """
        insert into eventfiles.claims (holder, scope, key, tenant_id)
        select holder, scope, key, tenant_id from (
            select distinct on (holder) * from eventfiles.import_claims order by holder, position desc) last
        where key is not null;
        update public.mt_events e set is_archived = true from public.mt_streams s
        where s.is_archived and e.stream_id = s.id and not e.is_archived
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

/// <summary>More than a log: nothing runs on the store before all of it is there.</summary>
/// <param name="Mark">What tells this whole from others: an import that was interrupted goes on with the same only.</param>
/// <param name="Fill">Brings the rest, after the log. Safe to repeat.</param>
public sealed record ImportedWhole(string Mark, Func<CancellationToken, Task> Fill);
