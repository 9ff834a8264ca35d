using System.Globalization;
using System.Text;
using MediatR;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>
/// Resumable uploads as the IETF's drafts have them (draft-ietf-httpbis-resumable-upload), in and out: interop versions 3
/// to 8. What differs between these is the name and the sense of one header, and the type of a continuation's body.
/// </summary>
internal static class DraftEndpoint
{
    public const string PartialUpload = "application/partial-upload";
    public const string VersionHeader = "Upload-Draft-Interop-Version";
    public const string CompleteHeader = "Upload-Complete";

    private const string IncompleteHeader = "Upload-Incomplete";
    private const int Oldest = 3;
    private const int Newest = 8;
    private const int FirstWithComplete = 4;
    private const int FirstWithPartialUpload = 6;
    private const int FirstWithMaxAge = 7;

    // Servers in between that say so may take an interim response for the final one.
    private static readonly string[] MarksOfProxies = ["Via", "Forwarded", "X-Forwarded-For", "X-Original-For", "X-Forwarded-Proto"];

    /// <summary>Whether a request speaks so. Who says Tus-Resumable speaks tus.</summary>
    public static bool IsAsked(HttpRequest request) =>
        request.Headers[TusEndpoint.VersionHeader].Count == 0
        && (request.Headers.ContainsKey(VersionHeader) || request.Headers.ContainsKey(CompleteHeader) || request.Headers.ContainsKey(IncompleteHeader));

    public static async Task<IResult> Create(
        HttpContext context, Caller caller, IMediator mediator, UploadOptions options, CancellationToken cancel)
    {
        var request = context.Request;
        if (Version(request) is not { } version)
            return No.OtherDraft.ToProblem();
        if (IsLast(request, version) is not { } isLast)
            return No.BadComplete.ToProblem();
        if (!TusEndpoint.TryBytes(request, "Upload-Length", out var lengthBytes))
            return No.BadLength.ToProblem();
        var parsed = TusMetadata.Parse(TusEndpoint.Header(request, "Upload-Metadata"));
        if (parsed is not Answer<TusMetadata>.Yes(var about, _))
            return parsed.Refusal!.ToProblem();
        var said = TusEndpoint.Said(request);
        if (said is not Answer<Proofs>.Yes(var proofs, _))
            return said.Refusal!.ToProblem();

        var hasBody = TusEndpoint.HasBody(context);
        var contentBytes = hasBody ? request.ContentLength : 0;
        if (isLast && contentBytes is not null && lengthBytes is not null && contentBytes != lengthBytes)
            return No.OtherLength.ToProblem();
        UploadEndpoint.AllowLargeBody(context);
        var answer = await mediator.Send(
            new CreateUpload(
                caller, lengthBytes ?? (isLast ? contentBytes : null), about.Name ?? NameIn(request) ?? TusEndpoint.Unnamed,
                about.Type ?? (IsPartialUpload(request) ? null : request.ContentType), about.Placement,
                hasBody ? request.Body : null, contentBytes)
            {
                IfMatch = Http.StrongTags(TusEndpoint.Header(request, "If-Match")),
                Checks = proofs.Content,
                Sha256 = proofs.Sha256,
                EndsHere = isLast,
                Announce = hasBody && request.Headers.ContainsKey(VersionHeader) ? token => Announce(context, version, token, cancel) : null,
            },
            cancel);
        return TusEndpoint.WithoutSpace(answer).ToHttp(created =>
        {
            Tell(context.Response, version, created.Progress);
            context.Response.Headers["Upload-Limit"] = Limits(version, context, options, created.Progress);
            return TypedResults.Created($"{ResumableEndpoint.Path}/{created.Token}");
        });
    }

    public static async Task<IResult> Read(
        string token, HttpContext context, Caller caller, IMediator mediator, UploadOptions options, CancellationToken cancel)
    {
        if (Version(context.Request) is not { } version)
            return No.OtherDraft.ToProblem();
        var reply = context.Response;
        reply.Headers.CacheControl = "no-store";
        return (await mediator.Send(new ReadUpload(caller, token) { Interrupts = true }, cancel)).ToHttp(progress =>
        {
            Tell(reply, version, progress);
            if (progress.LengthBytes is { } lengthBytes)
                reply.Headers["Upload-Length"] = TusEndpoint.Text(lengthBytes);
            reply.Headers["Upload-Limit"] = Limits(version, context, options, progress);
            return TypedResults.NoContent();
        });
    }

    public static async Task<IResult> Continue(
        string token, HttpContext context, Caller caller, IMediator mediator, CancellationToken cancel)
    {
        var request = context.Request;
        if (Version(request) is not { } version)
            return No.OtherDraft.ToProblem();
        if (version >= FirstWithPartialUpload && !IsPartialUpload(request))
            return No.NotPartialUpload.ToProblem();
        if (IsLast(request, version) is not { } isLast)
            return No.BadComplete.ToProblem();
        if (!TusEndpoint.TryBytes(request, "Upload-Offset", out var offset) || offset is not { } offsetBytes)
            return No.BadOffset.ToProblem();
        if (!TusEndpoint.TryBytes(request, "Upload-Length", out var lengthBytes))
            return No.BadLength.ToProblem();
        var said = TusEndpoint.Said(request);
        if (said is not Answer<Proofs>.Yes(var proofs, _))
            return said.Refusal!.ToProblem();

        UploadEndpoint.AllowLargeBody(context);
        var answer = await mediator.Send(
            new ContinueUpload(caller, token, offsetBytes, request.Body, TusEndpoint.HasBody(context) ? request.ContentLength : 0)
            {
                LengthBytes = lengthBytes,
                Checks = proofs.Content,
                Sha256 = proofs.Sha256,
                EndsHere = isLast,
                Interrupts = true,
            },
            cancel);
        if (answer.Refusal == No.WrongOffset
            && await mediator.Send(new ReadUpload(caller, token), cancel) is Answer<UploadProgress>.Yes(var there, _))
            Tell(context.Response, version, there);
        return TusEndpoint.WithoutSpace(answer).ToHttp(progress =>
        {
            Tell(context.Response, version, progress);
            return TypedResults.NoContent();
        });
    }

    // The newest when none is named: then it is no draft any more. Null when it is none of ours.
    private static int? Version(HttpRequest request) => TusEndpoint.Header(request, VersionHeader) switch
    {
        null => request.Headers.ContainsKey(IncompleteHeader) ? Oldest : Newest,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version is >= Oldest and <= Newest
            ? version
            : null,
    };

    private static bool? IsLast(HttpRequest request, int version) =>
        (version < FirstWithComplete, TusEndpoint.Header(request, version < FirstWithComplete ? IncompleteHeader : CompleteHeader)) switch
        {
            (false, "?1") or (true, "?0") => true,
            (false, "?0") or (true, "?1") => false,
            _ => null,
        };

    private static bool IsPartialUpload(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (type.MediaType.Equals(PartialUpload, StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals(TusEndpoint.OffsetStream, StringComparison.OrdinalIgnoreCase));

    private static string? NameIn(HttpRequest request) =>
        ContentDispositionHeaderValue.TryParse(request.Headers.ContentDisposition.ToString(), out var disposition)
            ? disposition.FileNameStar.HasValue ? HeaderUtilities.RemoveQuotes(disposition.FileNameStar).ToString()
                : disposition.FileName.HasValue ? HeaderUtilities.UnescapeAsQuotedString(disposition.FileName).ToString()
                : null
            : null;

    private static void Tell(HttpResponse reply, int version, UploadProgress progress)
    {
        var isComplete = progress.File is not null || (progress.IsPart && progress.OffsetBytes == progress.LengthBytes);
        reply.Headers[version < FirstWithComplete ? IncompleteHeader : CompleteHeader] =
            isComplete == version >= FirstWithComplete ? "?1" : "?0";
        TusEndpoint.Tell(reply, progress);
    }

    private static string Limits(int version, HttpContext context, UploadOptions options, UploadProgress progress)
    {
        var left = progress.ExpiresAt - context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"max-size={options.MaxFileBytes}, {(version < FirstWithMaxAge ? "expires" : "max-age")}={Math.Max(0, (long)left.TotalSeconds)}");
    }

    // The platform has no call for interim responses. On a connection that this request has to itself, before anything is
    // answered or read, the line can be written as it goes over the wire. Nowhere else: HTTP/2 shares the connection.
    private static async Task<bool> Announce(HttpContext context, int version, string token, CancellationToken cancel)
    {
        var request = context.Request;
        if (!HttpProtocol.IsHttp11(request.Protocol) || Array.Exists(MarksOfProxies, request.Headers.ContainsKey)
            || context.Features.Get<IConnectionTransportFeature>() is not { } connection)
            return false;
        var response = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 104 Upload Resumption Supported\r\n{VersionHeader}: {version}\r\nLocation: {ResumableEndpoint.Path}/{token}\r\n\r\n");
        await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(response), cancel);
        return true;
    }
}
