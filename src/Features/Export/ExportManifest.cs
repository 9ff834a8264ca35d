using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EventFiles.Features.Export;

/// <summary>
/// What is in an export: <c>manifest.json</c> in the archive, and the plan by which the archive is made. Who has it verifies
/// all else without the server.
/// </summary>
/// <param name="EventFilesExport">The format's number.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Position">The events are those up to here.</param>
/// <param name="Digest">SHA-256 (hex) over a line for each entry in their order: digest, size and path with a blank between them.</param>
/// <param name="SizeBytes">Of all entries together.</param>
/// <param name="Entries">All but this one.</param>
/// <param name="Folders">As they stand in the archive, those above first.</param>
/// <param name="Withheld">Versions whose bytes are not in it.</param>
public sealed record ExportManifest(
    int EventFilesExport, ExportId Export, AccountId Account, DateTimeOffset MadeAt, long Position, string Digest, long SizeBytes,
    ImmutableArray<ExportEntry> Entries, ImmutableArray<ExportFolder> Folders, ImmutableArray<ExportWithheld> Withheld)
{
    public const int Format = 1;

    /// <summary>The document that is there only if the person is shown by a picture.</summary>
    public const string Avatar = "avatar.webp";

    /// <summary>What the archive's documents are called, in their order. The manifest is the first.</summary>
    public static readonly ImmutableArray<string> Documents = ["manifest.json", "profile.json", "events.ndjson", Avatar];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>With its digest.</summary>
    public static ExportManifest Of(
        ExportId export, AccountId account, DateTimeOffset madeAt, long position, ImmutableArray<ExportEntry> entries,
        ImmutableArray<ExportFolder> folders, ImmutableArray<ExportWithheld> withheld)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in entries)
            digest.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{entry.Sha256} {entry.Size} {entry.Path}\n")));
        return new ExportManifest(
            Format, export, account, madeAt, position, Convert.ToHexStringLower(digest.GetHashAndReset()), entries.Sum(entry => entry.Size),
            entries, folders, withheld);
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>As it was written.</summary>
    public static async ValueTask<ExportManifest> Read(Stream json, CancellationToken cancel) =>
        await JsonSerializer.DeserializeAsync<ExportManifest>(json, Json, cancel) ?? throw new JsonException("The manifest is empty.");

    /// <summary>The archive's entries, in their order.</summary>
    /// <param name="manifestBytes">How long this is as it was written.</param>
    public IReadOnlyList<ArchiveEntry> ToArchive(long manifestBytes) =>
    [
        new ArchiveEntry(Documents[0], Export.Value, 0, manifestBytes, MadeAt),
        .. Folders.Select(folder => new ArchiveEntry(folder.Path, null, 0, 0, folder.ModifiedAt)),
        .. Entries.Select(entry => new ArchiveEntry(
            entry.Path, entry.File?.Value ?? Export.Value, entry.Version ?? Documents.IndexOf(entry.Path), entry.Size, entry.ModifiedAt)),
    ];
}

/// <summary>A document or a file in an export.</summary>
/// <param name="Path">In the archive.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Sha256">Lower-case hex over its bytes.</param>
/// <param name="File">The file's id; null for a document.</param>
/// <param name="Version">Of the file; null for a document.</param>
public sealed record ExportEntry(string Path, long Size, string Sha256, DateTimeOffset ModifiedAt, FileId? File, int? Version);

/// <summary>A folder in an export.</summary>
/// <param name="Path">Ends with a slash.</param>
public sealed record ExportFolder(string Path, DateTimeOffset ModifiedAt);

/// <summary>A version whose bytes are not in the export.</summary>
/// <param name="Path">Where it would stand.</param>
/// <param name="Reason">The code of the refusal.</param>
public sealed record ExportWithheld(string Path, FileId File, int Version, string Reason);
