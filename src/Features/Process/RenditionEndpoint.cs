using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>HTTP in, HTTP out.</summary>
public static class RenditionEndpoint
{
    /// <summary>An address that is wanted.</summary>
    /// <param name="Width">Pixels at most; without it the height alone decides.</param>
    /// <param name="Height">Pixels at most; without it the width alone decides.</param>
    /// <param name="Fit">inside (the default) or cover.</param>
    /// <param name="Format">webp (the default), jpeg, png or avif.</param>
    /// <param name="Seconds">How long it is good for, at most a week.</param>
    public sealed record RenditionLinkBody(
        int? Width = null, int? Height = null, string? Fit = null, string? Format = null, int Seconds = 3600);

    public static void Map(IEndpointRouteBuilder api)
    {
        var renditions = api.MapGroup("").WithTags("Process");
        renditions.MapGet("/api/files/{id:guid}/render", Read).WithName("renderFile")
            .WithSummary("A picture of a picture, of any size and format; made when it is first wanted, and kept")
            .Produces<Stream>(StatusCodes.Status200OK, "image/webp", "image/jpeg", "image/png", "image/avif")
            .Produces(StatusCodes.Status304NotModified)
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.BadOptions, No.NotForThisType, No.NotReady, No.Cancelled,
                No.CannotRender, No.TooManyVariants, No.TooManyRenditions, No.RenditionUnderWay, ScanRejection.Infected,
                ScanRejection.NotYet, ScanRejection.Unscannable);
        renditions.MapPost("/api/files/{id:guid}/render-links", Link).WithName("createRenderLink")
            .TakesNoIdempotencyKey("Nothing is stored: each address is good by itself.")
            .WithSummary("An address at which one such picture can be seen without signing in, for a while")
            .Produces<RenditionLink>(StatusCodes.Status201Created)
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.BadOptions, No.NotForThisType, No.NotReady);
        renditions.MapGet("/api/render/{token}", ReadLink).WithName("readRenderLink").AllowAnonymous()
            .WithSummary("The picture to which such an address leads")
            .Produces<Stream>(StatusCodes.Status200OK, "image/webp", "image/jpeg", "image/png", "image/avif")
            .Produces(StatusCodes.Status304NotModified)
            .Refuses(
                No.NoSuchRendition, No.NotForThisType, No.NotReady, No.Cancelled, No.CannotRender, No.TooManyVariants,
                No.TooManyRenditions, No.RenditionUnderWay);
    }

    private static async Task<IResult> Read(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, [FromQuery(Name = "w")] int? width = null,
        [FromQuery(Name = "h")] int? height = null, string? fit = null, string? format = null) =>
        (await mediator.Send(new OpenRendition(caller, new(id), new RenditionWish(width, height, fit, format)), cancel)).ToHttp(Serve);

    private static async Task<IResult> Link(
        Guid id, RenditionLinkBody body, Caller caller, HttpRequest request, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(
            new MakeRenditionLink(caller, new(id), new RenditionWish(body.Width, body.Height, body.Fit, body.Format), body.Seconds), cancel))
            .ToHttp(link => TypedResults.Created(link.Url, link with
            {
                Url = $"{request.Scheme}://{request.Host}{request.PathBase}{link.Url}",
            }));

    private static async Task<IResult> ReadLink(string token, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenRenditionLink(token), cancel)).ToHttp(Serve);

    private static IResult Serve(RenditionContent made) =>
        Download.Of(made.Content, made.ContentType, made.ETag, null, made.Name, made.ModifiedAt, inline: true);
}
