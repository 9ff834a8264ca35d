using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>HTTP in, HTTP out.</summary>
public static class FileCopyEndpoint
{
    /// <summary>Where the copy goes.</summary>
    /// <param name="FolderId">The folder; when absent, the file's own, and your root for a file that is shared with you.</param>
    /// <param name="Name">Its name; the file's when absent.</param>
    /// <param name="OnConflict">When the folder has an entry of that name: rename (the default), fail or newVersion.</param>
    public sealed record CopyBody(FolderId? FolderId = null, string? Name = null, NameConflict? OnConflict = null);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/api/files/{id:guid}/copy", Copy)
        .WithTags("Files").WithName("copyFile").TakesIdempotencyKey()
        .WithSummary("Copies a file's current version; the copy is yours, takes up your space and is shared with nobody")
        .Produces<UploadedFile>(StatusCodes.Status201Created)
        .Refuses([
            AccessRejection.NoSuchFile, AccessRejection.NotAllowed, FolderRejection.NoSuchFolder, EntryName.Taken,
            No.SourceUnreadable, No.TooLarge, No.TypeRefused, .. AllowanceRejection.All, ScanRejection.Infected,
            ScanRejection.NotYet, ScanRejection.Unscannable, DamageRejection.Damaged]);

    private static async Task<IResult> Copy(
        Guid id, CopyBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(
            new CopyFile(caller, new(id), body.FolderId, body.Name, body.OnConflict ?? NameConflict.Rename), cancel))
        .ToHttp(copied => TypedResults.Created($"/api/files/{copied.File.Id}", copied));
}
