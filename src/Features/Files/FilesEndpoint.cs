using System.ComponentModel;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Files.FilesRejection;

namespace EventFiles.Features.Files;

/// <summary>HTTP in, HTTP out.</summary>
public static class FilesEndpoint
{
    /// <summary>What changes; what is absent stays as it is.</summary>
    /// <param name="Name">The new name: at most 255 bytes in UTF-8, unique in its folder, whatever its case.</param>
    /// <param name="FolderId">The folder to move the file into.</param>
    public sealed record FileChangesBody(string? Name = null, FolderId? FolderId = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var files = api.MapGroup("/api/files/{id:guid}").WithTags("Files");
        files.MapGet("", Read).WithName("getFile")
            .WithSummary("A file; its ETag changes with everything that can be seen of it")
            .Produces<FileSummary>().Produces(StatusCodes.Status304NotModified)
            .Refuses([AccessRejection.NoSuchFile, AccessRejection.NotAllowed, .. PastRejection.All]);
        files.MapGet("/status", ReadStatus).WithName("getFileStatus")
            .WithSummary("How far a file has come, stage by stage and step by step")
            .Produces<FileStatusView>()
            .Refuses([AccessRejection.NoSuchFile, AccessRejection.NotAllowed, .. PastRejection.All]);
        files.MapPatch("", Change).WithName("changeFile")
            .WithSummary("Renames a file, moves it, or both; If-Match guards against another's change")
            .Produces<FileSummary>()
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, EntryName.Taken, No.StillUploading,
                No.ChangedMeanwhile, FolderRejection.NoSuchFolder, HoldRejection.Stands);

        files.MapGet("/content", Content).WithName("getFileContent")
            .WithSummary("A file's bytes, whole or in part; the ETag is their SHA-256")
            .Takes("Range", "The part that is wanted, such as bytes=0-999.")
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream")
            .Produces<Stream>(StatusCodes.Status206PartialContent, "application/octet-stream")
            .Produces(StatusCodes.Status304NotModified)
            .Produces(StatusCodes.Status416RangeNotSatisfiable)
            .Tells(Download.DigestHeader, "The SHA-256 of all of the bytes, whatever part of them is sent (RFC 9530).")
            .Refuses(
                AccessRejection.NoSuchFile, No.NoContent, No.NoSuchVersion, ScanRejection.Infected, ScanRejection.NotYet,
                ScanRejection.Unscannable, DamageRejection.Damaged);
        files.MapGet("/variants/{name}", Variant).WithName("getFileVariant")
            .WithSummary("What a processor made of a file's current version, such as its thumbnail")
            .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream")
            .Produces<Stream>(StatusCodes.Status206PartialContent, "application/octet-stream")
            .Produces(StatusCodes.Status304NotModified)
            .Produces(StatusCodes.Status416RangeNotSatisfiable)
            .Refuses(
                AccessRejection.NoSuchFile, No.NoContent, No.NoSuchVariant, ScanRejection.Infected, ScanRejection.NotYet,
                ScanRejection.Unscannable, DamageRejection.Damaged);
        // The API document says once that HEAD is GET without a body.
        files.MapMethods("/content", [HttpMethods.Head], Content).ExcludeFromDescription();
        files.MapMethods("/variants/{name}", [HttpMethods.Head], Variant).ExcludeFromDescription();
    }

    private static async Task<IResult> Read(
        Guid id, Caller caller, HttpContext http, IMediator mediator, CancellationToken cancel,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        (await mediator.Send(new ReadFile(caller, new(id), asOf), cancel)).ToHttp<TaggedFile>(found =>
        {
            http.Response.Headers.ETag = found.ETag;
            return http.Request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == found.ETag || tag.Tag == "*")
                ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
                : TypedResults.Ok(found.File);
        });

    private static async Task<IResult> ReadStatus(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        (await mediator.Send(new ReadFileStatus(caller, new(id), asOf), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Change(
        Guid id, FileChangesBody body, Caller caller, HttpContext http, IMediator mediator, CancellationToken cancel,
        [FromHeader(Name = "If-Match")] string? ifMatch = null) =>
        (await mediator.Send(
            new ChangeFile(caller, new(id), body.Name, body.FolderId, Http.StrongTags(ifMatch)), cancel))
        .ToHttp<TaggedFile>(changed =>
        {
            http.Response.Headers.ETag = changed.ETag;
            return TypedResults.Ok(changed.File);
        });

    private static async Task<IResult> Content(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, int? version = null,
        bool inline = false) =>
        (await mediator.Send(new OpenContent(caller, new(id), version), cancel)).ToHttp(content => Serve(content, inline));

    private static async Task<IResult> Variant(
        Guid id, string name, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenVariant(caller, new(id), name), cancel)).ToHttp(made => Serve(made, inline: true));

    private static IResult Serve(OpenedContent opened, bool inline) => Download.Of(
        opened.Content, opened.ContentType, opened.ETag, opened.Sha256, opened.Name, opened.ModifiedAt, inline);
}
