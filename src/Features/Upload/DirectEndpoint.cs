using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>HTTP in, HTTP out.</summary>
public static class DirectEndpoint
{
    /// <summary>Where direct uploads are begun; each has its token behind it.</summary>
    public const string Path = ResumableEndpoint.Path + "/direct";

    /// <summary>
    /// Where parts come that go to no server of their own; the address of each is in the query, which no log shows.
    /// </summary>
    public const string PartPath = "/api/upload-parts";

    private const string OnePath = Path + "/{token}";

    /// <summary>A file that is to be uploaded in parts.</summary>
    /// <param name="Name">The file's name.</param>
    /// <param name="SizeBytes">How many bytes it has, 1 and up.</param>
    /// <param name="FolderId">The folder it goes to; the root when absent.</param>
    /// <param name="OnConflict">When the folder has an entry of that name: rename (the default), fail or newVersion.</param>
    /// <param name="FileId">The file of which it becomes the next version, in place of a folder.</param>
    /// <param name="ContentType">Its media type, where its bytes do not tell.</param>
    /// <param name="Sha256">Its digest, in hexadecimal: other bytes become no file. May also be said at the end.</param>
    public sealed record DirectBody(
        string Name, long SizeBytes, string? FolderId = null, string? OnConflict = null, string? FileId = null,
        string? ContentType = null, string? Sha256 = null);

    /// <summary>What is said at the end of an upload in parts.</summary>
    /// <param name="Sha256">The file's digest, in hexadecimal, when it was not said at the beginning: other bytes become no file.</param>
    public sealed record CompleteBody(string? Sha256 = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var direct = api.MapGroup("").WithTags("Upload");
        direct.MapGet(Path, Terms).WithName("readDirectTerms")
            .WithSummary("Whether files can be uploaded in parts that go straight to the store")
            .Produces<DirectTerms>();
        direct.MapPost(Path, Begin).WithName("beginDirectUpload")
            .TakesNoIdempotencyKey("An upload whose URL was not heard makes no file, and its space falls free when it expires.")
            .WithSummary("Begins an upload in parts that go straight to the store, and sets its space aside")
            .WithDescription(
                "The reply's Location is the upload's URL, a secret. Ask there for addresses, PUT each part to its own, in any "
                + "order and several at once, and complete the upload. A part that is sent again takes the place of the former. "
                + "With fileId it becomes the next version of that file, of which If-Match names the tag that it must have at "
                + "the end, too. Where this is not available, the resumable uploads are.")
            .Takes("If-Match", "With fileId: tags, one of which the file or its content must still have.")
            .Produces<DirectUpload>(StatusCodes.Status201Created)
            .Tells("Location", "The upload's URL.")
            .Refuses([
                No.DirectUnavailable, No.TooLarge, No.BadField, No.TypeRefused, EntryName.Taken,
                FolderRejection.NoSuchFolder, .. AllowanceRejection.All, AccessRejection.NoSuchFile, AccessRejection.NotAllowed,
                No.ChangedMeanwhile]);
        direct.MapGet(OnePath, Read).WithName("readDirectUpload")
            .WithSummary("How far an upload in parts is: which of them the store has, and how much of it was looked at since")
            .Produces<DirectUpload>()
            .Refuses([No.Missing, No.Ended, .. Kept]);
        direct.MapGet(OnePath + "/parts", Parts).WithName("addressParts")
            .WithSummary("Addresses for parts of an upload, each good for the one part, its very length and a quarter of an hour")
            .Produces<PartAddresses>()
            .Refuses([No.DirectUnavailable, No.NoSuchPart, No.Missing, No.Ended, No.Delivered, No.AlreadyComplete, .. Kept]);
        direct.MapPost(OnePath + "/complete", Complete).WithName("completeDirectUpload")
            .TakesNoIdempotencyKey("Said twice, it is the same upload and the same file.")
            .WithSummary("Makes a file of an upload whose parts are all there")
            .WithDescription(
                "The store is asked which parts it has, and all bytes are read there before they become a file. 200 when that is "
                + "done; 202 while it goes on: ask how far it is, or complete it again, which changes nothing. Parts that are "
                + "missing are named, and the upload stays open for them; whatever else is refused ends it.")
            .Produces<DirectUpload>()
            .Produces<DirectUpload>(StatusCodes.Status202Accepted)
            .Tells(ResumableEndpoint.FileHeader, "The file that a complete upload became.")
            .Refuses([No.DirectUnavailable, No.MissingPart, No.Missing, No.Ended, .. Kept]);
        direct.MapDelete(OnePath, Cancel).WithName("cancelDirectUpload")
            .WithSummary("Ends an upload in parts and frees its space")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses([No.Missing, No.Ended, No.AlreadyComplete, .. Kept]);
        direct.MapPut(PartPath, Put).WithName("putPart").AllowAnonymous()
            .WithSummary("Takes a part at an address that was given out for it, where the store has none of its own")
            .Accepts<Stream>("application/octet-stream")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.BadAddress, No.WrongPartSize, No.PartsAtOnce, No.Delivered, No.Ended, No.BrokenBody);

        // Whatever its body is called, a part is its bytes.
        direct.MapPut(PartPath, Put).ExcludeFromDescription().AllowAnonymous();
    }

    // What may come of bytes that are all there.
    private static readonly Rejection[] Kept =
    [
        No.DigestMismatch, No.TypeRefused, EntryName.Taken, FolderRejection.NoSuchFolder, AccessRejection.NoSuchFile,
        AccessRejection.NotAllowed, No.ChangedMeanwhile, .. AllowanceRejection.All,
    ];

    private static async Task<IResult> Terms(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadDirectTerms(caller), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Begin(
        DirectBody body, Caller caller, IMediator mediator, CancellationToken cancel,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var placed = Placement.Parse(body.FolderId, body.OnConflict, body.FileId);
        return placed is not Answer<Placement>.Yes(var place, _)
            ? placed.Refusal!.ToProblem()
            : (await mediator.Send(
                new BeginDirectUpload(caller, body.Name, body.ContentType, place, body.SizeBytes, body.Sha256)
                {
                    IfMatch = Http.StrongTags(ifMatch),
                },
                cancel)).ToHttp(begun => TypedResults.Created($"{Path}/{begun.Token}", begun.Upload));
    }

    private static async Task<IResult> Read(
        string token, HttpResponse reply, Caller caller, IMediator mediator, CancellationToken cancel)
    {
        reply.Headers.CacheControl = "no-store";
        return (await mediator.Send(new ReadDirectUpload(caller, token), cancel)).ToHttp(TypedResults.Ok);
    }

    private static async Task<IResult> Parts(
        string token, HttpResponse reply, Caller caller, IMediator mediator, CancellationToken cancel, int from = 1, int count = 100)
    {
        reply.Headers.CacheControl = "no-store";
        return (await mediator.Send(new AddressParts(caller, token, from, count), cancel)).ToHttp(
            page => TypedResults.Ok(new PartAddresses([.. page.Items.Select(InFull)])));
    }

    private static PartAddress InFull(PartAddress part) =>
        part.Url.Contains(':', StringComparison.Ordinal) ? part : part with { Url = $"{PartPath}?address={part.Url}" };

    private static async Task<IResult> Complete(
        string token, HttpResponse reply, Caller caller, IMediator mediator, CancellationToken cancel, CompleteBody? body = null) =>
        (await mediator.Send(new CompleteDirectUpload(caller, token, body?.Sha256), cancel)).ToHttp(IResult (upload) =>
        {
            if (upload.File is { } file)
                reply.Headers[ResumableEndpoint.FileHeader] = file.ToString();
            return upload.File is null ? TypedResults.Accepted($"{Path}/{token}", upload) : TypedResults.Ok(upload);
        });

    private static async Task<IResult> Cancel(string token, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CancelDirectUpload(caller, token), cancel)).ToHttp();

    // Larger than a small body, and never more than the address is for: the handler compares before a byte is read.
    private static async Task<IResult> Put(string address, HttpContext context, IMediator mediator, CancellationToken cancel)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = context.Request.ContentLength ?? 0;
        return (await mediator.Send(new TakePart(address, context.Request.Body, context.Request.ContentLength), cancel)).ToHttp();
    }
}
