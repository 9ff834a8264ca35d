using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Export.ExportRejection;

namespace EventFiles.Features.Export;

/// <summary>HTTP in, HTTP out.</summary>
public static class ExportEndpoint
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var exports = api.MapGroup("/api").WithTags("Export");
        exports.MapPost("/me/export", Request).WithName("exportMe").TakesIdempotencyKey()
            .WithSummary("Asks for all that is yours: data, events and files as one ZIP archive")
            .WithDescription(
                "It is made in the background; its status says when it is ready. Who asks while one is made is told of that one; "
                + "who asks when one is ready has it replaced. Nobody else can have it, administrators included.")
            .Produces<ExportReply>(StatusCodes.Status202Accepted)
            .Refuses(No.TooSoon);
        exports.MapGet("/me/export", ReadLast).WithName("getMyExport")
            .WithSummary("How the export stands that you asked for last")
            .Produces<ExportReply>()
            .Refuses(No.Missing);
        exports.MapGet("/exports/{id:guid}", Read).WithName("getExport")
            .WithSummary("How an export stands (whose it is)")
            .Produces<ExportReply>()
            .Refuses(No.Missing);
        exports.MapDelete("/exports/{id:guid}", Delete).WithName("deleteExport")
            .WithSummary("Ends an export before its time, also while it is made (whose it is)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.Missing);
        exports.MapGet("/exports/{id:guid}/content", Open).WithName("getExportContent")
            .WithSummary("The archive, whole or in part: who was interrupted goes on with a range (whose it is)")
            .WithDescription(
                "In it are manifest.json with the SHA-256 of all else, profile.json, events.ndjson, your files in their folders, "
                + "former versions, and the trash. `eventfiles verify FILE` verifies it offline.")
            .Takes("Range", "The part that is wanted, such as bytes=1000-; with If-Range only of the same archive.")
            .Produces<Stream>(StatusCodes.Status200OK, "application/zip")
            .Produces<Stream>(StatusCodes.Status206PartialContent, "application/zip")
            .Produces(StatusCodes.Status304NotModified)
            .Produces(StatusCodes.Status416RangeNotSatisfiable)
            .Refuses(No.Missing, No.NotYet, No.Gone, DamageRejection.Damaged);
        exports.MapMethods("/exports/{id:guid}/content", [HttpMethods.Head], Open).ExcludeFromDescription();
    }

    private static async Task<IResult> Request(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RequestExport(caller), cancel)).ToHttp(export => TypedResults.Accepted($"/api/exports/{export.Id}", export));

    private static async Task<IResult> ReadLast(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadLastExport(caller), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadExport(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Delete(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DeleteExport(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> Open(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenExport(caller, new(id)), cancel)).ToHttp(export =>
            Download.Of(export.Content, "application/zip", export.ETag, null, export.Name, export.ModifiedAt, inline: false));
}
