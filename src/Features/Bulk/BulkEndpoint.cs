using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EventFiles.Features.Bulk;

/// <summary>HTTP in, HTTP out.</summary>
public static class BulkEndpoint
{
    /// <summary>What is to be done with which files and folders.</summary>
    /// <param name="Action">move, copy, trash, restore, delete (for good), favourite, unfavourite, tag or untag.</param>
    /// <param name="Items">1 to 1000 of them.</param>
    /// <param name="FolderId">Where to, for move and copy.</param>
    /// <param name="TagId">Which tag, for tag and untag.</param>
    public sealed record BulkBody(BulkVerb Action, IReadOnlyList<BulkItem> Items, FolderId? FolderId = null, TagId? TagId = null);

    /// <summary>What became of each.</summary>
    /// <param name="Results">One for each item, in their order.</param>
    /// <param name="Done">How many were done, or were so already.</param>
    /// <param name="Refused">How many were refused.</param>
    public sealed record BulkReply(IReadOnlyList<BulkResult> Results, int Done, int Refused);

    /// <summary>What became of one.</summary>
    /// <param name="Item">As it was named.</param>
    /// <param name="Status">The status that it would have had alone; 200 when it was done or was so already.</param>
    /// <param name="Problem">Why it was refused; null when it was not.</param>
    public sealed record BulkResult(BulkItem Item, int Status, BulkProblem? Problem);

    /// <summary>Why one was refused, as in problem details (RFC 9457).</summary>
    /// <param name="Type">A URN that ends in the code.</param>
    public sealed record BulkProblem(string Type, string Title, int Status, string Detail);

    public static void Map(IEndpointRouteBuilder api) =>
        api.MapPost("/api/bulk", Do).WithName("bulk").WithTags("Folders").TakesIdempotencyKey()
            .WithSummary("Moves, copies, trashes, restores, deletes or marks up to 1000 files and folders, with one result for each")
            .Produces<BulkReply>();

    private static async Task<IResult> Do(BulkBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DoInBulk(caller, body.Action, body.Items, body.FolderId, body.TagId), cancel)).ToHttp(outcomes =>
        {
            BulkResult[] results = [.. outcomes.Items.Select(Result)];
            var refused = results.Count(result => result.Problem is not null);
            return TypedResults.Ok(new BulkReply(results, results.Length - refused, refused));
        });

    private static BulkResult Result(BulkOutcome outcome)
    {
        if (outcome.Code is null)
            return new BulkResult(outcome.Item, StatusCodes.Status200OK, null);
        var status = Http.Status(outcome.Kind);
        return new BulkResult(
            outcome.Item, status,
            new BulkProblem(Http.ProblemPrefix + outcome.Code, Http.Title(outcome.Kind), status, outcome.Detail ?? ""));
    }
}
