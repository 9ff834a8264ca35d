namespace EventFiles.Host.Web;

/// <summary>The web page and the API reference: static files with headers that let nothing else in.</summary>
internal static class Page
{
    private const string Policy =
        "default-src 'self'; img-src 'self' blob: data:; style-src 'self'; script-src 'self'; frame-src 'self'; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; connect-src 'self'";

    // Scalar's reference sets styles on elements; scripts stay closed there too.
    private const string ReferencePolicy =
        "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; script-src 'self'; " +
        "font-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Serves the page and its reference.</summary>
    /// <param name="store">Where the page may send the parts of files besides to this server; null for nowhere.</param>
    public static void UsePage(this WebApplication app, Uri? store)
    {
        var policy = store is null ? Policy : $"{Policy} {store.GetLeftPart(UriPartial.Authority)}";
        app.Use(Rewrite);
        app.UseStaticFiles(new StaticFileOptions { OnPrepareResponse = file => Guard(file.Context, policy) });
    }

    // Addresses that people see, to the files that serve them.
    private static Task Rewrite(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path.Value ?? "";
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Path = path switch
            {
                "/" => "/index.html",
                "/scalar" or "/scalar/" => "/reference.html",
                "/audit" or "/audit/" => "/audit.html",
                _ when path.StartsWith("/l/", StringComparison.Ordinal) => "/link.html",
                _ => context.Request.Path,
            };
        }

        return next(context);
    }

    private static void Guard(HttpContext context, string policy)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Request.Path == "/reference.html" ? ReferencePolicy : policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
    }
}
