using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EventFiles.Features.Audit;

/// <summary>HTTP in, HTTP out.</summary>
public static class AuditEndpoint
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/api/files/{id:guid}/history", Read).WithName("getFileHistory").WithTags("Audit")
            .WithSummary("All that happened to a file, oldest first (owner); also of a deleted one")
            .Produces<Page<HistoryEntry>>()
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed);

    private static async Task<IResult> Read(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ReadHistory(caller, new(id), cursor, limit), cancel)).ToHttp(TypedResults.Ok);
}
