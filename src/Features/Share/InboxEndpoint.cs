using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EventFiles.Features.Share;

/// <summary>HTTP in, HTTP out. What visitors do with such a link is the Upload slice's.</summary>
public static class InboxEndpoint
{
    /// <summary>A link into a folder that is wanted.</summary>
    /// <param name="Access">upload, and nothing else: whoever has the link brings files and sees none.</param>
    /// <param name="Title">What is asked for, 1 to 200 characters: all that visitors are told. Absent for the folder's name.</param>
    /// <param name="Password">Asked of whoever opens it, 1 to 128 characters; absent for none.</param>
    /// <param name="ExpiresAt">When it ends by itself; absent for never.</param>
    /// <param name="MaxUploads">How many files it takes; absent for any number.</param>
    /// <param name="MaxFileBytes">The largest file that it takes; absent for whatever the server takes.</param>
    /// <param name="QrCode">Whether the answer is to bring its address as a picture, too.</param>
    public sealed record InboxBody(
        LinkAccess? Access = null, string? Title = null, string? Password = null, DateTimeOffset? ExpiresAt = null,
        int? MaxUploads = null, long? MaxFileBytes = null, bool? QrCode = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var links = api.MapGroup("").WithTags("Share");
        links.MapPost("/api/folders/{id:guid}/links", Create).WithName("createFolderLink").TakesIdempotencyKey()
            .WithSummary("Makes a public link by which anybody brings files into a folder and sees nothing; its token is shown this once")
            .Produces<CreatedInbox>(StatusCodes.Status201Created)
            .Refuses(FolderRejection.NoSuchFolder, FolderRejection.NotAllowed, ShareRejection.Root, ShareRejection.AlreadyExpired);
        links.MapGet("/api/folders/{id:guid}/links", List).WithName("listFolderLinks")
            .WithSummary("The public links into a folder, oldest first, and how many files came by each (owner)")
            .Produces<Page<InboxView>>()
            .Refuses(FolderRejection.NoSuchFolder, FolderRejection.NotAllowed);
        links.MapGet("/api/shared-by-me/links", ListOwn).WithName("listOwnLinks")
            .WithSummary("All your public links, the latest first: to files and into folders")
            .Produces<Page<OwnLink>>();
    }

    private static async Task<IResult> Create(
        Guid id, InboxBody body, Caller caller, HttpRequest request, IMediator mediator, IQrCodes pictures, CancellationToken cancel) =>
        (await mediator.Send(
            new CreateInbox(
                caller, new(id), body.Access, body.Title, body.Password, body.ExpiresAt, body.MaxUploads, body.MaxFileBytes), cancel))
            .ToHttp(link =>
            {
                var url = LinkEndpoint.PublicUrl(request, link.Token);
                return TypedResults.Created(link.Url, link with { Url = url, QrCode = body.QrCode is true ? pictures.Draw(url) : null });
            });

    private static async Task<IResult> List(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListInboxes(caller, new(id), cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ListOwn(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListOwnLinks(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);
}
