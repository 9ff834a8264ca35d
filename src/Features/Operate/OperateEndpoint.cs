using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Operate.OperateRejection;

namespace EventFiles.Features.Operate;

/// <summary>HTTP in, HTTP out.</summary>
public static class OperateEndpoint
{
    /// <summary>How to rebuild.</summary>
    /// <param name="Diff">Wait for a switch if what was built differs from the live views; else it is switched to.</param>
    public sealed record RebuildBody(bool Diff = false);

    private const string TheSameAgain = "What is wished once more is the same wish.";

    public static void Map(IEndpointRouteBuilder api)
    {
        var projections = api.MapGroup("/api/admin/projections").WithTags("Operate");
        projections.MapGet("", List).WithName("listProjections")
            .WithSummary("How every projection stands (administrators)")
            .Produces<ProjectionList>()
            .Refuses(No.AdministratorsOnly);
        projections.MapGet("/{name}", Read).WithName("getProjection")
            .WithSummary("How one projection stands, and how far a rebuild is (administrators)")
            .Produces<ProjectionStatus>()
            .Refuses(No.AdministratorsOnly, No.NoSuchProjection);
        projections.MapPost("/{name}/rebuild", Rebuild).WithName("rebuildProjection").TakesNoIdempotencyKey(TheSameAgain)
            .WithSummary("Builds the views anew beside the live ones, compares and switches (administrators)")
            .Produces<ProjectionStatus>(StatusCodes.Status202Accepted)
            .Refuses(No.AdministratorsOnly, No.NoSuchProjection, No.Paused);
        projections.MapGet("/{name}/diff", Diff).WithName("diffProjection")
            .WithSummary("What differs between the rebuilt and the live views, and which event made it (administrators)")
            .Produces<ProjectionDiff>()
            .Refuses(No.AdministratorsOnly, No.NoSuchProjection, No.NotCompared);
        Wish(projections, "switch", "switchProjection", "Shows readers what was rebuilt", ProjectionWish.Switch);
        Wish(projections, "discard", "discardProjection", "Throws away what was rebuilt", ProjectionWish.Discard);
        Wish(projections, "pause", "pauseProjection", "Takes no events until resumed; readers see the views as they are", ProjectionWish.Pause);
        Wish(projections, "resume", "resumeProjection", "Takes events again, from where it was paused", ProjectionWish.Resume);
        Wish(projections, "retry-parked", "retryParkedEvents", "Tries the parked events again", ProjectionWish.RetryParked);
        api.MapGet("/api/admin/parked-events", Parked).WithTags("Operate").WithName("listParkedEvents")
            .WithSummary("The events that projections could not take (administrators)")
            .Produces<ParkedList>()
            .Refuses(No.AdministratorsOnly);
        var letters = api.MapGroup("/api/admin/dead-letters").WithTags("Operate");
        letters.MapGet("", Letters).WithName("listDeadLetters")
            .WithSummary("The work that was given up, the oldest first (administrators)")
            .Produces<DeadLetterList>()
            .Refuses(No.AdministratorsOnly);
        letters.MapGet("/{id:guid}", Letter).WithName("getDeadLetter")
            .WithSummary("One piece of work that was given up (administrators)")
            .Produces<DeadLetter>()
            .Refuses(No.AdministratorsOnly, No.NoSuchLetter);
        letters.MapPost("/{id:guid}/retry", Retry).WithName("retryDeadLetter").TakesNoIdempotencyKey(TheSameAgain)
            .WithSummary("Has the work tried again; the letter goes when it has been handed out (administrators)")
            .Produces<DeadLetter>(StatusCodes.Status202Accepted)
            .Refuses(No.AdministratorsOnly, No.NoSuchLetter);
        letters.MapDelete("/{id:guid}", Discard).WithName("discardDeadLetter")
            .WithSummary("Forgets the work: nobody will do it (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NoSuchLetter);
        api.MapGet("/api/admin/queues", Queues).WithTags("Operate").WithName("listQueues")
            .WithSummary("How much work of each kind waits and runs, over all nodes (administrators)")
            .Produces<QueueList>()
            .Refuses(No.AdministratorsOnly);
    }

    private static async Task<IResult> Letters(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ListDeadLetters(caller), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Letter(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadDeadLetter(caller, id), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Retry(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RetryDeadLetter(caller, id), cancel))
            .ToHttp(letter => TypedResults.Accepted($"/api/admin/dead-letters/{letter.Id}", letter));

    private static async Task<IResult> Discard(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DiscardDeadLetter(caller, id), cancel)).ToHttp(_ => TypedResults.NoContent());

    private static async Task<IResult> Queues(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ListQueues(caller), cancel)).ToHttp(TypedResults.Ok);

    private static void Wish(RouteGroupBuilder projections, string verb, string name, string summary, ProjectionWish wish) =>
        projections.MapPost($"/{{name}}/{verb}", (string name, Caller caller, IMediator mediator, CancellationToken cancel) =>
                Ask(name, wish, caller, mediator, cancel))
            .WithName(name).WithSummary($"{summary} (administrators)").TakesNoIdempotencyKey(TheSameAgain)
            .Produces<ProjectionStatus>(StatusCodes.Status202Accepted)
            .Refuses(No.AdministratorsOnly, No.NoSuchProjection);

    private static async Task<IResult> List(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ListProjections(caller), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Read(string name, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadProjection(caller, name), cancel)).ToHttp(TypedResults.Ok);

    private static Task<IResult> Rebuild(
        string name, RebuildBody? body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        Ask(name, body is { Diff: true } ? ProjectionWish.RebuildAndCompare : ProjectionWish.Rebuild, caller, mediator, cancel);

    private static async Task<IResult> Diff(string name, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DiffProjection(caller, name), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Parked(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ListParkedEvents(caller), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Ask(
        string name, ProjectionWish wish, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new AskProjection(caller, name, wish), cancel))
            .ToHttp(status => TypedResults.Accepted($"/api/admin/projections/{status.Name}", status));
}
