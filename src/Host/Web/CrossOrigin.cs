namespace EventFiles.Host.Web;

/// <summary>
/// Pages of other origins that may use the API, with tokens of their own: cookies never count for them. Nobody may when no
/// origin is named.
/// </summary>
internal static class CrossOrigin
{
    // What a script may read of a reply besides its body: that of the resumable uploads, and what tells one reply from another.
    private static readonly string[] Readable =
    [
        "Location", "ETag", "Content-Range", "Content-Disposition", "Accept-Ranges", "Retry-After", "RateLimit-Limit",
        "RateLimit-Remaining", "RateLimit-Reset", "WWW-Authenticate", "Accept-Patch",
        "Repr-Digest", "Event-Position", "File-Id", "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size",
        "Tus-Checksum-Algorithm", "Upload-Offset", "Upload-Length", "Upload-Defer-Length", "Upload-Metadata", "Upload-Concat",
        "Upload-Expires", "Upload-Complete", "Upload-Incomplete", "Upload-Limit", "Upload-Draft-Interop-Version",
    ];

    private static readonly TimeSpan Remembered = TimeSpan.FromHours(2);

    /// <summary>Lets pages of these origins in.</summary>
    /// <param name="origins">Of pages; a star alone for all.</param>
    public static void UseCrossOrigin(this WebApplication app, IReadOnlyList<string> origins)
    {
        if (origins.Count == 0)
            return;
        app.UseCors(policy => policy.WithOrigins([.. origins]).AllowAnyMethod().AllowAnyHeader()
            .WithExposedHeaders(Readable).SetPreflightMaxAge(Remembered));
    }
}
