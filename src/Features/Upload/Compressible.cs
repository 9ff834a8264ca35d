namespace EventFiles.Features.Upload;

/// <summary>Which contents may become smaller. Only a trial tells whether one does.</summary>
internal static class Compressible
{
    // Less is not worth a second look.
    private const int LeastBytes = 16 * 1024;

    private static readonly HashSet<string> Packed = new(StringComparer.OrdinalIgnoreCase)
    {
        "application/epub+zip", "application/gzip", "application/java-archive", "application/ogg",
        "application/vnd.android.package-archive", "application/vnd.rar", "application/x-7z-compressed", "application/x-bzip2",
        "application/x-xz", "application/zip", "application/zstd", "font/woff", "font/woff2", "image/avif", "image/gif",
        "image/heic", "image/heif", "image/jp2", "image/jpeg", "image/jxl", "image/png", "image/webp", "image/x-canon-cr3",
    };

    /// <summary>By its type and size.</summary>
    public static bool MayBe(string contentType, long sizeBytes)
    {
        var type = contentType.Split(';')[0].Trim();
        return sizeBytes >= LeastBytes && !Packed.Contains(type)
            && !type.StartsWith("video/", StringComparison.OrdinalIgnoreCase)
            && (!type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) || type.EndsWith("wav", StringComparison.OrdinalIgnoreCase))
            // Office documents are archives.
            && !type.Contains("openxmlformats", StringComparison.OrdinalIgnoreCase)
            && !type.Contains("opendocument", StringComparison.OrdinalIgnoreCase)
            && !type.Contains("macroenabled", StringComparison.OrdinalIgnoreCase);
    }
}
