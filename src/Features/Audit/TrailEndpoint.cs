using System.ComponentModel;
using System.Text;
using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Audit.AuditRejection;

namespace EventFiles.Features.Audit;

/// <summary>HTTP in, HTTP out.</summary>
public static class TrailEndpoint
{
    /// <summary>Which events; what is left out does not matter.</summary>
    public sealed record Filter
    {
        /// <summary>A stream's name, or what the names of several begin with up to a dash.</summary>
        public string? Stream { get; init; }

        /// <summary>A file's id: what happened to it, and what was refused about it.</summary>
        public Guid? File { get; init; }

        /// <summary>The same of a folder.</summary>
        public Guid? Folder { get; init; }

        /// <summary>An account's id: what they asked for, and what happened to what is theirs.</summary>
        public Guid? Person { get; init; }

        /// <summary>An account's id: what they asked for.</summary>
        public Guid? Actor { get; init; }

        /// <summary>An event's stored name, or its beginning up to a dot: share, or share.granted.</summary>
        public string? Kind { get; init; }

        /// <summary>done, or refused.</summary>
        public string? Outcome { get; init; }

        /// <summary>The id of a request's trace.</summary>
        public string? Correlation { get; init; }

        /// <summary>Recorded then or later (RFC 3339).</summary>
        public DateTimeOffset? From { get; init; }

        /// <summary>Recorded before (RFC 3339).</summary>
        public DateTimeOffset? To { get; init; }

        /// <summary>Only what stood then: a time in RFC 3339, or a position.</summary>
        public string? AsOf { get; init; }

        internal TrailFilter Wanted => new(
            Stream, File is { } file ? new FileId(file) : null, Folder is { } folder ? new FolderId(folder) : null,
            Person is { } person ? new AccountId(person) : null, Actor is { } actor ? new AccountId(actor) : null, Kind, Outcome is null ? null : Word<TrailOutcome>(Outcome),
            Correlation, From, To, AsOf);
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        var audit = api.MapGroup("/api/audit").WithTags("Audit");
        audit.MapGet("/events", Read).WithName("listAuditEvents")
            .WithSummary("What happened and what was refused, oldest first (auditors)")
            .WithDescription(
                "The whole log, with every filter together. A page may be shorter than the limit, or empty, although more "
                + "follows: go on as long as there is a nextCursor.")
            .Produces<TrailPage>()
            .Refuses([No.AuditorsOnly, .. PastRejection.All]);
        audit.MapGet("/export", Export).WithName("exportAuditEvents")
            .WithSummary("The same as one file, as NDJSON or as CSV that no spreadsheet takes for formulas (auditors)")
            .WithDescription("That it was taken along, by whom and with which filters, stands in the log.")
            .Produces<string>(StatusCodes.Status200OK, "application/x-ndjson")
            .Produces<string>(StatusCodes.Status200OK, "text/csv")
            .Refuses([No.AuditorsOnly, .. PastRejection.All]);
        audit.MapGet("/events/{eventId:guid}/causes", Walk).WithName("getAuditCauses")
            .WithSummary("What led to an event, back to the command that began it (auditors)")
            .Produces<TrailCauses>()
            .Refuses(No.AuditorsOnly, No.NoSuchEvent);
    }

    private static async Task<IResult> Read(
        [AsParameters] Filter filter, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ReadTrail(caller, filter.Wanted, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Export(
        [AsParameters] Filter filter, Caller caller, IMediator mediator, HttpResponse response, CancellationToken cancel,
        [Description("ndjson, or csv.")] string format = "ndjson") =>
        (await mediator.Send(new ExportTrail(caller, filter.Wanted, Word<TrailFormat>(format)), cancel)).ToHttp(trail =>
        {
            response.Headers.CacheControl = "no-store";
            return TypedResults.Stream(body => Write(body, trail, cancel), trail.MediaType, trail.Name);
        });

    private static async Task<IResult> Walk(Guid eventId, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new WalkCauses(caller, eventId), cancel)).ToHttp(TypedResults.Ok);

    // The words are those of JSON: a parameter of an enum type would be bound by the names of C#. Any other word is no value.
    private static T Word<T>(string word) where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (JsonNamingPolicy.CamelCase.ConvertName(value.ToString()) == word)
                return value;
        }

        return (T)Enum.ToObject(typeof(T), -1);
    }

    private static async Task Write(Stream body, ExportedTrail trail, CancellationToken cancel)
    {
        await using var text = new StreamWriter(body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await foreach (var line in trail.Lines.WithCancellation(cancel))
            await text.WriteAsync(line.AsMemory(), cancel);
    }
}
