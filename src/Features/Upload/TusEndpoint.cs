using System.Globalization;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>The tus protocol, version 1.0.0, in and out.</summary>
internal static class TusEndpoint
{
    public const string Protocol = "1.0.0";
    public const string OffsetStream = "application/offset+octet-stream";

    private const string Extensions =
        "creation,creation-with-upload,creation-defer-length,expiration,termination,checksum,checksum-trailer,concatenation";

    // What a file of that name is called when the client says nothing.
    private const string Unnamed = "unnamed";

    public static NoContent Describe(HttpResponse reply, UploadOptions options)
    {
        reply.Headers["Tus-Resumable"] = Protocol;
        reply.Headers["Tus-Version"] = Protocol;
        reply.Headers["Tus-Extension"] = Extensions;
        reply.Headers["Tus-Max-Size"] = Text(options.MaxFileBytes);
        reply.Headers["Tus-Checksum-Algorithm"] = string.Join(',', ContentChecks.Algorithms.Keys.Order());
        return TypedResults.NoContent();
    }

    public static async Task<IResult> Create(
        HttpContext context, Caller caller, IMediator mediator, UploadOptions options,
        [FromHeader(Name = "Upload-Length")] string? length,
        [FromHeader(Name = "Upload-Defer-Length")] string? defer,
        [FromHeader(Name = "Upload-Metadata")] string? metadata,
        CancellationToken cancel)
    {
        var request = context.Request;
        var hasBody = request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0;
        var lengthBytes = Bytes(length);
        var concat = UploadConcat.Parse(request.Headers[UploadConcat.Header]);
        if (concat is not Answer<UploadConcat>.Yes(var joins, _))
            return concat.Refusal!.ToProblem();
        if (joins.IsFinal && (hasBody || length is not null || defer is not null))
            return No.BadConcat.ToProblem();
        if (!joins.IsFinal && (defer is null ? lengthBytes is null : length is not null || defer != "1"))
            return No.BadLength.ToProblem();
        var parsed = TusMetadata.Parse(metadata);
        if (parsed is not Answer<TusMetadata>.Yes(var about, _))
            return parsed.Refusal!.ToProblem();
        var said = Said(request);
        if (said is not Answer<Proofs>.Yes(var proofs, _))
            return said.Refusal!.ToProblem();
        if (hasBody && !IsOffsetStream(request))
            return No.NotOffsetStream.ToProblem();

        UploadEndpoint.AllowLargeBody(context, options);
        var (name, place) = (about.Name ?? Unnamed, new Placement(about.Folder, about.OnConflict));
        var answer = joins.IsFinal
            ? await mediator.Send(
                new JoinUploads(caller, joins.Parts, name, about.Type, place) { Sha256 = proofs.Sha256 }, cancel)
            : await mediator.Send(
                new CreateUpload(
                    caller, lengthBytes, name, about.Type, place, hasBody ? request.Body : null, request.ContentLength)
                {
                    Checks = proofs.Content,
                    Sha256 = proofs.Sha256,
                    IsPart = joins.IsPart,
                },
                cancel);
        return WithoutSpace(answer).ToHttp(created =>
        {
            Tell(context.Response, created.Progress);
            return TypedResults.Created($"{ResumableEndpoint.Path}/{created.Token}");
        });
    }

    public static async Task<IResult> Read(
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
            if (progress.IsPart || progress.IsFinal)
                reply.Headers[UploadConcat.Header] = progress.IsPart ? UploadConcat.Partial : UploadConcat.Final;
            if (!progress.IsPart)
                reply.Headers["Upload-Metadata"] = TusMetadata.Format(progress.Name, progress.ContentType);
            return TypedResults.Ok();
        });
    }

    public static async Task<IResult> Continue(
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

    public static async Task<IResult> Cancel(string token, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CancelUpload(caller, token), cancel)).ToHttp();

    public static Task<IResult> Override(
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
    private static Answer<Proofs> Said(HttpRequest request) => ContentChecks.Of(request.Headers, () => Trailer(request)) switch
    {
        Answer<ContentChecks>.Yes(var content, _) =>
            DigestField.Sha256(request.Headers["Repr-Digest"]).Map(whole => new Proofs(content, whole)),
        var no => no.Refusal!,
    };

    private static string? Trailer(HttpRequest request) =>
        request.CheckTrailersAvailable() && request.GetTrailer(ContentChecks.ChecksumHeader) is [{ } one] ? one : null;

    private static void Tell(HttpResponse reply, UploadProgress progress)
    {
        reply.Headers["Upload-Offset"] = Text(progress.OffsetBytes);
        reply.Headers["Upload-Expires"] = HeaderUtilities.FormatDate(progress.ExpiresAt);
        if (progress.File is { } file)
            reply.Headers[ResumableEndpoint.FileHeader] = file.ToString();
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
