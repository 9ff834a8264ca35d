using System.Globalization;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using No = EventFiles.Features.Sync.SyncRejection;

namespace EventFiles.Features.Sync;

/// <summary>HTTP in, HTTP out: server-sent events, as the HTML standard has them.</summary>
public static class SyncEndpoint
{
    private const string LastEventId = "Last-Event-ID";

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/api/events/stream", Follow).WithTags("Sync").WithName("followChanges")
            .DisableHttpMetrics() // It lasts as long as somebody looks: no measure of this server.
            .WithSummary("What changes of the files that the caller may read, as it does: server-sent events")
            .WithDescription(
                "event: file has {file, status}, as getFile and getFileStatus show them; gone has {id}: it is not to be seen any "
                + "more; reset: something was not told, so read anew what is shown; heartbeat: nothing has changed for a while; "
                + "end: the sign-in has ended, and coming again with it would not help. Whoever comes again with Last-Event-ID is told what "
                + "they have missed, on any node.")
            .Takes(LastEventId, "The id of the last event that was read; absent to begin.")
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Refuses(No.TooManyStreams);

    private static async Task<IResult> Follow(
        HttpContext http, Caller caller, CallerNow again, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new FollowChanges(caller, again, After(http.Request)), cancel))
            .ToHttp<ChangeStream>(stream => new EventStream(stream));

    // Whatever is no position of ours is none: then all is read anew.
    private static long? After(HttpRequest request) =>
        long.TryParse(request.Headers[LastEventId], NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;

    private sealed class EventStream(ChangeStream stream) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            using var place = stream;
            var (response, cancel) = (httpContext.Response, httpContext.RequestAborted);
            var json = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
            response.ContentType = "text/event-stream";
            response.Headers.CacheControl = "no-store";
            response.Headers["X-Accel-Buffering"] = "no"; // nginx hands on each event as it comes.
            try
            {
                await response.WriteAsync("retry: 1000\n\n", cancel);
                await response.Body.FlushAsync(cancel);
                await foreach (var change in stream.Changes.WithCancellation(cancel))
                {
                    var id = change.Position is { } position ? string.Create(CultureInfo.InvariantCulture, $"id: {position}\n") : "";
                    await response.WriteAsync($"{id}event: {change.Kind}\ndata: {Json(change, json)}\n\n", cancel);
                    await response.Body.FlushAsync(cancel);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // Nobody reads it any more.
            }
            catch (TransientException)
            {
                // Views are away. It ends here, and whoever comes again with the last id has missed nothing.
            }
        }

        private static string Json(StreamedChange change, JsonSerializerOptions options) => change switch
        {
            StreamedChange.Of file => JsonSerializer.Serialize(file.Change, options),
            StreamedChange.Gone gone => JsonSerializer.Serialize(gone.File, options),
            _ => "{}",
        };
    }
}
