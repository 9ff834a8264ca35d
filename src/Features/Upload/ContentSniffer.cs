using System.Buffers.Binary;
using System.Collections.Frozen;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace EventFiles.Features.Upload;

/// <summary>
/// Finds a file's media type. The bytes decide where they tell; else what the client declared; else the name's extension.
/// </summary>
public static class ContentSniffer
{
    /// <summary>What is said of bytes of which nothing is known.</summary>
    public const string Unknown = "application/octet-stream";

    private const string Zip = "application/zip";
    private const string Ole = "application/x-ole-storage";
    private const string Pdf = "application/pdf";

    private static readonly FileExtensionContentTypeProvider Extensions = new()
    {
        Mappings =
        {
            [".avif"] = "image/avif",
            [".epub"] = "application/epub+zip",
            [".heic"] = "image/heic",
            [".heif"] = "image/heif",
            [".jxl"] = "image/jxl",
            [".md"] = "text/markdown",
            [".mkv"] = "video/x-matroska",
            [".odg"] = "application/vnd.oasis.opendocument.graphics",
            [".odp"] = "application/vnd.oasis.opendocument.presentation",
            [".ods"] = "application/vnd.oasis.opendocument.spreadsheet",
            [".odt"] = "application/vnd.oasis.opendocument.text",
        },
    };

    // Signatures at the beginning, the longer before the shorter where one begins like another.
    private static readonly (byte[] Signature, string Type)[] Beginnings =
    [
        ([0xFF, 0xD8, 0xFF], "image/jpeg"),
        ([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A], "image/png"),
        ([.. "GIF87a"u8], "image/gif"),
        ([.. "GIF89a"u8], "image/gif"),
        ([.. "II*"u8, 0], "image/tiff"),
        ([.. "MM"u8, 0, (byte)'*'], "image/tiff"),
        ([0, 0, 0, 0x0C, .. "jP  "u8, 0x0D, 0x0A, 0x87, 0x0A], "image/jp2"),
        ([0, 0, 0, 0x0C, .. "JXL "u8, 0x0D, 0x0A, 0x87, 0x0A], "image/jxl"),
        ([.. "8BPS"u8, 0, 1], "image/vnd.adobe.photoshop"),
        ([0, 0, 1, 0], "image/vnd.microsoft.icon"),
        ([.. "%PDF-"u8], Pdf),
        ([.. "%!PS-Adobe"u8], "application/postscript"),
        ([.. "{\\rtf"u8], "application/rtf"),
        ([.. "PK"u8, 3, 4], Zip),
        ([.. "PK"u8, 5, 6], Zip),
        ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], Ole),
        ([0x1F, 0x8B, 8], "application/gzip"),
        ([.. "BZh"u8], "application/x-bzip2"),
        ([0xFD, .. "7zXZ"u8, 0], "application/x-xz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "application/zstd"),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], "application/x-7z-compressed"),
        ([.. "Rar!"u8, 0x1A, 7], "application/vnd.rar"),
        ([.. "ID3"u8], "audio/mpeg"),
        ([0xFF, 0xFB], "audio/mpeg"),
        ([0xFF, 0xF3], "audio/mpeg"),
        ([0xFF, 0xF2], "audio/mpeg"),
        ([.. "fLaC"u8], "audio/flac"),
        ([.. "OggS"u8, 0], "application/ogg"),
        ([.. "FLV"u8, 1], "video/x-flv"),
        ([0, 0, 1, 0xBA], "video/mpeg"),
        ([0, 0, 1, 0xB3], "video/mpeg"),
        ([0x7F, .. "ELF"u8], "application/x-executable"),
        ([.. "SQLite format 3"u8, 0], "application/vnd.sqlite3"),
        ([0, .. "asm"u8, 1, 0, 0, 0], "application/wasm"),
        ([.. "wOFF"u8], "font/woff"),
        ([.. "wOF2"u8], "font/woff2"),
    ];

    // What office programs write are archives: the bytes tell the archive, the extension or the client what it is for.
    private static readonly FrozenSet<string> Zipped = FrozenSet.Create(
        StringComparer.Ordinal,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "application/vnd.openxmlformats-officedocument.presentationml.template",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.graphics",
        "application/vnd.ms-excel.sheet.macroenabled.12",
        "application/vnd.ms-word.document.macroenabled.12",
        "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        "application/epub+zip",
        "application/java-archive",
        "application/vnd.android.package-archive");

    private static readonly FrozenSet<string> InOle = FrozenSet.Create(
        StringComparer.Ordinal,
        "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook",
        "application/vnd.visio", "application/x-msi");

    /// <summary>The media type of a file, in lower case, without parameters.</summary>
    /// <param name="head">Its first bytes: 512 suffice for most types, 4096 for all.</param>
    /// <param name="declared">What the client said, if anything; nonsense counts as nothing.</param>
    /// <param name="name">Its name, for the extension.</param>
    public static string TypeOf(ReadOnlySpan<byte> head, string? declared, string name)
    {
        var said = Declared(declared);
        var byName = ByExtension(name);
        return (Found(head), said) switch
        {
            ({ } found, not null) when IsRendered(said) && !IsRendered(found) => said, // so that its processing fails visibly
            (Zip, _) => OfKind(Zipped, said, byName) ?? ByMimetypeEntry(head) ?? Zip,
            (Ole, _) => OfKind(InOle, said, byName) ?? Ole,
            ("application/ogg", _) => OfMedia(said) ?? OfMedia(byName) ?? "application/ogg",
            ({ } found, _) => found,
            (null, not null) => said,
            _ => byName ?? Unknown,
        };
    }

    // A declared type is free text that ends up in the public log: only types that the world knows are taken.
    private static readonly FrozenSet<string> Known = Extensions.Mappings.Values
        .Select(type => type.ToLowerInvariant()).Concat(Zipped).Concat(InOle).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>A declared type in lower case without parameters; null when there is none, or none that is known.</summary>
    public static string? Declared(string? declared) =>
        declared is { Length: <= 200 } && MediaTypeHeaderValue.TryParse(declared, out var type)
        && type.MediaType.Value is { Length: <= 127 } media && !media.Contains('*', StringComparison.Ordinal)
        && !media.Equals(Unknown, StringComparison.OrdinalIgnoreCase)
        && Known.Contains(media.ToLowerInvariant())
            ? media.ToLowerInvariant()
            : null;

    private static bool IsRendered(string type) => type == Pdf || type.StartsWith("image/", StringComparison.Ordinal);

    private static string? OfKind(FrozenSet<string> kind, string? said, string? byName) =>
        said is not null && kind.Contains(said) ? said : byName is not null && kind.Contains(byName) ? byName : null;

    private static string? OfMedia(string? type) =>
        type is "audio/ogg" or "video/ogg" or "audio/opus" ? type : null;

    private static string? ByExtension(string name) =>
        Extensions.TryGetContentType(name, out var type) ? Declared(type) : null;

    private static string? Found(ReadOnlySpan<byte> head)
    {
        foreach (var (signature, type) in Beginnings)
        {
            if (head.StartsWith(signature))
                return type;
        }

        return InRiff(head) ?? InIsoMedia(head) ?? InMatroska(head) ?? Bitmap(head) ?? Portable(head) ?? Tar(head);
    }

    private static string? InRiff(ReadOnlySpan<byte> head) =>
        head.Length < 12 || !head.StartsWith("RIFF"u8) ? null
        : head[8..].StartsWith("WEBP"u8) ? "image/webp"
        : head[8..].StartsWith("WAVE"u8) ? "audio/wav"
        : head[8..].StartsWith("AVI "u8) ? "video/x-msvideo"
        : null;

    // The major brand says what the file is, unless it only says "a picture": then the compatible brands do.
    private static string? InIsoMedia(ReadOnlySpan<byte> head)
    {
        if (head.Length < 12 || !head[4..].StartsWith("ftyp"u8))
            return null;
        var end = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(head), (uint)head.Length);
        var major = Brand(head[8..12]);
        if (major is not "image/heif")
            return major ?? "video/mp4";
        for (var at = 16; at + 4 <= end; at += 4)
        {
            if (Brand(head.Slice(at, 4)) is ("image/avif" or "image/heic") and var picture)
                return picture;
        }

        return major;
    }

    private static string? Brand(ReadOnlySpan<byte> brand) => System.Text.Encoding.Latin1.GetString(brand) switch
    {
        "avif" or "avis" => "image/avif",
        "heic" or "heix" or "heim" or "heis" or "hevc" or "hevx" => "image/heic",
        "mif1" or "msf1" => "image/heif",
        "qt  " => "video/quicktime",
        "M4A " or "M4B " => "audio/mp4",
        "crx " => "image/x-canon-cr3",
        ['3', 'g', _, _] => "video/3gpp",
        _ => null,
    };

    private static string? InMatroska(ReadOnlySpan<byte> head) =>
        !head.StartsWith((ReadOnlySpan<byte>)[0x1A, 0x45, 0xDF, 0xA3]) ? null
        : head[..Math.Min(head.Length, 64)].IndexOf("webm"u8) >= 0 ? "video/webm"
        : "video/x-matroska";

    // Two letters alone would make pictures of many texts: the header's reserved field and size must fit as well.
    private static string? Bitmap(ReadOnlySpan<byte> head) =>
        head.Length >= 18 && head.StartsWith("BM"u8) && BinaryPrimitives.ReadUInt32LittleEndian(head[6..]) == 0
        && BinaryPrimitives.ReadUInt32LittleEndian(head[14..]) is 12 or 40 or 52 or 56 or 64 or 108 or 124
            ? "image/bmp"
            : null;

    private static string? Portable(ReadOnlySpan<byte> head)
    {
        if (head.Length < 64 || !head.StartsWith("MZ"u8))
            return null;
        var at = BinaryPrimitives.ReadUInt32LittleEndian(head[60..]);
        return at <= head.Length - 4 && head[(int)at..].StartsWith("PE\0\0"u8)
            ? "application/vnd.microsoft.portable-executable"
            : null;
    }

    private static string? Tar(ReadOnlySpan<byte> head) =>
        head.Length >= 262 && head[257..].StartsWith("ustar"u8) ? "application/x-tar" : null;

    // OpenDocument and EPUB archives begin with an uncompressed entry "mimetype" that holds the type.
    private static string? ByMimetypeEntry(ReadOnlySpan<byte> head)
    {
        if (head.Length < 38 || !head[30..].StartsWith("mimetype"u8))
            return null;
        var length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(head[18..]), (uint)(head.Length - 38));
        var type = System.Text.Encoding.Latin1.GetString(head.Slice(38, length)).Trim();
        return Zipped.Contains(type) ? type : null;
    }
}
