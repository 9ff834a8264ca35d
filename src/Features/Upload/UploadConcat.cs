using Microsoft.Extensions.Primitives;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>What a creation's <c>Upload-Concat</c> header says.</summary>
/// <param name="IsPart">The upload's bytes become a file together with those of others.</param>
/// <param name="Parts">The tokens of the uploads whose bytes it is made of, in order; empty when it is no final one.</param>
internal sealed record UploadConcat(bool IsPart, IReadOnlyList<string> Parts)
{
    public const string Header = "Upload-Concat";
    public const string Partial = "partial";
    public const string Final = "final";

    public bool IsFinal => Parts.Count > 0;

    public static Answer<UploadConcat> Parse(StringValues header)
    {
        if (header.Count == 0)
            return new UploadConcat(false, []);
        if (header is not [{ } text])
            return No.BadConcat;
        if (text == Partial)
            return new UploadConcat(true, []);
        if (!text.StartsWith(Final + ";", StringComparison.Ordinal))
            return No.BadConcat;
        var tokens = text[(Final.Length + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(TokenIn).ToList();
        return tokens.Count > UploadOptions.MaxParts ? No.TooManyParts
            : tokens.Count == 0 || tokens.Contains(null) || tokens.Distinct().Count() < tokens.Count ? No.BadConcat
            : new UploadConcat(false, tokens!);
    }

    // Clients say URLs as they got them or as they made absolute ones of them.
    private static string? TokenIn(string url)
    {
        var path = Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https" ? absolute.AbsolutePath : url;
        var slash = path.LastIndexOf('/');
        return slash > 0 && path[..slash].EndsWith(ResumableEndpoint.Path, StringComparison.Ordinal) && slash < path.Length - 1
            ? path[(slash + 1)..]
            : null;
    }
}
