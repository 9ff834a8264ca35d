using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace EventFiles.Features.Upload;

/// <summary>What a resumable upload's <c>Upload-Metadata</c> header says.</summary>
/// <param name="Name">From <c>filename</c>; null when absent.</param>
/// <param name="Type">From <c>filetype</c>; null when absent.</param>
/// <param name="Placement">From <c>folderId</c> (absent is the root), <c>onConflict</c> (rename) and <c>fileId</c>.</param>
internal sealed record TusMetadata(string? Name, string? Type, Placement Placement)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the header. Keys that mean nothing here are checked and left out.</summary>
    public static Answer<TusMetadata> Parse(string? header)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (pair.Length == 0 && string.IsNullOrWhiteSpace(header))
                break;
            var space = pair.IndexOf(' ', StringComparison.Ordinal);
            var (key, encoded) = space < 0 ? (pair, "") : (pair[..space], pair[(space + 1)..]);
            if (!IsKey(key) || !TryDecode(encoded, out var value) || !values.TryAdd(key, value))
                return UploadRejection.BadMetadata;
        }

        return Placement.Parse(
            values.GetValueOrDefault("folderId"), values.GetValueOrDefault("onConflict"), values.GetValueOrDefault("fileId")) switch
        {
            Answer<Placement>.Yes(var place, _) => new TusMetadata(
                values.GetValueOrDefault("filename"), values.GetValueOrDefault("filetype"), place),
            var no => no.Refusal!,
        };
    }

    /// <summary>The header that says this of an upload.</summary>
    public static string Format(string name, string type) =>
        $"filename {Convert.ToBase64String(Encoding.UTF8.GetBytes(name))},filetype {Convert.ToBase64String(Encoding.UTF8.GetBytes(type))}";

    private static bool IsKey(string key) => key.Length > 0 && key.All(letter => letter is > ' ' and < '\x7F');

    private static bool TryDecode(string encoded, [NotNullWhen(true)] out string? value)
    {
        var bytes = new byte[encoded.Length];
        value = null;
        if (!Convert.TryFromBase64String(encoded, bytes, out var length))
            return false;
        try
        {
            value = Strict.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
