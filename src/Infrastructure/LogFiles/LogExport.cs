using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>Writes the log of a database as a file, up to where it is settled when the export begins.</summary>
public sealed class LogExport : IAsyncDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);

    private readonly EventPool pool;
    private readonly LogRows rows;

    /// <summary>An export of the log in that database.</summary>
    /// <param name="connectionString">Of a role that may read the log; for private values, what stands beside it too.</param>
    /// <param name="keys">What opens private values; none for a file without them.</param>
    public LogExport(string connectionString, PrivateKeys? keys = null)
    {
        pool = new EventPool(connectionString);
        rows = new LogRows(pool, keys ?? PrivateKeys.None);
    }

    /// <summary>
    /// Writes it to a file, or goes on with one that was interrupted: what is there is verified first, and what follows the
    /// last whole chunk is cut off. A complete file is left as it is.
    /// </summary>
    /// <param name="progress">Told the position reached and the last one.</param>
    /// <exception cref="LogFileException">The file is not as it was written. It was left so.</exception>
    /// <exception cref="LogTransferException">It is another log's, or was asked for otherwise, or for more than there is.</exception>
    public async Task<LogManifest> Write(string path, ExportOrder order, Action<long, long>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(order);
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = System.IO.FileAccess.ReadWrite,
            Share = FileShare.Read,
            // It may hold names, addresses and hashes of passwords.
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        var there = await Verified(file, progress, cancel);
        if (there.Header is { } begun)
            await CheckIsSame(begun, there.WholeUpto.Tally, order, cancel);
        if (there.Manifest is { } complete)
            return complete;

        // It may have been there before, and empty.
        File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var (whole, tally) = there.WholeUpto;
        file.SetLength(whole);
        file.Position = whole;
        if (there.Header is { } header)
            return await Write(LogFileWriter.Continue(file, tally), header, tally.Last, progress, cancel);
        header = await Header(order, cancel);
        return await Write(await LogFileWriter.Begin(file, header, cancel), header, 0, progress, cancel);
    }

    public ValueTask DisposeAsync() => pool.DisposeAsync();

    private static async Task<LogFileReader> Verified(FileStream file, Action<long, long>? progress, CancellationToken cancel)
    {
        var there = new LogFileReader(file);
        try
        {
            await foreach (var chunk in there.Chunks(cancel))
                progress?.Invoke(chunk.After.Last, there.Header!.Upto);
        }
        catch (LogFileException) when (there.Header is not null)
        {
            if (await there.EndsAnotherChunk(cancel))
                throw;
        }

        return there;
    }

    private async Task<LogManifest> Write(
        LogFileWriter file, LogHeader header, long after, Action<long, long>? progress, CancellationToken cancel)
    {
        var told = after;
        await foreach (var happened in rows.Events(Math.Max(after, header.From - 1), header.Upto, header.Private, cancel))
        {
            await file.Add(happened, cancel);
            if (happened.Position - told < LogFile.ChunkLines)
                continue;
            told = happened.Position;
            progress?.Invoke(told, header.Upto);
        }

        if (header.Private)
            await file.Add(await rows.Passwords(cancel), cancel);
        progress?.Invoke(header.Upto, header.Upto);
        return await file.End(header.Upto, cancel);
    }

    private async Task<LogHeader> Header(ExportOrder order, CancellationToken cancel)
    {
        var (first, _, relay, upto) = await Stands(order.Upto, cancel);
        return new LogHeader(LogHeader.Ours, LogFile.Format, first, order.From, upto, order.WithPrivate, Math.Min(relay, upto));
    }

    private async Task CheckIsSame(LogHeader begun, LogTally there, ExportOrder order, CancellationToken cancel)
    {
        var (first, last, _, upto) = await Stands(order.Upto, cancel);
        if (begun.From != order.From || begun.Private != order.WithPrivate || (order.Upto is not null && begun.Upto != upto))
        {
            throw new LogTransferException(LogTransferException.OtherOrder, FormattableString.Invariant(
                $"The file was begun from position {begun.From} to {begun.Upto} {(begun.Private ? "with" : "without")} private values. Ask for the same, or name another file."));
        }

        if (begun.Store != first || begun.Upto > last || (there.Last > 0 && await rows.IdAt(there.Last, cancel) != there.LastId))
            throw new LogTransferException(LogTransferException.OtherLog, "The file was begun on another log. Name another file.");
    }

    // What is settled, and not only what is there: an event that is missing now might still come.
    private async Task<(Guid? First, long Last, long Relay, long Upto)> Stands(long? upto, CancellationToken cancel)
    {
        var (first, last, relay) = await rows.Ends(cancel);
        if (upto > last)
        {
            throw new LogTransferException(
                LogTransferException.BeyondTheEnd, FormattableString.Invariant($"The log ends at position {last}."));
        }

        var log = new SettledLog(pool);
        while (log.Settled < last)
        {
            if (!await log.Advance(cancel))
                await Task.Delay(BetweenLooks, cancel);
        }

        return (first, last, relay, await new LogCut(pool).AtOrBefore(upto ?? last, cancel));
    }
}

/// <summary>What to export.</summary>
/// <param name="From">The first position, from 1. Only a file from 1 on can be imported.</param>
/// <param name="Upto">
/// The last one, or the last before it that parts no transaction; null for all that is settled when the export begins.
/// </param>
/// <param name="WithPrivate">With names, addresses and whatever else is personal, and password hashes; else with commitments only.</param>
public sealed record ExportOrder(long From, long? Upto, bool WithPrivate);
