using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Scan.ScanningRejection;

namespace EventFiles.Features.Scan;

/// <summary>HTTP in, HTTP out.</summary>
public static class ScanEndpoint
{
    /// <summary>Which version is opened, and why.</summary>
    /// <param name="Version">The version's number.</param>
    /// <param name="Reason">1 to 1000 characters, for the file's history.</param>
    public sealed record ReleaseBody(int Version, string Reason);

    /// <summary>What is looked at again.</summary>
    /// <param name="OnlyOlder">Not what was scanned with the scanner's signatures of now.</param>
    public sealed record RescanBody(bool OnlyOlder = false);

    public static void Map(IEndpointRouteBuilder api)
    {
        var scans = api.MapGroup("/api/admin").WithTags("Scan");
        scans.MapGet("/scanner", Read).WithName("getScanner")
            .WithSummary("How the virus scanner stands (administrators)")
            .Produces<ScannerReply>()
            .Refuses(No.AdministratorsOnly);
        scans.MapGet("/scans", List).WithName("listScans")
            .WithSummary("The versions that are infected, cannot be scanned, were released, or wait (administrators)")
            .Produces<Page<ScanReply>>()
            .Refuses(No.AdministratorsOnly);
        scans.MapPost("/scanner/rescan", Rescan).WithName("orderRescan").TakesIdempotencyKey()
            .WithSummary("Has everything looked at again, some at a time (administrators)")
            .Produces(StatusCodes.Status202Accepted)
            .Refuses(No.AdministratorsOnly);
        scans.MapPost("/files/{id:guid}/release", Release).WithName("releaseFile").TakesIdempotencyKey()
            .WithSummary("Opens a version in spite of what the scanner said (administrators)")
            .WithDescription("It stays open until the scanner finds something else in it. The history tells who did it and why.")
            .Produces<ScanReply>()
            .Refuses(No.AdministratorsOnly, No.NoSuchVersion, No.NothingToRelease);
    }

    private static async Task<IResult> Read(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadScanner(caller), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, string verdict = "infected", string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListScans(caller, Listed(verdict), cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    // The words are those of JSON: a parameter of an enum type would be bound by the names of C#.
    private static ScanVerdict? Listed(string word) => word switch
    {
        "infected" => ScanVerdict.Infected,
        "unscannable" => ScanVerdict.Unscannable,
        "released" => ScanVerdict.Released,
        "notScanned" => ScanVerdict.NotScanned,
        _ => null,
    };

    private static async Task<IResult> Rescan(RescanBody? body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OrderRescan(caller, body?.OnlyOlder ?? false), cancel)).ToHttp(_ => TypedResults.Accepted((string?)null));

    private static async Task<IResult> Release(Guid id, ReleaseBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReleaseVersion(caller, new(id), body.Version, body.Reason), cancel)).ToHttp(TypedResults.Ok);
}
