using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.LogFiles;

/// <summary>
/// The log as a file: one JSON object a line (NDJSON). A header; events in order of position, in chunks, each chunk
/// followed by a line with its checksum; password hashes, if they were asked for, in chunks too; a manifest. Every line
/// ends with a sum of its own, so that a damaged one can be named; a chunk's SHA-256 goes over the one before it and its
/// own lines, so that none can be missing or moved. It shows damage, not forgery: whoever can write the file can make sums.
/// </summary>
internal static class LogFile
{
    /// <summary>Raised when a former program could not read what a newer one writes.</summary>
    public const int Format = 1;

    /// <summary>A chunk is what is held in memory, and what an import writes at once.</summary>
    public const int ChunkLines = 1000;

    public const int ChunkBytes = 4 << 20;

    private const int SumBytes = 8;

    // ,"sum":"…"} at the end of every line, with a sum of eleven characters.
    private const int SealLength = 21;

    private static ReadOnlySpan<byte> SealStart => ",\"sum\":\""u8;

    /// <summary>The JSON object as a line, with its sum and the newline.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> json)
    {
        var open = json[..^1];
        var line = new byte[open.Length + SealLength + 1];
        open.CopyTo(line);
        Encoding.ASCII.GetBytes($",\"sum\":\"{Sum(open)}\"}}\n", line.AsSpan(open.Length));
        return line;
    }

    /// <summary>Whether a line, without its newline, is as it was written.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> line) =>
        line.Length > SealLength
        && line[^SealLength..].StartsWith(SealStart)
        && line[^2..].SequenceEqual("\"}"u8)
        && line[(line.Length - SealLength + SealStart.Length)..^2].SequenceEqual(Encoding.ASCII.GetBytes(Sum(line[..^SealLength])));

    private static string Sum(ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return Base64Url.EncodeToString(digest[..SumBytes]);
    }
}

/// <summary>How a file begins.</summary>
/// <param name="Log">Always <see cref="Ours"/>.</param>
/// <param name="Store">The id of the log's first event: files of one log have the same.</param>
/// <param name="From">The first position that may be in it; 1 for the whole log.</param>
/// <param name="Upto">The last one: the log was settled up to here, and no transaction has events on both sides.</param>
/// <param name="Private">Whether personal values and password hashes are in it, or only the commitments to the former.</param>
/// <param name="Relay">Up to where the work that follows from events was done.</param>
internal sealed record LogHeader(string Log, int Format, Guid? Store, long From, long Upto, bool Private, long Relay)
{
    public const string Ours = "eventfiles";
}

/// <summary>A password's hash; see <c>IPasswords</c>.</summary>
internal sealed record LogPassword(string Password, string Hash, DateTimeOffset ChangedAt);

/// <summary>What follows a chunk's lines.</summary>
/// <param name="Chunk">Its number, from 1.</param>
/// <param name="Lines">How many, of events or of passwords.</param>
/// <param name="Upto">The last event's position up to here; 0 when there is none.</param>
/// <param name="Sha256">Hex, over the former chunk's digest (the header line's for the first) and these lines.</param>
internal sealed record LogChunkEnd(int Chunk, int Lines, long Upto, string Sha256);

/// <summary>How a whole file ends.</summary>
/// <param name="Manifest">Always the format.</param>
/// <param name="Streams">How many streams begin in it.</param>
/// <param name="Private">How many events have their personal values with them.</param>
/// <param name="Passwords">How many password hashes it holds.</param>
/// <param name="First">The first event's position; 0 when there is none.</param>
/// <param name="Last">The last event's position; 0 when there is none.</param>
/// <param name="Upto">Complete up to this position.</param>
/// <param name="Sha256">The last chunk's digest, which goes over everything.</param>
public sealed record LogManifest(
    int Manifest, int Chunks, long Events, long Streams, long Private, long Passwords, long First, long Last, long Upto,
    string Sha256);

/// <summary>The digest so far, and what it goes over.</summary>
internal sealed record LogTally(
    byte[] Digest, int Chunks = 0, long Events = 0, long Streams = 0, long Private = 0, long Passwords = 0, long First = 0,
    long Last = 0)
{
    /// <summary>The last event's id.</summary>
    public Guid LastId { get; init; }

    public LogTally After(LogEvent happened) => this with
    {
        Events = Events + 1,
        Streams = Streams + (happened.Version == 1 ? 1 : 0),
        Private = Private + (happened.Private is null ? 0 : 1),
        First = First == 0 ? happened.Position : First,
        Last = happened.Position,
        LastId = happened.Id,
    };

    public LogTally After(ReadOnlySpan<byte> lines)
    {
        using var sums = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sums.AppendData(Digest);
        sums.AppendData(lines);
        return this with { Chunks = Chunks + 1, Digest = sums.GetHashAndReset() };
    }

    public LogChunkEnd ToChunkEnd(int lines) => new(Chunks, lines, Last, Convert.ToHexStringLower(Digest));

    public LogManifest ToManifest(long upto) => new(
        LogFile.Format, Chunks, Events, Streams, Private, Passwords, First, Last, upto, Convert.ToHexStringLower(Digest));
}

/// <summary>An event with all that stands in its row.</summary>
/// <param name="Data">The public body, JSON in UTF-8.</param>
/// <param name="Headers">JSON in UTF-8.</param>
/// <param name="Private">The private row, if there is one and it was asked for.</param>
internal sealed record LogEvent(
    long Position, Guid Id, string Stream, long Version, string Type, DateTime At, string? Tenant, string? Actor,
    string? CorrelationId, string? CausationId, byte[]? Headers, byte[] Data, byte[]? Binary, string? DotnetType,
    bool IsArchived, LogPrivate? Private);

/// <summary>A private row.</summary>
internal sealed record LogPrivate(string Tenant, byte[] Salt, byte[] Fields);
