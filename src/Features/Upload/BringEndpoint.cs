using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>HTTP in, HTTP out, for whoever brings a file by a link.</summary>
public static class BringEndpoint
{
    private const string Path = "/api/links/{link}/files";

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapPost(Path, Bring).WithName("uploadByLink").AllowAnonymous()
            .TakesNoIdempotencyKey("Whoever brings a file has no account to remember a key for: sent again, it is another file.")
            .WithTags("Share")
            .WithSummary("Brings a file into the folder that a public link leads to; what is there is neither shown nor replaced")
            .WithDescription(
                "The body is streamed; one file in each request. The reply has the name that the file came with: in its folder it "
                + "may have another. A file counts when it is whole.")
            .Accepts<BringForm>("multipart/form-data")
            .Produces<BroughtFile>(StatusCodes.Status201Created)
            .Refuses([
                .. LinkRejection.AtTheDoor, LinkRejection.NotForUploads, No.NotMultipart, No.NoBoundary, No.BrokenBody, No.NoFile,
                No.TwoFiles, No.TooManyFields, No.BadField, No.TooLarge, No.TypeRefused, No.BadDigest, No.DigestMismatch,
                .. AllowanceRejection.All])
            .DisableAntiforgery();

        // Bodies of any other type come here, so that their refusal tells why like every other.
        api.MapPost(Path, () => No.NotMultipart.ToProblem()).ExcludeFromDescription().AllowAnonymous();
    }

    private static Task<IResult> Bring(
        string link, [FromHeader(Name = LinkVisit.PasswordHeader)] string? password, HttpContext context, IMediator mediator,
        CancellationToken cancel) =>
        UploadEndpoint.Read(context, async form => (await mediator.Send(
            new BringFile(
                LinkVisit.Of(link, password, context.Request), form.File.Name, form.File.DeclaredType, form.Place, form.File.Content,
                context.Request.ContentLength, form.ReadToEnd)
            {
                Checks = form.Checks,
            },
            cancel)).ToHttp(brought => TypedResults.Created((string?)null, brought)), cancel);
}
