using System.Collections.Immutable;
using System.Text.Json;
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
    /// <param name="Options">Its options; without them it makes its default. What there is to be set, <c>optionsSchema</c> of the list says.</param>
    public sealed record ProcessBody(string Processor, IReadOnlyDictionary<string, JsonElement>? Options = null);

    /// <summary>Which files' variants are made anew.</summary>
    /// <param name="Where">What is made anew.</param>
    /// <param name="DryRun">Only counts.</param>
    /// <param name="Cursor">A former reply's, to go on; absent to begin.</param>
    /// <param name="Limit">How many files are looked at, 1 to 500.</param>
    public sealed record RerunPageBody(RerunWhere Where, bool DryRun = false, string? Cursor = null, int Limit = 100);

    public static void Map(IEndpointRouteBuilder api)
    {
        var process = api.MapGroup("").WithTags("Process");
        process.MapPost("/api/files/{id:guid}/process", Start).WithName("processFile").TakesIdempotencyKey()
            .WithSummary("Makes a variant of a file; asking again for the same one gives the same job")
            .Produces<ProcessAccepted>(StatusCodes.Status202Accepted)
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.NoSuchProcessor, No.BadOptions, No.NotForThisType, No.ToolMissing, No.NotReady, No.Running, No.Cancelled, No.TooManyVariants,
                No.NoSuchMark, No.MarkIsNoPicture, No.MarkTooLarge, ScanRejection.Infected, ScanRejection.NotYet, ScanRejection.Unscannable);
        process.MapGet("/api/jobs/{id:guid}", Read).WithName("getJob")
            .WithSummary("How a job stands")
            .Produces<JobReply>()
            .Refuses(No.NoSuchJob);
        process.MapGet("/api/files/{id:guid}/variants", Variants).WithName("listFileVariants")
            .WithSummary("What was made of a file's current version, by which processor, and whether it is stale")
            .Produces<VariantList>()
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed);
        process.MapPost("/api/files/{id:guid}/process/rerun", Rerun).WithName("rerunFile").TakesNoIdempotencyKey("What is under way is left alone.")
            .WithSummary("Makes a file's variants anew: all, or those that are named, failed, stale or missing")
            .Produces<RerunReply>(StatusCodes.Status202Accepted)
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.NotReady, No.Cancelled);
        process.MapPost("/api/admin/process/rerun", RerunAll).WithName("rerunFiles").TakesNoIdempotencyKey("What is under way is left alone.")
            .WithSummary("Makes variants of all files anew that a changed processor concerns, a page of files at a time (administrators)")
            .Produces<RerunReply>(StatusCodes.Status202Accepted)
            .Refuses(No.AdministratorsOnly);
        process.MapGet("/api/processors", List).WithName("listProcessors")
            .WithSummary("Which processors there are, for which types, with which options, and what of it this server lacks the programs for")
            .Produces<ProcessorList>();
    }

    private static async Task<IResult> Start(
        Guid id, ProcessBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ProcessFile(caller, new(id), body.Processor, body.Options ?? ImmutableDictionary<string, JsonElement>.Empty), cancel))
            .ToHttp(accepted => TypedResults.Accepted($"/api/jobs/{accepted.JobId}", accepted));

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadJob(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Variants(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ListVariants(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Rerun(
        Guid id, RerunWhere body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RerunFile(caller, new(id), body), cancel))
            .ToHttp(planned => TypedResults.Accepted($"/api/files/{id}/status", planned));

    private static async Task<IResult> RerunAll(RerunPageBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RerunPage(caller, body.Where, body.DryRun, body.Cursor, body.Limit), cancel))
            .ToHttp(planned => TypedResults.Accepted("/api/admin/queues", planned));

    private static async Task<IResult> List(IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ListProcessors(), cancel)).ToHttp(TypedResults.Ok);
}
