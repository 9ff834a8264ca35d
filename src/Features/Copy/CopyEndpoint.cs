using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Copy.CopyRejection;

namespace EventFiles.Features.Copy;

/// <summary>HTTP in, HTTP out.</summary>
public static class CopyEndpoint
{
    /// <summary>Where the copy goes.</summary>
    /// <param name="ParentId">The folder that it is made in; the one that the folder is in when absent.</param>
    /// <param name="Name">Its name; the folder's when absent.</param>
    /// <param name="OnConflict">When there is an entry of that name: rename (the default) or fail.</param>
    public sealed record CopyFolderBody(FolderId? ParentId = null, string? Name = null, CopyConflict? OnConflict = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var copies = api.MapGroup("/api").WithTags("Folders");
        copies.MapPost("/folders/{id:guid}/copy", Copy).WithName("copyFolder").TakesIdempotencyKey()
            .WithSummary("Copies a folder with everything in it; the new folder is there at once and fills, which Location tells")
            .Produces<CopyReply>(StatusCodes.Status202Accepted)
            .Refuses([FolderRejection.NoSuchFolder, EntryName.Taken, No.IntoItself, No.TooMany, .. AllowanceRejection.All]);
        copies.MapGet("/copies/{id:guid}", Read).WithName("getCopy")
            .WithSummary("How far the copying of a folder has come, and what could not be copied")
            .Produces<CopyReply>()
            .Refuses(No.Missing);
        copies.MapDelete("/copies/{id:guid}", Cancel).WithName("cancelCopy")
            .WithSummary("Ends the copying of a folder; what has been copied stays")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.Missing);
    }

    private static async Task<IResult> Copy(
        Guid id, CopyFolderBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(
            new CopyFolder(caller, new(id), body.ParentId, body.Name, body.OnConflict ?? CopyConflict.Rename), cancel))
        .ToHttp(copy => TypedResults.Accepted($"/api/copies/{copy.Id}", copy));

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadCopy(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Cancel(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CancelCopy(caller, new(id)), cancel)).ToHttp();
}
