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
    /// <param name="Grantee">Whom to share with: an e-mail address, an account id, or the id of a group you are in.</param>
    /// <param name="Role">uploader may bring files into a folder and see none; viewer may read; commenter may also say something about it; editor may also rename files, add versions, process, and put files and folders into a folder.</param>
    /// <param name="ExpiresAt">When it ends by itself; absent for never.</param>
    /// <param name="MayShare">An editor may let others use it as well; only the owner says so. Absent for no.</param>
    public sealed record ShareBody(string Grantee, ShareRole Role, DateTimeOffset? ExpiresAt = null, bool? MayShare = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var shares = api.MapGroup("").WithTags("Share");
        shares.MapPost("/api/files/{id:guid}/shares", Grant).WithName("shareFile").TakesIdempotencyKey()
            .WithSummary("Shares a file with another account or a group, or changes how; the same again changes nothing")
            .Produces<ShareView>(StatusCodes.Status201Created)
            .Refuses([AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.OnlyIntoFolders, ScanRejection.Infected, .. Refused]);
        shares.MapGet("/api/files/{id:guid}/shares", List).WithName("listShares")
            .WithSummary("With whom a file is shared, oldest first (for whoever may share it)")
            .Produces<Page<ShareView>>()
            .Refuses([AccessRejection.NoSuchFile, AccessRejection.NotAllowed, .. PastRejection.All]);
        shares.MapPost("/api/folders/{id:guid}/shares", GrantFolder).WithName("shareFolder").TakesIdempotencyKey()
            .WithSummary("Shares a folder and all that is in it, or changes how; a grant of a file or folder in it counts more")
            .Produces<ShareView>(StatusCodes.Status201Created)
            .Refuses([FolderRejection.NoSuchFolder, FolderRejection.NotAllowed, No.Root, .. Refused]);
        shares.MapGet("/api/folders/{id:guid}/shares", ListOfFolder).WithName("listFolderShares")
            .WithSummary("With whom a folder is shared, oldest first (for whoever may share it)")
            .Produces<Page<ShareView>>()
            .Refuses([FolderRejection.NoSuchFolder, FolderRejection.NotAllowed, .. PastRejection.All]);
        shares.MapDelete("/api/shares/{id:guid}", Revoke).WithName("revokeShare")
            .WithSummary("Ends a share: the owner or who gave it takes it back, or the grantee leaves")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchShare, No.Root);
        shares.MapGet("/api/shared-with-me", ListSharedWithMe).WithName("listSharedWithMe")
            .WithSummary("The files and folders that others share with you, the latest first, then those they share with your groups")
            .Produces<Page<SharedEntry>>();
        shares.MapGet("/api/shared-by-me", ListSharedByMe).WithName("listSharedByMe")
            .WithSummary("Your files and folders that you share with others, the latest share first")
            .Produces<Page<SharedEntry>>();
    }

    private static Rejection[] Refused =>
        [No.NoSuchAccount, No.WithOneself, No.AlreadyExpired, No.TooMany, No.OnlyEditorsShare, No.OwnersOnly];

    private static async Task<IResult> Grant(
        Guid id, ShareBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(Wish(caller, new FileId(id), body), cancel))
            .ToHttp(share => TypedResults.Created($"/api/files/{share.FileId}/shares", share));

    private static async Task<IResult> GrantFolder(
        Guid id, ShareBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(Wish(caller, new FolderId(id), body), cancel))
            .ToHttp(share => TypedResults.Created($"/api/folders/{share.FolderId}/shares", share));

    private static GrantShare Wish(Caller caller, ShareTarget on, ShareBody body) =>
        new(caller, on, body.Grantee, body.Role, body.ExpiresAt, body.MayShare ?? false);

    private static async Task<IResult> List(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        (await mediator.Send(new ListShares(caller, new FileId(id), cursor, limit, asOf), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ListOfFolder(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        (await mediator.Send(new ListShares(caller, new FolderId(id), cursor, limit, asOf), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Revoke(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RevokeShare(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> ListSharedWithMe(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListSharedWithMe(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ListSharedByMe(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListSharedByMe(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);
}
