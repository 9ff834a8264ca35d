using System.Globalization;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Features;
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

    /// <summary>The header that says that a request speaks tus.</summary>
    public const string VersionHeader = "Tus-Resumable";

    /// <summary>What a file is called when the client says nothing.</summary>
    public const string Unnamed = "unnamed";

    public static NoContent Describe(HttpResponse reply, UploadOptions options)
    {
        reply.Headers[VersionHeader] = Protocol;
        reply.Headers["Tus-Version"] = Protocol;
        reply.Headers["Tus-Extension"] = Extensions;
        reply.Headers["Tus-Max-Size"] = Text(options.MaxFileBytes);
        reply.Headers["Tus-Checksum-Algorithm"] = string.Join(',', ContentChecks.Algorithms.Keys.Order());
        reply.Headers["Accept-Patch"] = $"{OffsetStream}, {DraftEndpoint.PartialUpload}";
        reply.Headers["Upload-Limit"] = $"max-size={Text(options.MaxFileBytes)}";
        return TypedResults.NoContent();
    }

    public static async Task<IResult> Create(
        HttpContext context, Caller caller, IMediator mediator, CancellationToken cancel)
    {
        var request = context.Request;
        var hasBody = HasBody(context);
        var hasLength = TryBytes(request, "Upload-Length", out var lengthBytes) && lengthBytes is not null;
        var defer = Header(request, "Upload-Defer-Length");
        var concat = UploadConcat.Parse(request.Headers[UploadConcat.Header]);
        if (concat is not Answer<UploadConcat>.Yes(var joins, _))
            return concat.Refusal!.ToProblem();
        if (joins.IsFinal && (hasBody || request.Headers.ContainsKey("Upload-Length") || defer is not null))
            return No.BadConcat.ToProblem();
        if (!joins.IsFinal && (defer is null ? !hasLength : defer != "1" || request.Headers.ContainsKey("Upload-Length")))
            return No.BadLength.ToProblem();
        var parsed = TusMetadata.Parse(Header(request, "Upload-Metadata"));
        if (parsed is not Answer<TusMetadata>.Yes(var about, _))
            return parsed.Refusal!.ToProblem();
        var said = Said(request);
        if (said is not Answer<Proofs>.Yes(var proofs, _))
            return said.Refusal!.ToProblem();
        if (hasBody && !IsOffsetStream(request))
            return No.NotOffsetStream.ToProblem();

        UploadEndpoint.AllowLargeBody(context);
        var (name, place, ifMatch) = (about.Name ?? Unnamed, about.Placement, Http.StrongTags(Header(request, "If-Match")));
        var answer = joins.IsFinal
            ? await mediator.Send(
                new JoinUploads(caller, joins.Parts, name, about.Type, place) { IfMatch = ifMatch, Sha256 = proofs.Sha256 }, cancel)
            : await mediator.Send(
                new CreateUpload(
                    caller, lengthBytes, name, about.Type, place, hasBody ? request.Body : null, request.ContentLength)
                {
                    IfMatch = ifMatch,
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
        string token, HttpContext context, Caller caller, IMediator mediator, CancellationToken cancel)
    {
        var request = context.Request;
        if (!IsOffsetStream(request))
            return No.NotOffsetStream.ToProblem();
        if (!TryBytes(request, "Upload-Offset", out var offset) || offset is not { } offsetBytes)
            return No.BadOffset.ToProblem();
        if (!TryBytes(request, "Upload-Length", out var lengthBytes))
            return No.BadLength.ToProblem();
        var said = Said(request);
        if (said is not Answer<Proofs>.Yes(var proofs, _))
            return said.Refusal!.ToProblem();

        UploadEndpoint.AllowLargeBody(context);
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
        string token, HttpContext context, Caller caller, IMediator mediator,
        CancellationToken cancel) => Header(context.Request, "X-HTTP-Method-Override")?.ToUpperInvariant() switch
        {
            "HEAD" => Read(token, context.Response, caller, mediator, cancel),
            "PATCH" => Continue(token, context, caller, mediator, cancel),
            "DELETE" => Cancel(token, caller, mediator, cancel),
            _ => Task.FromResult(No.BadOverride.ToProblem()),
        };

    /// <summary>What the client says of the bytes of this request, and of the whole.</summary>
    public static Answer<Proofs> Said(HttpRequest request) => ContentChecks.Of(request.Headers, () => Trailer(request)) switch
    {
        Answer<ContentChecks>.Yes(var content, _) =>
            DigestField.Sha256(request.Headers["Repr-Digest"]).Map(whole => new Proofs(content, whole)),
        var no => no.Refusal!,
    };

    private static string? Trailer(HttpRequest request) =>
        request.CheckTrailersAvailable() && request.GetTrailer(ContentChecks.ChecksumHeader) is [{ } one] ? one : null;

    /// <summary>How far an upload is.</summary>
    public static void Tell(HttpResponse reply, UploadProgress progress)
    {
        reply.Headers["Upload-Offset"] = Text(progress.OffsetBytes);
        reply.Headers["Upload-Expires"] = HeaderUtilities.FormatDate(progress.ExpiresAt);
        if (progress.File is { } file)
            reply.Headers[ResumableEndpoint.FileHeader] = file.ToString();
    }

    /// <summary>Clients know 413 for whatever does not fit, and give up; 507 they would try again.</summary>
    public static Answer<T> WithoutSpace<T>(Answer<T> answer) =>
        answer.Refusal is { Kind: RejectionKind.OverQuota } why ? why with { Kind = RejectionKind.TooLarge } : answer;

    private static bool IsOffsetStream(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(OffsetStream, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether bytes come with a request; how many, it may leave open.</summary>
    public static bool HasBody(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    /// <summary>A header that stands there once; null when it does not. What stands there twice is no number and no word.</summary>
    public static string? Header(HttpRequest request, string name) => request.Headers[name] is { Count: > 0 } value ? value.ToString() : null;

    /// <summary>A header's number of bytes, null when it is not there; false when it is no such number.</summary>
    public static bool TryBytes(HttpRequest request, string name, out long? bytes)
    {
        var isNumber = long.TryParse(Header(request, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        bytes = isNumber ? number : null;
        return isNumber || Header(request, name) is null;
    }

    public static string Text(long bytes) => bytes.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a client says of bytes.</summary>
/// <param name="Content">Of those of one request.</param>
/// <param name="Sha256">Of the whole file, lower-case hex; null when it says nothing.</param>
internal sealed record Proofs(ContentChecks Content, string? Sha256);
