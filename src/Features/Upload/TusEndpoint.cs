using System.Globalization;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>The tus protocol, version 1.0.0: resumable uploads.</summary>
public static class TusEndpoint
{
    /// <summary>Names the file that a complete upload became.</summary>
    public const string FileHeader = "File-Id";

    private const string Protocol = "1.0.0";
    private const string Extensions =
        "creation,creation-with-upload,creation-defer-length,expiration,termination,checksum,checksum-trailer";
    private const string OffsetStream = "application/offset+octet-stream";
    private const string Path = "/api/uploads";
    private const string OnePath = Path + "/{token}";

    private const string Offset = "How many bytes are durable.";
    private const string Expires = "Until when it can be continued.";
    private const string Checksum =
        "An algorithm and the digest of the body in base64: a body that is another is refused, and nothing of it kept. "
        + "May come in a trailer that Trailer names.";

    private const string ContentDigest = "The same by RFC 9530: sha-256=:base64:, or sha-512.";
    private const string ReprDigest = "The digest of the whole file (RFC 9530): other bytes become no file. sha-256 is understood.";
    private const string Complete = "The file that a complete upload became.";

    // What a file of that name is called when the client says nothing.
    private const string Unnamed = "unnamed";

    public static void Map(IEndpointRouteBuilder api)
    {
        var tus = api.MapGroup("").WithTags("Upload");
        tus.MapMethods(Path, [HttpMethods.Options], Describe).WithName("describeResumableUploads")
            .WithSummary("Which parts of the tus protocol this server speaks")
            .Produces(StatusCodes.Status204NoContent)
            .Tells("Tus-Version", "The protocol's version: 1.0.0.")
            .Tells("Tus-Extension", "The extensions that are spoken here, with commas between them.")
            .Tells("Tus-Max-Size", "The largest file that is taken, in bytes.")
            .Tells("Tus-Checksum-Algorithm", "What Upload-Checksum may name, with commas between them.")
            .AllowAnonymous();
        tus.MapMethods(OnePath, [HttpMethods.Options], Describe).ExcludeFromDescription().AllowAnonymous();

        var resumable = tus.MapGroup("").AddEndpointFilter(SpeakTus)
            .Takes("Tus-Resumable", "The protocol's version: 1.0.0.", isRequired: true);
        resumable.MapPost(Path, Create).WithName("createResumableUpload")
            .TakesNoIdempotencyKey("An upload whose URL was not heard makes no file, and its space falls free when it expires.")
            .WithSummary("Begins a resumable upload (tus creation, creation-with-upload)")
            .WithDescription(
                "Upload-Metadata takes filename, filetype, folderId and onConflict. The reply's Location is the upload's "
                + "URL, a secret; when the upload is complete already, File-Id names its file.")
            .Accepts<Stream>(isOptional: true, OffsetStream)
            .Takes("Upload-Length", "How many bytes the file has.")
            .Takes("Upload-Defer-Length", "1 instead of Upload-Length when nobody knows yet.")
            .Takes("Upload-Metadata", "Keys, each with a space and its value in base64, with commas between them.")
            .Takes(ContentChecks.ChecksumHeader, Checksum)
            .Takes("Content-Digest", ContentDigest)
            .Takes("Repr-Digest", ReprDigest)
            .Produces(StatusCodes.Status201Created)
            .Tells("Location", "The upload's URL.")
            .Tells("Upload-Offset", Offset)
            .Tells("Upload-Expires", Expires)
            .Tells(FileHeader, Complete)
            .Refuses(
                No.OtherTusVersion, No.BadLength, No.BadMetadata, No.BadField, No.NotOffsetStream, No.TooLarge,
                No.BeyondLength, No.TypeRefused, No.BrokenBody, No.BadChecksum, No.ChecksumMismatch, No.BadDigest,
                No.DigestMismatch, EntryName.Taken, FolderRejection.NoSuchFolder);
        resumable.MapMethods(OnePath, [HttpMethods.Head], Read).WithName("readResumableUpload")
            .WithSummary("How many bytes of a resumable upload are durable")
            .Produces(StatusCodes.Status200OK)
            .Tells("Upload-Offset", Offset)
            .Tells("Upload-Length", "How many bytes the file has.")
            .Tells("Upload-Defer-Length", "1 instead of Upload-Length as long as nobody knows.")
            .Tells("Upload-Metadata", "The name and the type, as they were given.")
            .Tells("Upload-Expires", Expires)
            .Tells(FileHeader, Complete)
            .Refuses(No.OtherTusVersion, No.Missing, No.Ended, No.InUse);
        resumable.MapPatch(OnePath, Continue).WithName("continueResumableUpload")
            .WithSummary("Adds bytes to a resumable upload")
            .WithDescription("With the last byte the upload becomes a file, which File-Id names. Bytes of a broken request are kept.")
            .Takes("Upload-Offset", "Where these bytes begin: as many as are there.", isRequired: true)
            .Takes("Upload-Length", "How many bytes the file has, once, when its creation left it open.")
            .Takes(ContentChecks.ChecksumHeader, Checksum)
            .Takes("Content-Digest", ContentDigest)
            .Takes("Repr-Digest", ReprDigest)
            .Accepts<Stream>(OffsetStream)
            .Produces(StatusCodes.Status204NoContent)
            .Tells("Upload-Offset", Offset)
            .Tells("Upload-Expires", Expires)
            .Tells(FileHeader, Complete)
            .Refuses(
                No.OtherTusVersion, No.NotOffsetStream, No.BadOffset, No.WrongOffset, No.BeyondLength, No.InUse, No.Missing,
                No.Ended, No.BrokenBody, No.TypeRefused, No.BadLength, No.OtherLength, No.TooLarge, No.BadChecksum,
                No.ChecksumMismatch, No.BadDigest, No.DigestMismatch, EntryName.Taken);
        resumable.MapDelete(OnePath, Cancel).WithName("cancelResumableUpload")
            .WithSummary("Ends a resumable upload and frees its space (tus termination)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.OtherTusVersion, No.Missing, No.Ended, No.AlreadyComplete, No.InUse);

        // For clients behind proxies that know GET and POST alone, and for bodies of another type than the documented
        // one, so that their refusal tells why like every other.
        resumable.MapPost(OnePath, Override).ExcludeFromDescription();
        resumable.MapPost(Path, Create).ExcludeFromDescription();
        resumable.MapPatch(OnePath, Continue).ExcludeFromDescription();
    }

    private static ValueTask<object?> SpeakTus(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var (request, reply) = (context.HttpContext.Request, context.HttpContext.Response);
        reply.Headers["Tus-Resumable"] = Protocol;
        if (request.Headers["Tus-Resumable"] == Protocol)
            return next(context);
        reply.Headers["Tus-Version"] = Protocol;
        return ValueTask.FromResult<object?>(No.OtherTusVersion.ToProblem());
    }

    private static NoContent Describe(HttpResponse reply, UploadOptions options)
    {
        reply.Headers["Tus-Resumable"] = Protocol;
        reply.Headers["Tus-Version"] = Protocol;
        reply.Headers["Tus-Extension"] = Extensions;
        reply.Headers["Tus-Max-Size"] = Text(options.MaxFileBytes);
        reply.Headers["Tus-Checksum-Algorithm"] = string.Join(',', ContentChecks.Algorithms.Keys.Order());
        return TypedResults.NoContent();
    }

    private static async Task<IResult> Create(
        HttpContext context, Caller caller, IMediator mediator, UploadOptions options,
        [FromHeader(Name = "Upload-Length")] string? length,
        [FromHeader(Name = "Upload-Defer-Length")] string? defer,
        [FromHeader(Name = "Upload-Metadata")] string? metadata,
        CancellationToken cancel)
    {
        var request = context.Request;
        var lengthBytes = Bytes(length);
        if (defer is null ? lengthBytes is null : length is not null || defer != "1")
            return No.BadLength.ToProblem();
        var parsed = TusMetadata.Parse(metadata);
        if (parsed is not Answer<TusMetadata>.Yes(var about, _))
            return parsed.Refusal!.ToProblem();
        var said = Said(request);
        if (said is not Answer<Proofs>.Yes(var proofs, _))
            return said.Refusal!.ToProblem();
        var hasBody = request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0;
        if (hasBody && !IsOffsetStream(request))
            return No.NotOffsetStream.ToProblem();

        UploadEndpoint.AllowLargeBody(context, options);
        var answer = await mediator.Send(
            new CreateUpload(
                caller, lengthBytes, about.Name ?? Unnamed, about.Type, new Placement(about.Folder, about.OnConflict),
                hasBody ? request.Body : null, request.ContentLength)
            {
                Checks = proofs.Content,
                Sha256 = proofs.Sha256,
            },
            cancel);
        return WithoutSpace(answer).ToHttp(created =>
        {
            Tell(context.Response, created.Progress);
            return TypedResults.Created($"{Path}/{created.Token}");
        });
    }

    private static async Task<IResult> Read(
        string token, HttpResponse reply, Caller caller, IMediator mediator, CancellationToken cancel)
    {
        reply.Headers.CacheControl = "no-store";
        return (await mediator.Send(new ReadUpload(caller, token), cancel)).ToHttp(progress =>
        {
            Tell(reply, progress);
            if (progress.LengthBytes is { } lengthBytes)
                reply.Headers["Upload-Length"] = Text(lengthBytes);
            else
                reply.Headers["Upload-Defer-Length"] = "1";
            reply.Headers["Upload-Metadata"] = TusMetadata.Format(progress.Name, progress.ContentType);
            return TypedResults.Ok();
        });
    }

    private static async Task<IResult> Continue(
        string token, HttpContext context, Caller caller, IMediator mediator, UploadOptions options,
        [FromHeader(Name = "Upload-Offset")] string? offset,
        [FromHeader(Name = "Upload-Length")] string? length,
        CancellationToken cancel)
    {
        var request = context.Request;
        if (!IsOffsetStream(request))
            return No.NotOffsetStream.ToProblem();
        if (Bytes(offset) is not { } offsetBytes)
            return No.BadOffset.ToProblem();
        var lengthBytes = Bytes(length);
        if (length is not null && lengthBytes is null)
            return No.BadLength.ToProblem();
        var said = Said(request);
        if (said is not Answer<Proofs>.Yes(var proofs, _))
            return said.Refusal!.ToProblem();

        UploadEndpoint.AllowLargeBody(context, options);
        var answer = await mediator.Send(
            new ContinueUpload(caller, token, offsetBytes, request.Body, request.ContentLength)
            {
                LengthBytes = lengthBytes,
                Checks = proofs.Content,
                Sha256 = proofs.Sha256,
            },
            cancel);
        return WithoutSpace(answer).ToHttp(progress =>
        {
            Tell(context.Response, progress);
            return TypedResults.NoContent();
        });
    }

    private static async Task<IResult> Cancel(string token, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CancelUpload(caller, token), cancel)).ToHttp();

    private static Task<IResult> Override(
        string token, HttpContext context, Caller caller, IMediator mediator, UploadOptions options,
        [FromHeader(Name = "X-HTTP-Method-Override")] string? method,
        [FromHeader(Name = "Upload-Offset")] string? offset,
        [FromHeader(Name = "Upload-Length")] string? length,
        CancellationToken cancel) => method?.ToUpperInvariant() switch
        {
            "HEAD" => Read(token, context.Response, caller, mediator, cancel),
            "PATCH" => Continue(token, context, caller, mediator, options, offset, length, cancel),
            "DELETE" => Cancel(token, caller, mediator, cancel),
            _ => Task.FromResult(No.BadOverride.ToProblem()),
        };

    // What the client says of the bytes of this request, and of the whole.
    private static Answer<Proofs> Said(HttpRequest request) => ContentChecks.Of(request) switch
    {
        Answer<ContentChecks>.Yes(var content, _) =>
            DigestField.Sha256(request.Headers["Repr-Digest"]).Map(whole => new Proofs(content, whole)),
        var no => no.Refusal!,
    };

    private static void Tell(HttpResponse reply, UploadProgress progress)
    {
        reply.Headers["Upload-Offset"] = Text(progress.OffsetBytes);
        reply.Headers["Upload-Expires"] = HeaderUtilities.FormatDate(progress.ExpiresAt);
        if (progress.File is { } file)
            reply.Headers[FileHeader] = file.ToString();
    }

    // Clients of this protocol know 413 for whatever does not fit, and give up; 507 they would try again.
    private static Answer<T> WithoutSpace<T>(Answer<T> answer) =>
        answer.Refusal is { Kind: RejectionKind.OverQuota } why ? why with { Kind = RejectionKind.TooLarge } : answer;

    private static bool IsOffsetStream(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(OffsetStream, StringComparison.OrdinalIgnoreCase);

    private static long? Bytes(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null;

    private static string Text(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);

    private sealed record Proofs(ContentChecks Content, string? Sha256);
}
