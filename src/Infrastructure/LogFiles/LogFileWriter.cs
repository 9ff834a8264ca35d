using System.Buffers;
using System.Security.Cryptography;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>Writes a log file. A chunk goes out as a whole; a file that ends within one lacks that one only.</summary>
internal sealed class LogFileWriter
{
    private readonly Stream file;
    private readonly ArrayBufferWriter<byte> chunk = new();
    private LogTally whole;
    private LogTally tally;
    private long first;

    private LogFileWriter(Stream file, LogTally tally) => (this.file, whole, this.tally) = (file, tally, tally);

    /// <summary>Begins a file.</summary>
    public static async Task<LogFileWriter> Begin(Stream file, LogHeader header, CancellationToken cancel)
    {
        var line = LogLines.Write(header);
        await file.WriteAsync(line, cancel);
        return new LogFileWriter(file, new LogTally(SHA256.HashData(line)));
    }

    /// <summary>Goes on behind the whole chunks of a file.</summary>
    public static LogFileWriter Continue(Stream file, LogTally tally) => new(file, tally);

    public async Task Add(LogEvent happened, CancellationToken cancel)
    {
        if (chunk.WrittenCount == 0)
            first = happened.Position;
        chunk.Write(LogLines.Write(happened));
        tally = tally.After(happened);
        if (tally.Events - whole.Events == LogFile.ChunkEvents || chunk.WrittenCount >= LogFile.ChunkBytes)
            await EndChunk(happened.Position, cancel);
    }

    /// <summary>Writes the manifest. The file is complete.</summary>
    public async Task<LogManifest> End(long upto, CancellationToken cancel)
    {
        if (chunk.WrittenCount > 0)
            await EndChunk(tally.Last, cancel);
        var manifest = tally.ToManifest(upto);
        await file.WriteAsync(LogLines.Write(manifest), cancel);
        await file.FlushAsync(cancel);
        return manifest;
    }

    private async Task EndChunk(long last, CancellationToken cancel)
    {
        using var sums = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sums.AppendData(whole.Digest);
        sums.AppendData(chunk.WrittenSpan);
        tally = tally with { Chunks = tally.Chunks + 1, Digest = sums.GetHashAndReset() };
        chunk.Write(LogLines.Write(new LogChunkEnd(
            tally.Chunks, (int)(tally.Events - whole.Events), first, last, Convert.ToHexStringLower(tally.Digest))));
        await file.WriteAsync(chunk.WrittenMemory, cancel);
        chunk.ResetWrittenCount();
        whole = tally;
    }
}
