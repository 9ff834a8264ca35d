using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Resumable uploads: the routes, and what the API document says of them.</summary>
public static class ResumableEndpoint
{
    /// <summary>Names the file that a complete upload became.</summary>
    public const string FileHeader = "File-Id";

    /// <summary>Where uploads are created; each has its token behind it.</summary>
    public const string Path = "/api/uploads";

    private const string OnePath = Path + "/{token}";

    private const string Offset = "How many bytes are durable.";
    private const string Expires = "Until when it can be continued.";
    private const string Checksum =
        "An algorithm and the digest of the body in base64: a body that is another is refused, and nothing of it kept. "
        + "May come in a trailer that Trailer names.";

    private const string ContentDigest = "The same by RFC 9530: sha-256=:base64:, or sha-512.";
    private const string ReprDigest = "The digest of the whole file (RFC 9530): other bytes become no file. sha-256 is understood.";
    private const string Last = "IETF: ?1 when these are the last bytes, ?0 when more follow. Upload-Incomplete in version 3, the other way round.";
    private const string IsLast = "IETF: ?1 when all bytes are there. Upload-Incomplete in version 3, the other way round.";
    private const string Limit = "IETF: max-size, the largest file in bytes, and max-age, the seconds for which an upload can be continued.";
    private const string Complete = "The file that a complete upload became.";

    public static void Map(IEndpointRouteBuilder api)
    {
        var tus = api.MapGroup("").WithTags("Upload");
        tus.MapMethods(Path, [HttpMethods.Options], TusEndpoint.Describe).WithName("describeResumableUploads")
            .WithSummary("Which parts of the tus protocol this server speaks, and the limits of resumable uploads")
            .Produces(StatusCodes.Status204NoContent)
            .Tells("Tus-Version", "The protocol's version: 1.0.0.")
            .Tells("Tus-Extension", "The extensions that are spoken here, with commas between them.")
            .Tells("Tus-Max-Size", "The largest file that is taken, in bytes.")
            .Tells("Tus-Checksum-Algorithm", "What Upload-Checksum may name, with commas between them.")
            .Tells("Accept-Patch", "The types of bodies that continue an upload: of tus, and of the IETF's drafts.")
            .Tells("Upload-Limit", Limit)
            .AllowAnonymous();
        tus.MapMethods(OnePath, [HttpMethods.Options], TusEndpoint.Describe).ExcludeFromDescription().AllowAnonymous();

        var resumable = tus.MapGroup("").AddEndpointFilter(Speak)
            .Takes(TusEndpoint.VersionHeader, "The tus protocol's version: 1.0.0.")
            .Takes(
                DraftEndpoint.VersionHeader,
                "Instead of Tus-Resumable: the interop version of the IETF's resumable uploads that is spoken, 3 to 8.");
        resumable.MapPost(Path, Create).WithName("createResumableUpload")
            .TakesNoIdempotencyKey("An upload whose URL was not heard makes no file, and its space falls free when it expires.")
            .WithSummary("Begins a resumable upload (tus 1.0, or the IETF's resumable uploads), with its first bytes or without")
            .WithDescription(
                "Upload-Metadata takes filename, filetype, folderId and onConflict; or fileId for the next version of a file "
                + "that is there, of which If-Match names the tag that it must have at the end, too. A client of the IETF's "
                + "drafts may use Content-Disposition and Content-Type for name and type. The reply's Location is the "
                + "upload's URL, a secret; when the upload is complete already, File-Id names its file.")
            .Accepts<Stream>(isOptional: true, TusEndpoint.OffsetStream)
            .Takes("Upload-Length", "How many bytes the file has.")
            .Takes("Upload-Defer-Length", "1 instead of Upload-Length when nobody knows yet.")
            .Takes(
                "Upload-Concat",
                "partial: its bytes become a file together with those of others. final; and the URLs of such uploads, with spaces "
                + "between them: it becomes the file of their bytes, one after the other, and they are used up.")
            .Takes(DraftEndpoint.CompleteHeader, Last)
            .Takes("Upload-Metadata", "Keys, each with a space and its value in base64, with commas between them.")
            .Takes("If-Match", "With fileId: tags, one of which the file or its content must still have.")
            .Takes(ContentChecks.ChecksumHeader, Checksum)
            .Takes("Content-Digest", ContentDigest)
            .Takes("Repr-Digest", ReprDigest)
            .Produces(StatusCodes.Status201Created)
            .Tells("Location", "The upload's URL.")
            .Tells(DraftEndpoint.CompleteHeader, IsLast)
            .Tells("Upload-Limit", Limit)
            .Tells("Upload-Offset", Offset)
            .Tells("Upload-Expires", Expires)
            .Tells(FileHeader, Complete)
            .Refuses(
                No.OtherTusVersion, No.BadLength, No.BadMetadata, No.BadField, No.NotOffsetStream, No.TooLarge,
                No.BeyondLength, No.TypeRefused, No.BrokenBody, No.BadChecksum, No.ChecksumMismatch, No.BadDigest,
                No.DigestMismatch, No.BadConcat, No.TooManyParts, No.NotAPart, No.UnfinishedPart, No.Missing, No.Ended,
                No.InUse, No.OtherDraft, No.BadComplete, No.OtherLength,
                EntryName.Taken, FolderRejection.NoSuchFolder, AccessRejection.NoSuchFile, AccessRejection.NotAllowed,
                No.ChangedMeanwhile);
        resumable.MapMethods(OnePath, [HttpMethods.Head], Read).WithName("readResumableUpload")
            .WithSummary("How many bytes of a resumable upload are durable")
            .Produces(StatusCodes.Status200OK)
            .Produces(StatusCodes.Status204NoContent)
            .Tells("Upload-Offset", Offset)
            .Tells(DraftEndpoint.CompleteHeader, IsLast)
            .Tells("Upload-Limit", Limit)
            .Tells("Upload-Length", "How many bytes the file has.")
            .Tells("Upload-Defer-Length", "1 instead of Upload-Length as long as nobody knows.")
            .Tells("Upload-Concat", "partial or final, when it is one of these.")
            .Tells("Upload-Metadata", "The name and the type, as they were given.")
            .Tells("Upload-Expires", Expires)
            .Tells(FileHeader, Complete)
            .Refuses(No.OtherTusVersion, No.OtherDraft, No.Missing, No.Ended, No.InUse);
        resumable.MapPatch(OnePath, Continue).WithName("continueResumableUpload")
            .WithSummary("Adds bytes to a resumable upload")
            .WithDescription("With the last byte the upload becomes a file, which File-Id names. Bytes of a broken request are kept.")
            .Takes("Upload-Offset", "Where these bytes begin: as many as are there.", isRequired: true)
            .Takes("Upload-Length", "How many bytes the file has, once, when its creation left it open.")
            .Takes(DraftEndpoint.CompleteHeader, Last)
            .Takes(ContentChecks.ChecksumHeader, Checksum)
            .Takes("Content-Digest", ContentDigest)
            .Takes("Repr-Digest", ReprDigest)
            .Accepts<Stream>(TusEndpoint.OffsetStream, DraftEndpoint.PartialUpload)
            .Produces(StatusCodes.Status204NoContent)
            .Tells("Upload-Offset", Offset)
            .Tells(DraftEndpoint.CompleteHeader, IsLast)
            .Tells("Upload-Expires", Expires)
            .Tells(FileHeader, Complete)
            .Refuses(
                No.OtherTusVersion, No.OtherDraft, No.BadComplete, No.NotPartialUpload, No.NotOffsetStream, No.BadOffset, No.WrongOffset, No.BeyondLength, No.InUse, No.Missing, No.Final,
                No.Ended, No.BrokenBody, No.TypeRefused, No.BadLength, No.OtherLength, No.TooLarge, No.BadChecksum,
                No.ChecksumMismatch, No.BadDigest, No.DigestMismatch, EntryName.Taken, AccessRejection.NoSuchFile,
                AccessRejection.NotAllowed, No.ChangedMeanwhile);
        resumable.MapDelete(OnePath, TusEndpoint.Cancel).WithName("cancelResumableUpload")
            .WithSummary("Ends a resumable upload and frees its space (tus termination)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.OtherTusVersion, No.Missing, No.Ended, No.AlreadyComplete, No.InUse);

        // For clients behind proxies that know GET and POST alone, and for bodies of another type than the documented
        // one, so that their refusal tells why like every other.
        resumable.MapPost(OnePath, TusEndpoint.Override).ExcludeFromDescription();
        resumable.MapPost(Path, Create).ExcludeFromDescription();
        resumable.MapPatch(OnePath, Continue).ExcludeFromDescription();
    }

    private static ValueTask<object?> Speak(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var (request, reply) = (context.HttpContext.Request, context.HttpContext.Response);
        if (DraftEndpoint.IsAsked(request))
            return next(context);
        reply.Headers[TusEndpoint.VersionHeader] = TusEndpoint.Protocol;
        if (request.Headers[TusEndpoint.VersionHeader] == TusEndpoint.Protocol)
            return next(context);
        reply.Headers["Tus-Version"] = TusEndpoint.Protocol;
        return ValueTask.FromResult<object?>(No.OtherTusVersion.ToProblem());
    }

    // One resource, two protocols: what a request says of itself decides.
    private static Task<IResult> Create(
        HttpContext context, Caller caller, IMediator mediator, UploadOptions options, CancellationToken cancel) =>
        DraftEndpoint.IsAsked(context.Request)
            ? DraftEndpoint.Create(context, caller, mediator, options, cancel)
            : TusEndpoint.Create(context, caller, mediator, cancel);

    private static Task<IResult> Read(
        string token, HttpContext context, Caller caller, IMediator mediator, UploadOptions options, CancellationToken cancel) =>
        DraftEndpoint.IsAsked(context.Request)
            ? DraftEndpoint.Read(token, context, caller, mediator, options, cancel)
            : TusEndpoint.Read(token, context.Response, caller, mediator, cancel);

    private static Task<IResult> Continue(
        string token, HttpContext context, Caller caller, IMediator mediator, CancellationToken cancel) =>
        DraftEndpoint.IsAsked(context.Request)
            ? DraftEndpoint.Continue(token, context, caller, mediator, cancel)
            : TusEndpoint.Continue(token, context, caller, mediator, cancel);
}
