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

    private readonly ArrayBufferWriter<byte> lines = new();
    private List<LogEvent> events = [];
    private List<LogPassword> passwords = [];
    private long firstLine = 2;

    /// <summary>Once the first chunk was asked for; null when the file is empty.</summary>
    public LogHeader? Header { get; private set; }

    /// <summary>Once all chunks were read; null when the file ends before it.</summary>
    public LogManifest? Manifest { get; private set; }

    /// <summary>The line that was read last.</summary>
    public long Line { get; private set; }

    /// <summary>What the whole chunks that were read hold.</summary>
    public LogTally Tally { get; private set; } = new([]);

    /// <summary>Where the last whole chunk of events (or the header) ends, and what the file holds up to there.</summary>
    public (long Bytes, LogTally Tally) WholeUpto { get; private set; } = (0, new LogTally([]));

    /// <summary>The chunks that are there as a whole.</summary>
    /// <exception cref="LogFileException">Something is not as it was written.</exception>
    public async IAsyncEnumerable<LogChunk> Chunks([EnumeratorCancellation] CancellationToken cancel)
    {
        var offset = 0L;
        await foreach (var line in Lines(file, cancel))
        {
            Line++;
            offset += line.Length;
            switch (LogLines.Read(line[..^1], Line))
            {
                case LogHeader header when Line == 1:
                    Begin(header, line);
                    WholeUpto = (offset, Tally);
                    break;
                case LogEvent happened when IsOpen && passwords.Count == 0 && Tally.Passwords == 0:
                    CheckOrder(happened);
                    events.Add(happened);
                    lines.Write(line);
                    break;
                case LogPassword password when IsOpen && events.Count == 0 && Header!.Private:
                    passwords.Add(password);
                    lines.Write(line);
                    break;
                case LogChunkEnd end when IsOpen && events.Count + passwords.Count > 0:
                    yield return End(end);
                    if (Tally.Passwords == 0)
                        WholeUpto = (offset, Tally);
                    break;
                case LogManifest manifest when IsOpen && events.Count + passwords.Count == 0:
                    Manifest = manifest == Tally.ToManifest(Header!.Upto)
                        ? manifest
                        : throw Disordered("tells of other events than those that are here.");
                    break;
                default:
                    throw Disordered("does not belong here.");
            }
        }
    }

    /// <summary>
    /// Whether a chunk ends anywhere behind those that were read. If none does, what is there was never finished: a crash
    /// of the machine may leave anything in it.
    /// </summary>
    public async Task<bool> EndsAnotherChunk(CancellationToken cancel)
    {
        file.Position = WholeUpto.Bytes;
        await foreach (var line in Lines(file, cancel))
        {
            if (LogFile.IsWhole(line.AsSpan()[..^1]) && LogLines.Read(line[..^1], 0) is LogChunkEnd or LogManifest)
                return true;
        }

        return false;
    }

    private bool IsOpen => Header is not null && Manifest is null;

    private void Begin(LogHeader header, byte[] line)
    {
        if (header.Log != LogHeader.Ours || header.Format != LogFile.Format)
        {
            throw new LogFileException(
                LogFileException.OtherFormat, Line,
                FormattableString.Invariant($"tells of the format {header.Log} {header.Format}; this program knows {LogHeader.Ours} {LogFile.Format}."));
        }

        Header = header;
        Tally = new LogTally(SHA256.HashData(line));
    }

    private void CheckOrder(LogEvent happened)
    {
        var last = events.Count > 0 ? events[^1].Position : Tally.Last;
        if (happened.Position <= last || happened.Position < Header!.From || happened.Position > Header.Upto)
            throw Disordered(FormattableString.Invariant($"has position {happened.Position}, which is out of order."));
    }

    private LogChunk End(LogChunkEnd end)
    {
        var count = events.Count + passwords.Count;
        var after = events.Aggregate(Tally, (tally, happened) => tally.After(happened)).After(lines.WrittenSpan) with
        {
            Passwords = Tally.Passwords + passwords.Count,
        };
        if (end != after.ToChunkEnd(count))
        {
            throw Disordered(FormattableString.Invariant(
                $"has another checksum than lines {firstLine} to {Line - 1}: lines are missing, added or moved."));
        }

        var chunk = new LogChunk(after, firstLine, events, passwords);
        (Tally, events, passwords, firstLine) = (after, [], [], Line + 1);
        lines.ResetWrittenCount();
        return chunk;
    }

    private LogFileException Disordered(string why) => new(LogFileException.Disordered, Line, why);

    // With its newline; a last line without one was cut and is left out.
    private async IAsyncEnumerable<byte[]> Lines(Stream from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var pipe = PipeReader.Create(from, new StreamPipeReaderOptions(bufferSize: 1 << 16, leaveOpen: true));
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
                throw new LogFileException(LogFileException.OtherFormat, Line + 1, "is too long for a line of a log.");
            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                break;
        }

        await pipe.CompleteAsync();
    }
}

/// <summary>A chunk that is as it was written: of events or of passwords.</summary>
/// <param name="After">What the file holds up to its end.</param>
/// <param name="FirstLine">The line of its first event.</param>
internal sealed record LogChunk(
    LogTally After, long FirstLine, IReadOnlyList<LogEvent> Events, IReadOnlyList<LogPassword> Passwords);
