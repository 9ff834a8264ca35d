using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Vocabulary.LinkRejection;

namespace EventFiles.Features.Share;

/// <summary>HTTP in, HTTP out.</summary>
public static class LinkEndpoint
{
    /// <summary>A public link that is wanted.</summary>
    /// <param name="Password">Asked of whoever opens it, 1 to 128 characters; absent for none.</param>
    /// <param name="ExpiresAt">When it ends by itself; absent for never.</param>
    /// <param name="MaxDownloads">How many downloads it is good for; absent for any number.</param>
    /// <param name="Role">viewer, and nothing else.</param>
    /// <param name="QrCode">Whether the answer is to bring its address as a picture, too.</param>
    /// <param name="Access">download; files are brought by links to folders alone. Absent for download.</param>
    public sealed record LinkBody(
        string? Password = null, DateTimeOffset? ExpiresAt = null, int? MaxDownloads = null, LinkRole? Role = null,
        bool? QrCode = null, LinkAccess? Access = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var links = api.MapGroup("").WithTags("Share");
        links.MapPost("/api/files/{id:guid}/links", Create).WithName("createLink").TakesIdempotencyKey()
            .WithSummary("Makes a public link to a file; its token is shown this once")
            .Produces<CreatedLink>(StatusCodes.Status201Created)
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, ShareRejection.AlreadyExpired, ShareRejection.OnlyIntoFolders,
                ScanRejection.Infected);
        links.MapGet("/api/files/{id:guid}/links", List).WithName("listLinks")
            .WithSummary("The public links of a file, oldest first (owner)")
            .Produces<Page<LinkView>>()
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed);
        links.MapDelete("/api/links/{link:guid}", Revoke).WithName("revokeLink")
            .WithSummary("Takes a public link back")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchLink);
        MapPublic(links);
    }

    private static void MapPublic(RouteGroupBuilder links)
    {
        links.MapGet("/api/links/{link}", Read).WithName("readLink").AllowAnonymous()
            .WithSummary("What a public link leads to")
            .Produces<LinkTarget>()
            .Refuses(No.AtTheDoor);
        links.MapGet("/api/links/{link}/content", Download).WithName("downloadLink").AllowAnonymous()
            .WithSummary("Downloads what a public link leads to; on a link without a limit, continuing a download that broke off counts no second time")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream")
            .Produces<byte[]>(StatusCodes.Status206PartialContent, "application/octet-stream")
            .Tells(Vocabulary.Download.DigestHeader, "The SHA-256 of all of the bytes, whatever part of them is sent (RFC 9530).")
            .Refuses([.. No.AtTheDoor, No.ForUploads, No.Infected, ScanRejection.NotYet, ScanRejection.Unscannable, DamageRejection.Damaged]);
        links.MapGet("/api/links/{link}/thumbnail", ReadThumbnail).WithName("readLinkThumbnail").AllowAnonymous()
            .WithSummary("A thumbnail of what a public link leads to")
            .Produces<byte[]>(StatusCodes.Status200OK, "image/jpeg", "image/png", "image/webp")
            .Refuses([.. No.AtTheDoor, No.ForUploads, No.NoThumbnail, No.Infected, ScanRejection.NotYet, ScanRejection.Unscannable, DamageRejection.Damaged]);
    }

    /// <summary>The page for people at which a link is opened.</summary>
    internal static string PublicUrl(HttpRequest request, string token) =>
        $"{request.Scheme}://{request.Host}{request.PathBase}/l/{token}";

    private static async Task<IResult> Create(
        Guid id, LinkBody body, Caller caller, HttpRequest request, IMediator mediator, IQrCodes pictures, CancellationToken cancel) =>
        (await mediator.Send(
            new CreateLink(caller, new(id), body.Password, body.ExpiresAt, body.MaxDownloads, body.Role) { Access = body.Access }, cancel))
            .ToHttp(link =>
            {
                var url = PublicUrl(request, link.Token);
                return TypedResults.Created(link.Url, link with { Url = url, QrCode = body.QrCode is true ? pictures.Draw(url) : null });
            });

    private static async Task<IResult> List(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListLinks(caller, new(id), cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Revoke(Guid link, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RevokeLink(caller, new(link)), cancel)).ToHttp();

    private static async Task<IResult> Read(
        string link, [FromHeader(Name = LinkVisit.PasswordHeader)] string? password, HttpRequest request, IMediator mediator,
        CancellationToken cancel) =>
        (await mediator.Send(new ReadLink(LinkVisit.Of(link, password, request)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Download(
        string link, [FromHeader(Name = LinkVisit.PasswordHeader)] string? password, HttpRequest request, IMediator mediator,
        CancellationToken cancel) =>
        (await mediator.Send(
            new DownloadLink(LinkVisit.Of(link, password, request), Offset(request), request.Headers.IfRange), cancel))
            .ToHttp(content => Send(content, inline: false));

    private static async Task<IResult> ReadThumbnail(
        string link, [FromHeader(Name = LinkVisit.PasswordHeader)] string? password, HttpRequest request, IMediator mediator,
        CancellationToken cancel) =>
        (await mediator.Send(new ReadLinkThumbnail(LinkVisit.Of(link, password, request)), cancel))
            .ToHttp(content => Send(content, inline: true));

    private static IResult Send(LinkContent content, bool inline) => Vocabulary.Download.Of(
        content.Content, content.ContentType, content.ETag, content.Sha256, content.Name, content.ModifiedAt, inline);

    // Only one range that says where it begins can continue something; all else may be sent from the first byte on. The
    // server ignores a range with a comma in it, even an empty second one, and sends everything.
    internal static long Offset(HttpRequest request) =>
        request.Headers.Range is [{ } raw] && !raw.Contains(',', StringComparison.Ordinal)
        && request.GetTypedHeaders().Range is { Ranges: { Count: 1 } ranges } range
        && range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
            ? ranges.Single().From ?? 0
            : 0;
}
