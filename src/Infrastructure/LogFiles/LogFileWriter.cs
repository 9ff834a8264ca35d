using System.Buffers;
using System.Security.Cryptography;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>Writes a log file. A chunk goes out as a whole; a file that ends within one lacks that one only.</summary>
internal sealed class LogFileWriter
{
    private readonly Stream file;
    private readonly ArrayBufferWriter<byte> chunk = new();
    private LogTally tally;
    private int lines;

    private LogFileWriter(Stream file, LogTally tally) => (this.file, this.tally) = (file, tally);

    /// <summary>Begins a file.</summary>
    public static async Task<LogFileWriter> Begin(Stream file, LogHeader header, CancellationToken cancel)
    {
        var line = LogLines.Write(header);
        await file.WriteAsync(line, cancel);
        return new LogFileWriter(file, new LogTally(SHA256.HashData(line)));
    }

    /// <summary>Goes on behind the whole chunks of a file.</summary>
    public static LogFileWriter Continue(Stream file, LogTally tally) => new(file, tally);

    public Task Add(LogEvent happened, CancellationToken cancel)
    {
        tally = tally.After(happened);
        return Add(LogLines.Write(happened), cancel);
    }

    /// <summary>After all events.</summary>
    public async Task Add(IReadOnlyCollection<LogPassword> passwords, CancellationToken cancel)
    {
        await EndChunk(cancel);
        foreach (var password in passwords)
        {
            tally = tally with { Passwords = tally.Passwords + 1 };
            await Add(LogLines.Write(password), cancel);
        }
    }

    /// <summary>Writes the manifest. The file is complete.</summary>
    public async Task<LogManifest> End(long upto, CancellationToken cancel)
    {
        await EndChunk(cancel);
        var manifest = tally.ToManifest(upto);
        await file.WriteAsync(LogLines.Write(manifest), cancel);
        Flush();
        return manifest;
    }

    private async Task Add(byte[] line, CancellationToken cancel)
    {
        chunk.Write(line);
        lines++;
        if (lines == LogFile.ChunkLines || chunk.WrittenCount >= LogFile.ChunkBytes)
            await EndChunk(cancel);
    }

    private async Task EndChunk(CancellationToken cancel)
    {
        if (lines == 0)
            return;
        tally = tally.After(chunk.WrittenSpan);
        chunk.Write(LogLines.Write(tally.ToChunkEnd(lines)));
        await file.WriteAsync(chunk.WrittenMemory, cancel);
        // Before the next one: after a crash of the machine, too, whatever is wrong is wrong at the end.
        Flush();
        chunk.ResetWrittenCount();
        lines = 0;
    }

    private void Flush()
    {
        if (file is FileStream disk)
            disk.Flush(flushToDisk: true);
    }
}
