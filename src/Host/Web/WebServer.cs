using System.Text.Json.Serialization;
using EventFiles.Features.Accounts;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure;
using EventFiles.Infrastructure.Clocks;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Security;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace EventFiles.Host.Web;

/// <summary>Puts the product behind HTTP: routes, API document, page, problems, health.</summary>
internal static class WebServer
{
    /// <summary>How long a stop waits for requests and work that run; what runs longer is cut off.</summary>
    public static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(35);

    // No less than the longest headers.
    private const int RequestBufferBytes = 64 * 1024;

    public static WebApplication Build(Product product, Node node)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot"),
        });
        builder.WebHost.UseUrls(node.Settings.Urls);
        var leaving = new Leaving();
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.CreateBoundListenSocket = leaving.Open;
            // What waits in front of a slow disk waits at the clients: of a thousand of them Kestrel would keep a mebibyte each.
            sockets.MaxReadBufferSize = RequestBufferBytes;
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // The same for what comes encrypted.
            kestrel.Limits.MaxRequestBufferSize = RequestBufferBytes;
            kestrel.ConfigureEndpointDefaults(leaving.Watch);
        });
        builder.Services.AddSingleton(leaving);
        builder.Services.AddSingleton<BodyTurns>();
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = node.Settings.Others });
        Logs.Configure(builder.Logging, node.Settings.LogLevel);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopWithin);
        builder.Services.Configure<JsonOptions>(Json);
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddNodeTime();
        builder.Services.AddSingleton(product.Slices);
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(node.Database));
        builder.Services.AddSingleton<Reachability>();
        builder.Services.AddCors();
        builder.Services.AddApiDocument();
        builder.Services.AddMetricsPage();
        builder.Services.AddPresence(node.Database, node.Settings.IsAlone, node.Settings.Role);
        foreach (var slice in product.Slices.All)
            slice.Register(builder.Services);
        product.Adapters.AddAll(builder.Services, node);
        builder.Services.KeepPartsOf(node.Settings.Role);

        var app = builder.Build();
        var isApi = node.Settings.Role.HasFlag(Role.Api);
        app.Use(leaving.Admit);
        app.UseProxies(node.Settings.TrustedProxies);
        app.Use(SafeHeaders);
        app.UseProblems();
        if (isApi)
            app.UsePage(node.Settings.S3 is { DirectUploads: true } s3 ? s3.PublicEndpoint ?? s3.Endpoint : null);
        app.UseRouting();
        if (isApi)
            app.UseCrossOrigin(node.Settings.CrossOrigins);
        app.Use(UnknownAddress);
        app.UseAuthentication();
        // Also whoever is not let in is counted.
        app.UseRequestLimits(node.Settings.Limits);
        app.UseAuthorization();
        app.Use(ByTheApi);
        app.UseScopes();
        app.Use(PreferHeader);
        app.Use(IdempotencyKeyHeader);
        app.Use(Charset);
        // Last, so that nobody stands in line to be refused by what was before.
        app.Use(app.Services.GetRequiredService<BodyTurns>().Share);
        app.MapHealth();
        app.MapMetrics();
        if (!isApi)
            return app;
        app.MapApiDocument();
        SecurityEndpoints.Map(app);
        foreach (var slice in product.Slices.All)
            slice.Map(app);
        return app;
    }

    /// <summary>
    /// Completes when the read models have reached the log, or cannot because keys are lost: then whoever asks is to be told
    /// so, and not to find nobody there.
    /// </summary>
    public static async Task UntilReady(IServiceProvider services, CancellationToken cancel)
    {
        var position = services.GetRequiredService<IReadPosition>();
        var keys = services.GetRequiredService<IKeyLoss>();
        while (!position.IsCaughtUp && !keys.IsKnown)
            await Task.Delay(20, cancel);
    }

    private static void Json(JsonOptions json)
    {
        // Numbers are numbers: otherwise every integer in a generated client is "number or string".
        json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        json.SerializerOptions.RespectNullableAnnotations = true;
        json.SerializerOptions.RespectRequiredConstructorParameters = true;
        json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(System.Text.Json.JsonNamingPolicy.CamelCase, allowIntegerValues: false));
    }

    // Nothing is taken for another type than it says, and whoever came by TLS comes so again. Set when the answer begins:
    // what fails half-way loses the headers that it had.
    private static Task SafeHeaders(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            if (context.Request.IsHttps)
                context.Response.Headers.StrictTransportSecurity = "max-age=31536000";
            return Task.CompletedTask;
        });
        return next(context);
    }

    // Before anybody is asked to sign in: signing in would not help.
    private static Task UnknownAddress(HttpContext context, RequestDelegate next) =>
        context.GetEndpoint() is null ? Problems.NoSuchPath.ToProblem().ExecuteAsync(context) : next(context);

    // RFC 8259: JSON is UTF-8. What names another charset is refused before anybody tries to decode it.
    private static Task Charset(HttpContext context, RequestDelegate next) =>
        context.Request.HasJsonContentType()
        && MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
        && type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? Problems.Unsupported.ToProblem().ExecuteAsync(context)
            : next(context);

    private static Task ByTheApi(HttpContext context, RequestDelegate next)
    {
        var method = context.Request.Method;
        Origin.Current = Origin.Current with
        {
            Via = "api",
            Address = SessionEndpoint.From(context).Address,
            IsQuestion = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method),
        };
        return next(context);
    }

    private static Task IdempotencyKeyHeader(HttpContext context, RequestDelegate next) =>
        context.GetEndpoint()?.Metadata.GetMetadata<IdempotencyMetadata>() is { WhyNot: null }
        && context.Request.Headers[IdempotencyKey.Header] is { Count: > 0 } sent && !IdempotencyKey.Receive(sent)
            ? IdempotencyRejection.Malformed.ToProblem().ExecuteAsync(context)
            : next(context);

    // RFC 7240: a client that says so gets its answer without waiting until every reader sees the change, or waits for it
    // as long as it says. Without waiting for uploads only: what takes a right away must be seen by the next request,
    // whatever the client prefers.
    private static Task PreferHeader(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (NameValueHeaderValue.TryParseList(request.Headers["Prefer"], out var preferences))
        {
            foreach (var preference in preferences)
            {
                if (preference.Name.Equals("respond-async", StringComparison.OrdinalIgnoreCase))
                    ReadYourWrites.Skip = request.Path.StartsWithSegments("/api/upload", StringComparison.OrdinalIgnoreCase);
                else if (preference.Name.Equals("wait", StringComparison.OrdinalIgnoreCase)
                    && HeaderUtilities.TryParseNonNegativeInt32(preference.Value, out var seconds))
                    ReadYourWrites.AtMost = TimeSpan.FromSeconds(seconds);
            }
        }

        return next(context);
    }
}
