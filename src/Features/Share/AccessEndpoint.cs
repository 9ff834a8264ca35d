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

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/api/permissions/check", Check).WithName("checkPermissions").WithTags("Share")
            .TakesNoIdempotencyKey("It changes nothing.")
            .WithSummary("What you may do with some files now, up to 1000 at once")
            .Produces<PermissionResults>();

    private static async Task<IResult> Check(
        ChecksBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CheckPermissions(caller, body.Checks), cancel)).ToHttp(TypedResults.Ok);
}
