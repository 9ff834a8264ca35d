using System.Runtime.CompilerServices;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>Writes the log of a database as a file, up to where it is settled when the export begins.</summary>
public sealed class LogExport : IAsyncDisposable
{
    private const int PageSize = 2000;

    // What hangs on a position is asked for with it: nobody's transaction is open while a file is written.
    private const string Events =
        """
        select e.seq_id, e.id, e.stream_id, e.version, e.type, e.timestamp, e.tenant_id, e.user_name, e.correlation_id,
            e.causation_id, e.headers, e.data, e.bdata, e.mt_dotnet_type, coalesce(e.is_archived, false),
            p.tenant_id, p.salt, p.fields
        from public.mt_events e left join eventfiles.event_private p on p.seq_id = e.seq_id and $4
        where e.seq_id > $1 and e.seq_id <= $2 order by e.seq_id limit $3
        """;

    private const string About =
        """
        select (select id from public.mt_events order by seq_id limit 1),
            (select coalesce(max(seq_id), 0) from public.mt_events),
            (select coalesce(max(last_seq_id), 0) from public.mt_event_progression where name = 'Relay:All')
        """;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    private readonly EventPool pool;

    /// <summary>An export of the log in that database.</summary>
    /// <param name="connectionString">Of a role that may read the log; for personal values, the private rows too.</param>
    public LogExport(string connectionString) => pool = new EventPool(connectionString);

    /// <summary>Writes the whole of it somewhere, without going back.</summary>
    /// <param name="progress">Told the position reached and the last one.</param>
    public async Task<LogManifest> Write(Stream to, ExportOrder order, Action<long, long>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(order);
        var header = await Header(order, cancel);
        return await Write(await LogFileWriter.Begin(to, header, cancel), header, order.From - 1, progress, cancel);
    }

    /// <summary>
    /// Writes it to a file, or goes on with one that was interrupted: what is there is verified first, and the part of a
    /// chunk at its end is cut off. A complete file is left as it is.
    /// </summary>
    /// <exception cref="LogFileException">The file is not as it was written.</exception>
    /// <exception cref="LogTransferException">It is another log's, or was asked for otherwise.</exception>
    public async Task<LogManifest> Write(string path, ExportOrder order, Action<long, long>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(order);
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = System.IO.FileAccess.ReadWrite,
            Share = FileShare.Read,
            // It may hold names and addresses.
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        var there = new LogFileReader(file);
        await foreach (var chunk in there.Chunks(cancel))
            progress?.Invoke(chunk.After.Last, there.Header!.Upto);
        if (there.Manifest is { } complete)
            return complete;

        file.SetLength(there.WholeUpto);
        file.Position = there.WholeUpto;
        LogManifest manifest;
        if (there.Header is { } begun)
        {
            await Check(begun, there.Tally, order, cancel);
            manifest = await Write(
                LogFileWriter.Continue(file, there.Tally), begun, Math.Max(there.Tally.Last, order.From - 1), progress, cancel);
        }
        else
        {
            manifest = await Write(file, order, progress, cancel);
        }

        file.Flush(flushToDisk: true);
        return manifest;
    }

    public ValueTask DisposeAsync() => pool.DisposeAsync();

    private async Task<LogManifest> Write(
        LogFileWriter file, LogHeader header, long after, Action<long, long>? progress, CancellationToken cancel)
    {
        await foreach (var happened in Read(header, after, cancel))
        {
            await file.Add(happened, cancel);
            if (happened.Position % LogFile.ChunkEvents == 0)
                progress?.Invoke(happened.Position, header.Upto);
        }

        progress?.Invoke(header.Upto, header.Upto);
        return await file.End(header.Upto, cancel);
    }

    private async Task<LogHeader> Header(ExportOrder order, CancellationToken cancel)
    {
        var (first, last, relay) = await Ask(cancel);
        var log = new SettledLog(pool);
        while (log.Settled < last)
        {
            if (!await log.Advance(cancel))
                await Task.Delay(BetweenLooks, cancel);
        }

        return new LogHeader("eventfiles", LogFile.Format, first, order.From, last, order.WithPersonal, Math.Min(relay, last));
    }

    private async Task Check(LogHeader begun, LogTally there, ExportOrder order, CancellationToken cancel)
    {
        if (begun.From != order.From || begun.Personal != order.WithPersonal)
        {
            throw new LogTransferException(
                $"The file was begun from position {begun.From} {(begun.Personal ? "with" : "without")} personal values. Ask for the same, or name another file.");
        }

        var (first, last, _) = await Ask(cancel);
        if (begun.Store != first || last < there.Last)
            throw new LogTransferException("The file was begun on another log. Name another file.");
    }

    private async Task<(Guid? First, long Last, long Relay)> Ask(CancellationToken cancel)
    {
        await using var asks = pool.Source.CreateCommand(About);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        await rows.ReadAsync(cancel);
        return Answer(rows);

        static (Guid?, long, long) Answer(NpgsqlDataReader row) =>
            (row.IsDBNull(0) ? null : row.GetGuid(0), row.GetInt64(1), row.GetInt64(2));
    }

    private async IAsyncEnumerable<LogEvent> Read(LogHeader header, long after, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (true)
        {
            var page = new List<LogEvent>();
            await using (var command = pool.Source.CreateCommand(Events))
            {
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
                command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = header.Upto });
                command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
                command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = header.Personal });
                await using var rows = await command.ExecuteReaderAsync(cancel);
                while (await rows.ReadAsync(cancel))
                    page.Add(Row(rows));
            }

            foreach (var happened in page)
                yield return happened;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Position;
        }
    }

    private static LogEvent Row(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetGuid(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetDateTime(5),
        Text(row, 6), Text(row, 7), Text(row, 8), Text(row, 9), Bytes(row, 10), Bytes(row, 11)!, Bytes(row, 12), Text(row, 13),
        row.GetBoolean(14),
        row.IsDBNull(15) ? null : new LogPrivate(row.GetString(15), Bytes(row, 16)!, Bytes(row, 17)!));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static byte[]? Bytes(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<byte[]>(column);
}

/// <summary>What to export.</summary>
/// <param name="From">The first position, from 1. Only a file from 1 on can be imported.</param>
/// <param name="WithPersonal">With names, addresses and whatever else is personal; else with the commitments to them only.</param>
public sealed record ExportOrder(long From, bool WithPersonal);

/// <summary>The file is in order and cannot be used for this all the same.</summary>
public sealed class LogTransferException(string why) : Exception(why);
