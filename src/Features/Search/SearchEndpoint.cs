using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Search.SearchRejection;

namespace EventFiles.Features.Search;

/// <summary>HTTP in, HTTP out.</summary>
public static class SearchEndpoint
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/api/search", Search).WithTags("Search").WithName("searchFiles")
            .WithSummary("Files by name, tag and text, the best first: your own and those shared with you")
            .WithDescription(
                "q has words that all must fit, \"phrases\", -without and begin*; the last word may go on. Accents and case do not "
                + "matter. Marks are places in plain text, in UTF-16 units. type is a media type or the part before its slash; "
                + "from and to are times of the current version; folderId means the folder and all below it; tag is a tag's id.")
            .Produces<Page<FoundFile>>()
            .Refuses(FolderRejection.NoSuchFolder, No.TooManyFolders, No.NoSuchTag);

    private static async Task<IResult> Search(
        Caller caller, IMediator mediator, CancellationToken cancel, string q = "", string? type = null, long? minSize = null,
        long? maxSize = null, DateTimeOffset? from = null, DateTimeOffset? to = null, Guid? folderId = null, Guid? owner = null,
        Guid? tag = null, bool trashed = false, string? cursor = null, int limit = 50) =>
        (await mediator.Send(
            new SearchFiles(
                caller, q, type, minSize, maxSize, from, to, folderId is { } folder ? new FolderId(folder) : null,
                owner is { } account ? new AccountId(account) : null, tag is { } mark ? new TagId(mark) : null, trashed, cursor, limit),
            cancel))
        .ToHttp(TypedResults.Ok);
}
