using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>Reads a log file chunk by chunk and checks everything that can be checked; holds one chunk in memory.</summary>
internal sealed class LogFileReader(Stream file)
{
    // An event is some kilobytes; a file of ours without line ends is none of ours.
    private const int LongestLine = 64 << 20;

    /// <summary>Once the first chunk was asked for; null when the file is empty.</summary>
    public LogHeader? Header { get; private set; }

    /// <summary>Once all chunks were read; null when the file ends before it.</summary>
    public LogManifest? Manifest { get; private set; }

    /// <summary>The line that was read last.</summary>
    public long Line { get; private set; }

    /// <summary>What the whole chunks that were read hold.</summary>
    public LogTally Tally { get; private set; } = new([]);

    /// <summary>Where the last whole chunk (or the header) ends: what follows in a file that was cut can be cut away.</summary>
    public long WholeUpto { get; private set; }

    /// <summary>The chunks that are there as a whole.</summary>
    /// <exception cref="LogFileException">Something is not as it was written.</exception>
    public async IAsyncEnumerable<LogChunk> Chunks([EnumeratorCancellation] CancellationToken cancel)
    {
        var (events, firstLine, offset) = (new List<LogEvent>(), 2L, 0L);
        var lines = new List<byte[]>();
        await foreach (var line in Lines(cancel))
        {
            Line++;
            offset += line.Length;
            if (Manifest is not null)
                throw new LogFileException(Line, "stands after the manifest.");
            var said = LogLines.Read(line[..^1], Line);
            switch (said)
            {
                case LogHeader header when Line == 1:
                    Begin(header, line);
                    break;
                case LogEvent happened when Header is not null:
                    CheckOrder(happened, events);
                    events.Add(happened);
                    lines.Add(line);
                    continue;
                case LogChunkEnd end when Header is not null:
                    yield return new LogChunk(End(end, events, lines), firstLine, events);
                    (events, lines, firstLine) = ([], [], Line + 1);
                    break;
                case LogManifest manifest when Header is not null && events.Count == 0:
                    Manifest = manifest == Tally.ToManifest(Header.Upto)
                        ? manifest
                        : throw new LogFileException(Line, "the manifest tells of other events than those that are here.");
                    break;
                default:
                    throw new LogFileException(Line, "does not belong here.");
            }

            WholeUpto = offset;
        }
    }

    private void Begin(LogHeader header, byte[] line)
    {
        if (header.Format != LogFile.Format)
            throw new LogFileException(Line, FormattableString.Invariant($"is of format {header.Format}; this program knows format {LogFile.Format}."));
        Header = header;
        Tally = new LogTally(SHA256.HashData(line));
    }

    private void CheckOrder(LogEvent happened, List<LogEvent> before)
    {
        var last = before.Count > 0 ? before[^1].Position : Tally.Last;
        if (happened.Position <= last || happened.Position < Header!.From || happened.Position > Header.Upto)
            throw new LogFileException(Line, FormattableString.Invariant($"position {happened.Position} is out of order."));
    }

    private LogTally End(LogChunkEnd end, List<LogEvent> events, List<byte[]> lines)
    {
        using var sums = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sums.AppendData(Tally.Digest);
        foreach (var line in lines)
            sums.AppendData(line);
        var digest = sums.GetHashAndReset();
        var isRight = events.Count > 0 && end == new LogChunkEnd(
            Tally.Chunks + 1, events.Count, events[0].Position, events[^1].Position, Convert.ToHexStringLower(digest));
        if (!isRight)
        {
            throw new LogFileException(
                Line, FormattableString.Invariant($"the checksum of lines {Line - events.Count} to {Line - 1} is another: lines are missing, added or moved."));
        }

        return Tally = events.Aggregate(Tally, (tally, happened) => tally.After(happened)) with
        {
            Chunks = end.Chunk,
            Digest = digest,
        };
    }

    // With its newline; a last line without one was cut and is left out.
    private async IAsyncEnumerable<byte[]> Lines([EnumeratorCancellation] CancellationToken cancel)
    {
        var pipe = PipeReader.Create(file, new StreamPipeReaderOptions(bufferSize: 1 << 16, leaveOpen: true));
        while (true)
        {
            var read = await pipe.ReadAsync(cancel);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } newline)
            {
                var next = buffer.GetPosition(1, newline);
                yield return buffer.Slice(0, next).ToArray();
                buffer = buffer.Slice(next);
            }

            if (buffer.Length > LongestLine)
                throw new LogFileException(Line + 1, "is too long for a line of a log.");
            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                break;
        }

        await pipe.CompleteAsync();
    }
}

/// <summary>A chunk that is as it was written.</summary>
/// <param name="After">What the file holds up to its end.</param>
/// <param name="FirstLine">The line of its first event.</param>
internal sealed record LogChunk(LogTally After, long FirstLine, IReadOnlyList<LogEvent> Events);
