using System.ComponentModel;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Files.VersionRejection;

namespace EventFiles.Features.Files;

/// <summary>HTTP in, HTTP out.</summary>
public static class VersionEndpoint
{
    /// <summary>What a version is called.</summary>
    /// <param name="Label">At most 200 characters; empty or null takes the label away.</param>
    public sealed record VersionLabelBody(string? Label);

    public static void Map(IEndpointRouteBuilder api)
    {
        var versions = api.MapGroup("/api/files/{id:guid}/versions").WithTags("Files");
        versions.MapGet("", List).WithName("listFileVersions")
            .WithSummary("A file's versions, newest first: size, time, label and author of each")
            .Produces<Page<FileVersion>>()
            .Refuses([AccessRejection.NoSuchFile, AccessRejection.NotAllowed, .. PastRejection.All]);
        versions.MapPost("/{number:int}/restore", Restore).WithName("restoreFileVersion").TakesIdempotencyKey()
            .WithSummary("Makes a former version the current one: a new version with the same bytes, which take up no more space")
            .WithDescription("When the current version has these bytes already, nothing happens.")
            .Produces<FileSummary>()
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.NoSuchVersion, FilesRejection.StillUploading);
        versions.MapPatch("/{number:int}", Label).WithName("labelFileVersion")
            .WithSummary("Gives a version a label, or takes it away")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.NoSuchVersion, FilesRejection.StillUploading);
        versions.MapDelete("/{number:int}", Delete).WithName("deleteFileVersion")
            .WithSummary("Deletes a version for good, with all that was made of it; never the current one (owner)")
            .WithDescription("Its bytes go, and their space is free, once no other version has them.")
            .Produces(StatusCodes.Status202Accepted)
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.NoSuchVersion, No.IsCurrent,
                FilesRejection.StillUploading, HoldRejection.Stands, KeepingRejection.TooEarly);
    }

    private static async Task<IResult> List(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        (await mediator.Send(new ListVersions(caller, new(id), cursor, limit, asOf), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Restore(
        Guid id, int number, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RestoreVersion(caller, new(id), number), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Label(
        Guid id, int number, VersionLabelBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new LabelVersion(caller, new(id), number, body.Label), cancel)).ToHttp();

    private static async Task<IResult> Delete(
        Guid id, int number, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DeleteVersion(caller, new(id), number), cancel))
            .ToHttp(_ => TypedResults.Accepted($"/api/files/{id}/versions"));
}
