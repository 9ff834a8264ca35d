using System.ComponentModel;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Share.ShareRejection;

namespace EventFiles.Features.Share;

/// <summary>HTTP in, HTTP out.</summary>
public static class ShareEndpoint
{
    /// <summary>A share that is wanted.</summary>
    /// <param name="Grantee">Whom to share with: an e-mail address or an account id.</param>
    /// <param name="Role">viewer may read; editor may also rename, add versions and process.</param>
    /// <param name="ExpiresAt">When it ends by itself; absent for never.</param>
    public sealed record ShareBody(string Grantee, ShareRole Role, DateTimeOffset? ExpiresAt = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var shares = api.MapGroup("").WithTags("Share");
        shares.MapPost("/api/files/{id:guid}/shares", Grant).WithName("shareFile").TakesIdempotencyKey()
            .WithSummary("Shares a file with another account, or changes how; the same again changes nothing")
            .Produces<ShareView>(StatusCodes.Status201Created)
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.NoSuchAccount, No.WithOneself, No.AlreadyExpired,
                No.TooMany, ScanRejection.Infected);
        shares.MapGet("/api/files/{id:guid}/shares", List).WithName("listShares")
            .WithSummary("With whom a file is shared, oldest first (owner)")
            .Produces<Page<ShareView>>()
            .Refuses([AccessRejection.NoSuchFile, AccessRejection.NotAllowed, .. PastRejection.All]);
        shares.MapDelete("/api/shares/{id:guid}", Revoke).WithName("revokeShare")
            .WithSummary("Ends a share: its owner takes it back, or the grantee leaves")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchShare);
        shares.MapGet("/api/shared-with-me", ListSharedWithMe).WithName("listSharedWithMe")
            .WithSummary("The files that others share with you, the latest first")
            .Produces<Page<SharedFile>>();
    }

    private static async Task<IResult> Grant(
        Guid id, ShareBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new GrantShare(caller, new(id), body.Grantee, body.Role, body.ExpiresAt), cancel))
            .ToHttp(share => TypedResults.Created($"/api/files/{share.FileId}/shares", share));

    private static async Task<IResult> List(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        (await mediator.Send(new ListShares(caller, new(id), cursor, limit, asOf), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Revoke(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RevokeShare(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> ListSharedWithMe(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListSharedWithMe(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);
}
