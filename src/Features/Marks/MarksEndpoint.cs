using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Marks.MarksRejection;

namespace EventFiles.Features.Marks;

/// <summary>HTTP in, HTTP out.</summary>
public static class MarksEndpoint
{
    /// <summary>Which entries are asked about.</summary>
    /// <param name="Entries">At most 1000 ids of files and folders.</param>
    public sealed record MarksBody(IReadOnlyList<Guid> Entries);

    public static void Map(IEndpointRouteBuilder api)
    {
        var marks = api.MapGroup("/api").WithTags("Marks");
        foreach (var (place, kind, isFolder) in new[] { ("files", "File", false), ("folders", "Folder", true) })
        {
            var missing = isFolder ? FolderRejection.NoSuchFolder : AccessRejection.NoSuchFile;
            marks.MapPut($"/{place}/{{id:guid}}/favourite", (Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
                    Favour(new SetFavourite(caller, id, isFolder, true), mediator, cancel))
                .WithName($"favour{kind}").WithSummary($"Makes a {kind.ToLowerInvariant()} one of your favourites")
                .Produces(StatusCodes.Status204NoContent).Refuses(missing);
            marks.MapDelete($"/{place}/{{id:guid}}/favourite", (Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
                    Favour(new SetFavourite(caller, id, isFolder, false), mediator, cancel))
                .WithName($"unfavour{kind}").WithSummary($"Makes a {kind.ToLowerInvariant()} none of your favourites")
                .Produces(StatusCodes.Status204NoContent);
            marks.MapPut($"/{place}/{{id:guid}}/tags/{{tagId:guid}}", (Guid id, Guid tagId, Caller caller, IMediator mediator, CancellationToken cancel) =>
                    Tag(new SetTag(caller, id, isFolder, new(tagId), true), mediator, cancel))
                .WithName($"tag{kind}").WithSummary($"Puts one of your tags on a {kind.ToLowerInvariant()}; nobody else sees it")
                .Produces(StatusCodes.Status204NoContent).Refuses(missing, No.NoSuchTag, No.TooManyTags);
            marks.MapDelete($"/{place}/{{id:guid}}/tags/{{tagId:guid}}", (Guid id, Guid tagId, Caller caller, IMediator mediator, CancellationToken cancel) =>
                    Tag(new SetTag(caller, id, isFolder, new(tagId), false), mediator, cancel))
                .WithName($"untag{kind}").WithSummary($"Takes one of your tags off a {kind.ToLowerInvariant()}")
                .Produces(StatusCodes.Status204NoContent).Refuses(No.NoSuchTag);
        }

        marks.MapGet("/favourites", ListFavourites).WithName("listFavourites")
            .WithSummary("Your favourites, the newest first; what is in the trash is left out")
            .Produces<Page<MarkedEntry>>();
        marks.MapPost("/marks", ReadMarks).WithName("readMarks").TakesNoIdempotencyKey("It changes nothing.")
            .WithSummary("Which of some files and folders are favourites, and which tags they bear")
            .Produces<MarksReply>();
    }

    private static async Task<IResult> Favour(SetFavourite wish, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(wish, cancel)).ToHttp();

    private static async Task<IResult> Tag(SetTag wish, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(wish, cancel)).ToHttp();

    private static async Task<IResult> ListFavourites(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListFavourites(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ReadMarks(MarksBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadMarks(caller, body.Entries), cancel)).ToHttp(TypedResults.Ok);
}
