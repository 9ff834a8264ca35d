using System.ComponentModel;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Delete.DeleteRejection;

namespace EventFiles.Features.Delete;

/// <summary>HTTP in, HTTP out.</summary>
public static class DeleteEndpoint
{
    /// <summary>How log and object store are compared.</summary>
    /// <param name="Apply">Remove what nothing in the log stands for. Without it nothing is changed.</param>
    /// <param name="Limit">End after so many disagreements: 1 to 1000, 100 by default.</param>
    public sealed record ReconcileBody(bool? Apply = null, int? Limit = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var delete = api.MapGroup("").WithTags("Delete");
        delete.MapDelete("/api/files/{id:guid}", Delete).WithName("deleteFile")
            .WithSummary("Moves a file to the trash, or with permanent=true deletes it for good; Location tells how it stands")
            .Produces(StatusCodes.Status202Accepted)
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.Gone, No.StillUploading, HoldRejection.Stands,
                KeepingRejection.TooEarly);
        delete.MapPost("/api/files/{id:guid}/restore", Restore).WithName("restoreFile").TakesIdempotencyKey()
            .WithSummary("Takes a file out of the trash; into the root where its folder is gone, with a number where its name is taken")
            .Produces<FileSummary>()
            .Refuses(
                AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.NotTrashed, No.Gone, No.StillUploading,
                EntryName.Taken, HoldRejection.Stands);
        delete.MapGet("/api/trash", ListTrash).WithName("listTrash")
            .WithSummary("What lies in your trash, or in that of the space of a group you manage, newest first; it still takes up space")
            .Produces<Page<TrashedFile>>()
            .Refuses(FolderRejection.NoSuchFolder, FolderRejection.NotAllowed);
        delete.MapDelete("/api/trash", EmptyTrash).WithName("emptyTrash")
            .WithSummary("Deletes for good all that lies in your trash now, or in that of the space of a group you manage, except what is to be kept")
            .Produces<EmptiedTrash>(StatusCodes.Status202Accepted)
            .Refuses(HoldRejection.Stands, KeepingRejection.TooEarly, FolderRejection.NoSuchFolder, FolderRejection.NotAllowed);
        api.MapPost("/api/admin/storage/reconcile", Reconcile).WithTags("Operate").WithName("reconcileStorage")
            .TakesNoIdempotencyKey("What is removed once is gone, and who asks again is told what there is then.")
            .WithSummary("What log and object store disagree about, and which event is responsible; removes nothing unless told to (administrators)")
            .WithDescription(
                "Only objects that are older than the grace of the server count. It ends after 45 seconds, or with as many as were asked for, and then "
                + "says that it is not complete: `eventfiles storage reconcile` has no such end.")
            .Produces<StorageReport>()
            .Refuses(StorageRejection.AdministratorsOnly);
    }

    private static async Task<IResult> Reconcile(ReconcileBody? body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CheckStorage(caller, body?.Apply ?? false, body?.Limit ?? 100), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Delete(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, bool permanent = false)
    {
        IRequest<Answer<Done>> wish =
            permanent ? new DeleteFile(caller, new(id)) : new TrashFile(caller, new(id));
        return (await mediator.Send(wish, cancel)).ToHttp(_ => TypedResults.Accepted($"/api/files/{id}/status"));
    }

    private static async Task<IResult> Restore(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RestoreFile(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ListTrash(
        Caller caller, IMediator mediator, CancellationToken cancel,
        [Description("The id of the group whose space is meant.")] Guid? space = null, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListTrash(caller, cursor, limit) { Space = GroupOf(space) }, cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> EmptyTrash(
        Caller caller, IMediator mediator, CancellationToken cancel,
        [Description("The id of the group whose space is meant.")] Guid? space = null) =>
        (await mediator.Send(new EmptyTrash(caller) { Space = GroupOf(space) }, cancel))
            .ToHttp(emptied => TypedResults.Accepted((string?)null, emptied));

    private static GroupId? GroupOf(Guid? space) => space is { } group ? new GroupId(group) : null;
}
