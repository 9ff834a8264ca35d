using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Marks.MarksRejection;

namespace EventFiles.Features.Marks;

/// <summary>HTTP in, HTTP out. In addresses a tag is its id: its name may tell something of a person.</summary>
public static class TagEndpoint
{
    /// <summary>A tag.</summary>
    /// <param name="Name">At most 100 bytes in UTF-8; unique among your tags, whatever its case.</param>
    public sealed record TagBody(string Name);

    public static void Map(IEndpointRouteBuilder api)
    {
        var tags = api.MapGroup("/api/tags").WithTags("Marks");
        tags.MapGet("", List).WithName("listTags").WithSummary("Your tags, by name").Produces<Page<TagReply>>();
        tags.MapPost("", Create).WithName("createTag").TakesIdempotencyKey()
            .WithSummary("Makes a tag for you to put on files and folders")
            .Produces<TagReply>(StatusCodes.Status201Created).Refuses(No.TagTaken);
        tags.MapPatch("/{id:guid}", Rename).WithName("renameTag").WithSummary("Gives a tag another name, wherever it is")
            .Produces<TagReply>().Refuses(No.NoSuchTag, No.TagTaken);
        tags.MapDelete("/{id:guid}", Delete).WithName("deleteTag").WithSummary("Removes a tag from wherever it is")
            .Produces(StatusCodes.Status204NoContent).Refuses(No.NoSuchTag);
        tags.MapGet("/{id:guid}/entries", Entries).WithName("listTagged")
            .WithSummary("The files and folders that bear a tag, the newest first; what is in the trash is left out")
            .Produces<Page<MarkedEntry>>().Refuses(No.NoSuchTag);
    }

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListTags(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Create(TagBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CreateTag(caller, body.Name), cancel))
        .ToHttp(tag => TypedResults.Created($"/api/tags/{tag.Id}/entries", tag));

    private static async Task<IResult> Rename(
        Guid id, TagBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RenameTag(caller, new(id), body.Name), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Delete(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DeleteTag(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> Entries(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListTagged(caller, new(id), cursor, limit), cancel)).ToHttp(TypedResults.Ok);
}
