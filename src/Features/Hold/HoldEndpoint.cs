using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Hold.HoldsRejection;

namespace EventFiles.Features.Hold;

/// <summary>HTTP in, HTTP out.</summary>
public static class HoldEndpoint
{
    /// <summary>What must not be deleted, and why.</summary>
    /// <param name="Kind">What it covers: file, folder (with all in it) or account (with all it owns).</param>
    /// <param name="TargetId">The file's, folder's or account's id.</param>
    /// <param name="Reason">1 to 1000 characters; auditors alone see it.</param>
    public sealed record HoldBody(HoldKind Kind, Guid TargetId, string Reason);

    /// <summary>Why a hold ends.</summary>
    /// <param name="Reason">1 to 1000 characters; auditors alone see it.</param>
    public sealed record LiftBody(string Reason);

    public static void Map(IEndpointRouteBuilder api)
    {
        var holds = api.MapGroup("").WithTags("Hold");
        holds.MapPost("/api/holds", Place).WithName("placeHold").TakesIdempotencyKey()
            .WithSummary("Forbids that something is deleted for good (auditors)")
            .WithDescription(
                "Until it is lifted, neither a person nor a rule deletes what it covers, or a version of it. The trash stays "
                + "open both ways: nothing is lost there. Nothing is moved out of a folder under a hold.")
            .Produces<HoldView>(StatusCodes.Status201Created)
            .Refuses(No.AuditorsOnly, No.NoSuchTarget, No.TooLate);
        holds.MapGet("/api/holds", List).WithName("listHolds")
            .WithSummary("The holds that stand, newest first; with lifted=true the others too (auditors)")
            .Produces<Page<HoldView>>()
            .Refuses(No.AuditorsOnly);
        holds.MapGet("/api/holds/{id:guid}", Read).WithName("getHold")
            .WithSummary("One hold (auditors)")
            .Produces<HoldView>()
            .Refuses(No.AuditorsOnly, No.NoSuchHold);
        holds.MapPost("/api/holds/{id:guid}/lift", Lift).WithName("liftHold").TakesIdempotencyKey()
            .WithSummary("Ends a hold; what others cover stays as it is (auditors)")
            .Produces<HoldView>()
            .Refuses(No.AuditorsOnly, No.NoSuchHold);
        holds.MapGet("/api/files/{id:guid}/hold", ReadOfFile).WithName("getFileHold")
            .WithSummary("Whether a hold stands over a file, and not why (owner)")
            .Produces<FileHold>()
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed);
    }

    private static async Task<IResult> Place(HoldBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new PlaceHold(caller, body.Kind, body.TargetId, body.Reason), cancel))
            .ToHttp(placed => TypedResults.Created($"/api/holds/{placed.Id}", placed));

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, bool lifted = false, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListHolds(caller, lifted, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadHold(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Lift(Guid id, LiftBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new LiftHold(caller, new(id), body.Reason), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ReadOfFile(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadFileHold(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);
}
