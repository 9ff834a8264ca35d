using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Prove.ProveRejection;

namespace EventFiles.Features.Prove;

/// <summary>HTTP in, HTTP out.</summary>
public static class ProveEndpoint
{
    private const string Bytes = "application/octet-stream";

    // A tile that was served once never changes; a checkpoint is followed by another in seconds.
    private const string ForEver = "public, max-age=31536000, immutable";
    private const string Shortly = "public, max-age=2";

    public static void Map(IEndpointRouteBuilder api)
    {
        var proofs = api.MapGroup("").WithTags("Audit");
        proofs.MapGet("/checkpoint", Checkpoint).AllowAnonymous().WithName("getCheckpoint")
            .WithSummary("The newest signed checkpoint of the log (c2sp.org/tlog-checkpoint)")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .Refuses(No.NoCheckpoint);
        proofs.MapGet("/checkpoint/key", Key).AllowAnonymous().WithName("getCheckpointKey")
            .WithSummary("The public key that verifies checkpoints, as signed notes write it")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
        proofs.MapGet("/tile/{level:int}/{**place}", Tile).AllowAnonymous().WithName("getTile")
            .WithSummary("Hashes of the tree over the log (c2sp.org/tlog-tiles): x001/234, or x001/234.p/17 of one that is not full")
            .Produces<byte[]>(StatusCodes.Status200OK, Bytes)
            .Refuses(No.NoSuchTile);
        proofs.MapGet("/tile/entries/{**place}", Entries).WithName("getTileEntries")
            .WithSummary("What the hashes of level 0 were made of, each behind its length in two bytes (auditors)")
            .Produces<byte[]>(StatusCodes.Status200OK, Bytes)
            .Refuses(No.AuditorsOnly, No.NoSuchTile);
        proofs.MapGet("/api/audit/proofs/{eventId:guid}", Prove).WithName("proveEvent")
            .WithSummary("That an event is in the log, and with from=N that the log of N leaves is how it begins (auditors)")
            .Produces<EventProof>()
            .Refuses(No.AuditorsOnly, No.NoSuchEvent, No.NotCovered, No.NoSuchSize);
    }

    private static async Task<IResult> Checkpoint(IMediator mediator, HttpResponse response, CancellationToken cancel) =>
        (await mediator.Send(new ReadCheckpoint(), cancel)).ToHttp(newest => Cached(response, Shortly, TypedResults.Text(newest.Note)));

    private static async Task<IResult> Key(IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadVerifierKey(), cancel)).ToHttp(key => TypedResults.Text(key + "\n"));

    private static async Task<IResult> Tile(
        int level, string place, IMediator mediator, HttpResponse response, CancellationToken cancel) =>
        (await mediator.Send(new ReadTile(level, place), cancel))
            .ToHttp(hashes => Cached(response, ForEver, TypedResults.Bytes(hashes, Bytes)));

    private static async Task<IResult> Entries(string place, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadEntries(caller, place), cancel)).ToHttp(leaves => TypedResults.Bytes(leaves, Bytes));

    private static async Task<IResult> Prove(
        Guid eventId, Caller caller, IMediator mediator, CancellationToken cancel, long? from = null) =>
        (await mediator.Send(new ProveEvent(caller, eventId, from), cancel)).ToHttp(TypedResults.Ok);

    private static T Cached<T>(HttpResponse response, string control, T result) where T : IResult
    {
        response.Headers.CacheControl = control;
        return result;
    }
}
