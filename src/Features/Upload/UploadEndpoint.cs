using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>HTTP in, HTTP out.</summary>
public static class UploadEndpoint
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/api/upload", Receive).WithName("uploadFile").TakesIdempotencyKey()
            .WithTags("Upload")
            .WithSummary("Uploads a file in one request")
            .WithDescription(
                "The body is streamed. Fields before the file let a refusal come before its bytes are sent. With fileId it "
                + "becomes the next version of that file; If-Match then names the tag that the file or its content must "
                + "still have, so that nobody's version is replaced unseen. A Repr-Digest or Content-Digest (RFC 9530) in the "
                + "file part's own headers is of the file, in the request's of the whole form: other bytes are refused.")
            .Accepts<UploadForm>("multipart/form-data")
            .Produces<UploadedFile>(StatusCodes.Status202Accepted)
            .Refuses([
                No.NotMultipart, No.NoBoundary, No.BrokenBody, No.NoFile, No.TwoFiles, No.TooManyFields, No.BadField,
                No.TooLarge, No.TypeRefused, No.BadDigest, No.DigestMismatch, EntryName.Taken, FolderRejection.NoSuchFolder,
                .. AllowanceRejection.All, AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.ChangedMeanwhile])
            .DisableAntiforgery();

        // Bodies of any other type come here, so that their refusal tells why like every other.
        api.MapPost("/api/upload", () => No.NotMultipart.ToProblem()).ExcludeFromDescription();
    }

    /// <summary>
    /// Lifts the server's own limit on bodies: what reads them counts, and says why it refuses. The server itself would break
    /// the connection off, and whoever is still sending might never read why.
    /// </summary>
    public static void AllowLargeBody(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
    }

    private static async Task<IResult> Receive(
        HttpContext context, Caller caller, IMediator mediator, CancellationToken cancel,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        return await Read(context, async form => (await mediator.Send(
            new ReceiveFile(
                caller, form.File.Name, form.File.DeclaredType, form.Place, form.File.Content, context.Request.ContentLength, form.ReadToEnd)
            {
                IfMatch = Http.StrongTags(ifMatch),
                Checks = form.Checks,
            },
            cancel)).ToHttp(done => TypedResults.Accepted($"/api/files/{done.File.Id}", done)), cancel);
    }

    /// <summary>Reads a request's form up to its file, and hands it on while the request lasts.</summary>
    internal static async Task<IResult> Read(HttpContext context, Func<OpenForm, Task<IResult>> then, CancellationToken cancel)
    {
        AllowLargeBody(context);
        var request = context.Request;
        // Of the form as it is sent: a request's own fields say nothing of the file in it.
        var whole = ContentChecks.Of(request.Headers["Content-Digest"], request.Headers["Repr-Digest"]);
        if (whole is not Answer<ContentChecks>.Yes(var ofForm, _))
            return whole.Refusal!.ToProblem();
        await using var body = ofForm.IsEmpty ? null : new ArrivingBytes(request.Body, _ => default, cancel, ofForm);
        var opened = MultipartForm.Of(request.ContentType, body ?? request.Body);
        if (opened is not Answer<MultipartForm>.Yes(var form, _))
            return opened.Refusal!.ToProblem();
        var read = await form.ReadToFile(cancel);
        if (read is not Answer<FilePart>.Yes(var file, _))
            return read.Refusal!.ToProblem();
        var said = ContentChecks.Of(file.ContentDigest, file.ReprDigest);
        if (said is not Answer<ContentChecks>.Yes(var ofFile, _))
            return said.Refusal!.ToProblem();
        var placed = form.Place();
        if (placed is not Answer<Placement>.Yes(var place, _))
            return placed.Refusal!.ToProblem();
        return await then(new OpenForm(file, ofFile, place, ReadToEnd));

        async Task<Answer<Placement>> ReadToEnd(CancellationToken stop)
        {
            var end = await form.ReadToEnd(stop);
            if (end.Refusal is not null || body is null)
                return end;
            try
            {
                await body.CopyToAsync(Stream.Null, stop);
                return body.Verdict is { } other ? other : end;
            }
            catch (Exception broken) when (ArrivingBytes.ByTheClient(broken) is { } why)
            {
                return why;
            }
        }
    }

    /// <summary>A form that was read up to its file.</summary>
    /// <param name="Checks">What the client says that the file is.</param>
    /// <param name="Place">Where the form wants it, as far as it was read.</param>
    /// <param name="ReadToEnd">Called after the file's content: reads what follows it.</param>
    internal sealed record OpenForm(
        FilePart File, ContentChecks Checks, Placement Place, Func<CancellationToken, Task<Answer<Placement>>> ReadToEnd);
}
