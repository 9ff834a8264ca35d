using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Retention.RetentionRejection;

namespace EventFiles.Features.Retention;

/// <summary>HTTP in, HTTP out.</summary>
public static class RetentionEndpoint
{
    /// <summary>How long what is in a folder stays; where a part is missing, the folder above decides.</summary>
    /// <param name="DeleteAfterDays">So many days after its last change (or its creation) a file is deleted for good.</param>
    /// <param name="Since">What the days are counted from: modified (the last version; the default) or created (the first).</param>
    /// <param name="KeepAtLeastDays">For so many days nobody deletes it for good; nor a version that is younger.</param>
    /// <param name="KeepVersions">Of a file's versions so many, the newest, stay.</param>
    /// <param name="KeepVersionDays">Versions that are younger stay, too. The current one and those with a label always do.</param>
    /// <param name="EmptyTrashAfterDays">So many days after it was thrown away a file is deleted for good.</param>
    public sealed record RetentionBody(
        int? DeleteAfterDays = null, RetentionClock Since = RetentionClock.Modified, int? KeepAtLeastDays = null,
        int? KeepVersions = null, int? KeepVersionDays = null, int? EmptyTrashAfterDays = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var retention = api.MapGroup("/api/folders/{id}/retention").WithTags("Retention");
        retention.MapGet("", Read).WithName("getFolderRetention")
            .WithSummary("How long what is in a folder stays: its own rule, and what holds with those above; root is the account's")
            .Produces<FolderRetention>()
            .Refuses(FolderRejection.NoSuchFolder);
        retention.MapPut("", Set).WithName("setFolderRetention")
            .WithSummary("Sets a folder's rule, in place of a former one")
            .WithDescription(
                "Rules are applied a day later, and every day from then on. What they delete is gone for good, and so is "
                + "each deletion an event. A legal hold wins over every rule.")
            .Produces<FolderRetention>()
            .Refuses(FolderRejection.NoSuchFolder, No.Contradiction);
        retention.MapDelete("", Remove).WithName("removeFolderRetention")
            .WithSummary("Takes a folder's own rule away: those above it hold")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(FolderRejection.NoSuchFolder);
    }

    private static async Task<IResult> Read(string id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        Folder(id, caller) is { } folder
            ? (await mediator.Send(new ReadRetention(caller, folder), cancel)).ToHttp(TypedResults.Ok)
            : FolderRejection.NoSuchFolder.ToProblem();

    private static async Task<IResult> Set(
        string id, RetentionBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        Folder(id, caller) is { } folder
            ? (await mediator.Send(
                new SetRetention(caller, folder, new RetentionRule(
                    body.DeleteAfterDays, body.Since, body.KeepAtLeastDays, body.KeepVersions, body.KeepVersionDays,
                    body.EmptyTrashAfterDays)),
                cancel)).ToHttp(TypedResults.Ok)
            : FolderRejection.NoSuchFolder.ToProblem();

    private static async Task<IResult> Remove(string id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        Folder(id, caller) is { } folder
            ? (await mediator.Send(new RemoveRetention(caller, folder), cancel)).ToHttp()
            : FolderRejection.NoSuchFolder.ToProblem();

    private static FolderId? Folder(string id, Caller caller) =>
        id == "root" ? FolderId.RootOf(caller.Account)
        : Guid.TryParseExact(id, "D", out var folder) ? new FolderId(folder)
        : null;
}
