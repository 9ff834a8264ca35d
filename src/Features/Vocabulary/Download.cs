using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EventFiles.Features.Vocabulary;

/// <summary>Serves stored bytes: ranges, conditions, and headers that keep a hostile file inert in a browser.</summary>
public static class Download
{
    /// <summary>Carries the digest of the whole, also with a part of it and with HEAD.</summary>
    public const string DigestHeader = "Repr-Digest";

    /// <summary>The bytes as an HTTP reply.</summary>
    /// <param name="content">Seekable; disposed of by the reply.</param>
    /// <param name="etag">Without quotes; the content's own, so that it never changes for the same bytes.</param>
    /// <param name="sha256">Lower-case hex over all of the bytes, for <c>Repr-Digest</c>; null where it is not known.</param>
    /// <param name="name">The file name that a browser saves under.</param>
    /// <param name="inline">May be shown in the page; only ever done for types that carry no script.</param>
    public static IResult Of(
        Stream content, string contentType, string etag, string? sha256, string name, DateTimeOffset modifiedAt, bool inline) =>
        new Guarded(
            TypedResults.Stream(
                content, contentType, fileDownloadName: null, modifiedAt,
                new EntityTagHeaderValue($"\"{etag}\""), enableRangeProcessing: true),
            name,
            sha256,
            inline && IsHarmless(contentType));

    private static IResult OutOfRange { get; } = TypedResults.Problem(
        statusCode: StatusCodes.Status416RangeNotSatisfiable, type: Http.ProblemPrefix + "status-416",
        detail: "The content ends before the range begins; Content-Range says how long it is.");

    // A type that a browser runs nothing of. SVG and HTML are not among them.
    private static bool IsHarmless(string contentType) => contentType is
        "image/jpeg" or "image/png" or "image/gif" or "image/webp" or "image/avif" or "application/pdf" or "text/plain" or "text/plain; charset=utf-8"
        || contentType.StartsWith("audio/", StringComparison.Ordinal)
        || contentType.StartsWith("video/", StringComparison.Ordinal);

    private sealed class Guarded(IResult inner, string name, string? sha256, bool inline) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var headers = httpContext.Response.Headers;
            var disposition = new ContentDispositionHeaderValue(inline ? "inline" : "attachment");
            disposition.SetHttpFileName(name);
            headers.ContentDisposition = disposition.ToString();
            headers.XContentTypeOptions = "nosniff";
            headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'";
            headers.CacheControl = "private, no-cache";
            // RFC 9530: of the whole representation, whatever range is sent.
            if (sha256 is not null)
                headers[DigestHeader] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(sha256))}:";
            await inner.ExecuteAsync(httpContext);
            if (httpContext.Response is not { StatusCode: StatusCodes.Status416RangeNotSatisfiable, HasStarted: false })
                return;
            headers.Remove(DigestHeader);
            // The reply was to have no body, and said so.
            httpContext.Response.ContentLength = null;
            await OutOfRange.ExecuteAsync(httpContext);
        }
    }
}
