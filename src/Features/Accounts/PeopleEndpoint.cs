using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class PeopleEndpoint
{
    public static void Map(IEndpointRouteBuilder api) =>
        api.MapGet("/api/people", Find).WithTags("Accounts").WithName("findPeople")
            .WithSummary("People you are in a group with or share something with, by the beginning of a name or address")
            .WithDescription(
                "Nobody else is ever found. Whom you named by an address is there by that address alone, whether or not it is anybody's. "
                + "The first that fit, by name; there is no next page.")
            .Produces<Page<PersonSummary>>();

    private static async Task<IResult> Find(
        Caller caller, IMediator mediator, CancellationToken cancel, string? query = null, int limit = 10) =>
        (await mediator.Send(new FindPeople(caller, query ?? "", limit), cancel)).ToHttp(TypedResults.Ok);
}
