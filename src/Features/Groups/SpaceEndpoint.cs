using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Groups.SpaceRejection;

namespace EventFiles.Features.Groups;

/// <summary>HTTP in, HTTP out.</summary>
public static class SpaceEndpoint
{
    /// <summary>What a space is called and may hold.</summary>
    /// <param name="Name">What its root folder is called; at most 255 bytes in UTF-8.</param>
    /// <param name="LimitBytes">What it may hold, in bytes; less than it holds now only stops it from growing.</param>
    /// <param name="SoftLimitBytes">May be exceeded for two weeks; null for none.</param>
    /// <param name="MaxFiles">How many files may be in it, the trash included; null for any number.</param>
    /// <param name="MaxFileBytes">How large one file may be; null for any size.</param>
    public sealed record SpaceBody(
        string Name, long LimitBytes, long? SoftLimitBytes = null, int? MaxFiles = null, long? MaxFileBytes = null)
    {
        internal AllowedSpace Limits => new(LimitBytes, SoftLimitBytes, MaxFiles, MaxFileBytes);
    }

    public static void Map(IEndpointRouteBuilder api)
    {
        var spaces = api.MapGroup("/api").WithTags("Groups");
        spaces.MapPost("/groups/{id:guid}/space", Open).WithName("openSpace").TakesIdempotencyKey()
            .WithSummary("Opens a space for a group: storage that is nobody's own, with limits of its own (administrators)")
            .WithDescription("Everybody in the group is an editor of its root folder; the group's owner and managers count as the owner of all that is in it.")
            .Produces<SpaceReply>(StatusCodes.Status201Created)
            .Refuses([No.AdministratorsOnly, GroupsRejection.NoSuchGroup, No.Exists, .. AllowanceRejection.OfLimits]);
        spaces.MapPut("/groups/{id:guid}/space", Change).WithName("changeSpace")
            .WithSummary("Sets what a group's space is called and may hold (administrators)")
            .WithDescription("All of it: a limit that is not named is none any more.")
            .Produces<SpaceReply>()
            .Refuses([No.AdministratorsOnly, GroupsRejection.NoSuchGroup, No.NoSpace, .. AllowanceRejection.OfLimits]);
        spaces.MapDelete("/groups/{id:guid}/space", Close).WithName("closeSpace")
            .WithSummary("Closes a group's space in which nothing is (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, GroupsRejection.NoSuchGroup, No.NoSpace, No.InUse);
        spaces.MapGet("/groups/{id:guid}/space", Read).WithName("getSpace")
            .WithSummary("The space of a group you are in, and how much is in it")
            .Produces<SpaceReply>()
            .Refuses(GroupsRejection.NoSuchGroup, No.NoSpace);
        spaces.MapGet("/spaces", List).WithName("listSpaces")
            .WithSummary("The spaces of all groups you are in; all on one page")
            .Produces<Page<SpaceReply>>();
        spaces.MapGet("/admin/groups", ListAll).WithName("listAllGroups")
            .WithSummary("All groups and how much is in their spaces, the oldest first (administrators)")
            .Produces<Page<GroupOverview>>()
            .Refuses(No.AdministratorsOnly);
    }

    private static async Task<IResult> Open(Guid id, SpaceBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenSpace(caller, new(id), body.Name, body.Limits), cancel))
            .ToHttp(space => TypedResults.Created($"/api/groups/{space.GroupId}/space", space));

    private static async Task<IResult> Change(Guid id, SpaceBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ChangeSpace(caller, new(id), body.Name, body.Limits), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Close(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CloseSpace(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadSpace(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> List(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ListSpaces(caller), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ListAll(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListAllGroups(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);
}
