using System.ComponentModel;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EventFiles.Features.Share;

/// <summary>HTTP in, HTTP out.</summary>
public static class AccessEndpoint
{
    /// <summary>What somebody wants to know.</summary>
    /// <param name="Checks">At most 1000 questions.</param>
    public sealed record ChecksBody(IReadOnlyList<PermissionCheck> Checks);

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/api/permissions/check", Check).WithName("checkPermissions").WithTags("Share")
            .TakesNoIdempotencyKey("It changes nothing.")
            .WithSummary("What you may do with some files and folders now, up to 1000 at once")
            .Produces<PermissionResults>();
        api.MapGet("/api/files/{id:guid}/access", Past).WithName("getFileAccess").WithTags("Share")
            .WithSummary("Who could open a file between two times, and when its links did, as the log tells it (its owner, and auditors)")
            .Produces<AccessPastReply>()
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed);
    }

    private static async Task<IResult> Past(
        Guid id, Caller caller, IMediator mediator, TimeProvider clock, CancellationToken cancel,
        [Description("Where the time begins; absent for the beginning.")] DateTimeOffset? from = null,
        [Description("Where it ends; absent for now.")] DateTimeOffset? to = null) =>
        (await mediator.Send(
            new ReadAccessPast(caller, new(id), from ?? DateTimeOffset.UnixEpoch, to ?? clock.GetUtcNow()), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Check(
        ChecksBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CheckPermissions(caller, body.Checks), cancel)).ToHttp(TypedResults.Ok);
}
