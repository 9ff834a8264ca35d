using System.ComponentModel;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>HTTP in, HTTP out.</summary>
public static class FoldersEndpoint
{
    /// <summary>A new folder.</summary>
    /// <param name="Name">At most 255 bytes in UTF-8; unique in its folder, whatever its case.</param>
    /// <param name="ParentId">The folder it is made in; the root when it is absent.</param>
    public sealed record FolderBody(string Name, FolderId? ParentId = null);

    /// <summary>What changes; what is absent stays as it is.</summary>
    /// <param name="Name">The new name.</param>
    /// <param name="ParentId">The folder to move it into.</param>
    public sealed record FolderChangesBody(string? Name = null, FolderId? ParentId = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var folders = api.MapGroup("/api/folders").WithTags("Folders");
        folders.MapPost("", Create).WithName("createFolder").TakesIdempotencyKey()
            .WithSummary("Makes a folder")
            .Produces<FolderView>(StatusCodes.Status201Created)
            .Refuses(No.Missing, EntryName.Taken, No.TooDeep);
        folders.MapGet("/{id}", Read).WithName("getFolder")
            .WithSummary("A folder and the way to it; \"root\" is where your tree begins")
            .Produces<FolderWithPath>()
            .Refuses([No.Missing, .. PastRejection.All]);
        folders.MapGet("/{id}/children", List).WithName("listChildren")
            .WithSummary("What is in a folder, sorted by name, size, createdAt, modifiedAt or type; a minus turns the order round, folders come first")
            .Produces<Page<EntryView>>()
            .Refuses([No.Missing, .. PastRejection.All]);
        folders.MapPatch("/{id}", Change).WithName("changeFolder")
            .WithSummary("Renames a folder, moves it with all that is in it, or both")
            .Produces<FolderView>()
            .Refuses(No.Missing, EntryName.Taken, No.Cycle, No.TooDeep, No.Root, HoldRejection.Stands);
        folders.MapDelete("/{id}", Delete).WithName("deleteFolder")
            .WithSummary("Removes an empty folder; with recursive=true moves it to the trash with all that is in it, with permanent=true deletes it from there for good")
            .Produces(StatusCodes.Status204NoContent)
            .Produces(StatusCodes.Status202Accepted)
            .Refuses(No.Missing, No.NotEmpty, No.Root, No.NotTrashed, HoldRejection.Stands);
        folders.MapPost("/{id:guid}/restore", Restore).WithName("restoreFolder").TakesIdempotencyKey()
            .WithSummary("Takes a folder out of the trash, with all that went with it; into the root where its folder is gone, with a number where its name is taken")
            .Produces<FolderView>()
            .Refuses(No.Missing, No.NotTrashed, No.Gone, No.TooDeep, EntryName.Taken, HoldRejection.Stands);
    }

    private static async Task<IResult> Create(
        FolderBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CreateFolder(caller, body.Name, body.ParentId), cancel))
            .ToHttp(folder => TypedResults.Created($"/api/folders/{folder.Id}", folder));

    private static async Task<IResult> Read(
        string id, Caller caller, IMediator mediator, CancellationToken cancel,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        IdOf(id, caller) is not { } folder ? No.Missing.ToProblem()
        : asOf is null ? (await mediator.Send(new ReadFolder(caller, folder), cancel)).ToHttp(TypedResults.Ok)
        : (await mediator.Send(new ReadFormerFolder(caller, folder, asOf), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> List(
        string id, Caller caller, IMediator mediator, CancellationToken cancel,
        string sort = "name", string? cursor = null, int limit = 100,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        IdOf(id, caller) is not { } folder ? No.Missing.ToProblem()
        : asOf is null
            ? (await mediator.Send(new ListChildren(caller, folder, sort, cursor, limit), cancel)).ToHttp(TypedResults.Ok)
        : (await mediator.Send(new ListFormerChildren(caller, folder, sort, cursor, limit, asOf), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Change(
        string id, FolderChangesBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        IdOf(id, caller) is { } folder
            ? (await mediator.Send(new ChangeFolder(caller, folder, body.Name, body.ParentId), cancel)).ToHttp(TypedResults.Ok)
            : No.Missing.ToProblem();

    private static async Task<IResult> Delete(
        string id, Caller caller, IMediator mediator, CancellationToken cancel, bool recursive = false, bool permanent = false)
    {
        if (IdOf(id, caller) is not { } folder)
            return No.Missing.ToProblem();
        if (!recursive && !permanent)
            return (await mediator.Send(new DeleteFolder(caller, folder), cancel)).ToHttp();
        IRequest<Answer<Done>> wish = permanent ? new DoomFolder(caller, folder) : new TrashFolder(caller, folder);
        return (await mediator.Send(wish, cancel)).ToHttp(_ => TypedResults.Accepted("/api/trash"));
    }

    private static async Task<IResult> Restore(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RestoreFolder(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static FolderId? IdOf(string id, Caller caller) =>
        id == "root" ? FolderId.RootOf(caller.Account)
        : Guid.TryParse(id, out var folder) ? new FolderId(folder)
        : null;
}
