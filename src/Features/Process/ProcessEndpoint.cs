using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>HTTP in, HTTP out.</summary>
public static class ProcessEndpoint
{
    /// <summary>What is to be made.</summary>
    /// <param name="Processor">A processor's name, from <c>GET /api/processors</c>.</param>
    /// <param name="Options">Its options; without them it makes its default.</param>
    public sealed record ProcessBody(string Processor, ProcessOptions? Options = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var process = api.MapGroup("").WithTags("Process");
        process.MapPost("/api/files/{id:guid}/process", Start).WithName("processFile").TakesIdempotencyKey()
            .WithSummary("Makes a variant of a file; asking again for the same one gives the same job")
            .Produces<ProcessAccepted>(StatusCodes.Status202Accepted)
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.NoSuchProcessor, No.NotForThisType, No.NotReady, No.Cancelled, No.TooManyVariants);
        process.MapGet("/api/jobs/{id:guid}", Read).WithName("getJob")
            .WithSummary("How a job stands")
            .Produces<JobReply>()
            .Refuses(No.NoSuchJob);
        process.MapGet("/api/processors", List).WithName("listProcessors")
            .WithSummary("Which processors there are, for which types, with which options")
            .Produces<ProcessorList>();
    }

    private static async Task<IResult> Start(
        Guid id, ProcessBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ProcessFile(caller, new(id), body.Processor, body.Options ?? new()), cancel))
            .ToHttp(accepted => TypedResults.Accepted($"/api/jobs/{accepted.JobId}", accepted));

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadJob(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> List(IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ListProcessors(), cancel)).ToHttp(TypedResults.Ok);
}
