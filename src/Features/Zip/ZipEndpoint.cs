using System.Text.Json;
using System.Text.Json.Serialization;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Zip.ZipRejection;

namespace EventFiles.Features.Zip;

/// <summary>HTTP in, HTTP out.</summary>
public static class ZipEndpoint
{
    /// <summary>What is to be in the archive.</summary>
    /// <param name="Items">1 to 1000 files, and folders with all that is in them.</param>
    public sealed record ArchiveBody(IReadOnlyList<ArchiveItem> Items);

    /// <summary>A file or folder.</summary>
    /// <param name="Kind">file or folder.</param>
    /// <param name="Id">Its id.</param>
    public sealed record ArchiveItem([property: JsonConverter(typeof(ArchiveKindJson))] ArchiveKind Kind, Guid Id);

    public enum ArchiveKind { File, Folder }

    /// <summary>Kinds are words in JSON.</summary>
    internal sealed class ArchiveKindJson() : JsonStringEnumConverter<ArchiveKind>(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

    public static void Map(IEndpointRouteBuilder api)
    {
        var zips = api.MapGroup("/api").WithTags("Folders");
        Readable(zips.MapGet("/folders/{id}/archive", Folder)).WithName("getFolderArchive")
            .WithSummary("A folder with everything in it as a ZIP archive, whole or in part; the ETag changes with its contents")
            .Refuses(FolderRejection.NoSuchFolder, FolderRejection.NotAllowed, No.TooMany, DamageRejection.Damaged);
        zips.MapPost("/archives", Select).WithName("selectArchive").TakesIdempotencyKey()
            .WithSummary("Names files and folders that Location then gives as one ZIP archive, for a day")
            .Produces<ArchiveReply>(StatusCodes.Status201Created)
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, FolderRejection.NoSuchFolder, FolderRejection.NotAllowed, No.TooMany, ScanRejection.Infected,
                ScanRejection.NotYet, ScanRejection.Unscannable);
        Readable(zips.MapGet("/archives/{id:guid}", Selected)).WithName("getArchive")
            .WithSummary("What was selected as a ZIP archive, whole or in part, as it stands now; the ETag changes with its contents")
            .Refuses(No.Missing, No.TooMany, DamageRejection.Damaged);
        zips.MapMethods("/folders/{id}/archive", [HttpMethods.Head], Folder).ExcludeFromDescription();
        zips.MapMethods("/archives/{id:guid}", [HttpMethods.Head], Selected).ExcludeFromDescription();
    }

    private static RouteHandlerBuilder Readable(RouteHandlerBuilder route) => route
        .Takes("Range", "The part that is wanted, such as bytes=1000-; with If-Range only of the same archive.")
        .Produces<Stream>(StatusCodes.Status200OK, "application/zip")
        .Produces<Stream>(StatusCodes.Status206PartialContent, "application/zip")
        .Produces(StatusCodes.Status304NotModified)
        .Produces(StatusCodes.Status416RangeNotSatisfiable);

    private static async Task<IResult> Folder(string id, Caller caller, IMediator mediator, CancellationToken cancel)
    {
        FolderId? folder = id == "root" ? FolderId.RootOf(caller.Account) : Guid.TryParse(id, out var named) ? new FolderId(named) : null;
        return folder is { } wanted
            ? (await mediator.Send(new OpenFolderArchive(caller, wanted), cancel)).ToHttp(Serve)
            : FolderRejection.NoSuchFolder.ToProblem();
    }

    private static async Task<IResult> Select(ArchiveBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(
            new SelectArchive(
                caller,
                body.Items is null || body.Items.Any(item => item is null)
                    ? [] : [.. body.Items.Select(item => new ZipItem(item.Kind == ArchiveKind.Folder, item.Id))]), cancel))
        .ToHttp(archive => TypedResults.Created($"/api/archives/{archive.Id}", archive));

    private static async Task<IResult> Selected(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenArchive(caller, new(id)), cancel)).ToHttp(Serve);

    private static IResult Serve(OpenedArchive archive) =>
        Download.Of(archive.Content, "application/zip", archive.ETag, null, archive.Name, archive.ModifiedAt, inline: false);
}
