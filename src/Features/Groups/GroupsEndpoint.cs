using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Groups.GroupsRejection;

namespace EventFiles.Features.Groups;

/// <summary>HTTP in, HTTP out.</summary>
public static class GroupsEndpoint
{
    /// <summary>A group's name.</summary>
    /// <param name="Name">At most 100 bytes in UTF-8.</param>
    public sealed record GroupBody(string Name);

    /// <summary>Who is to be in a group.</summary>
    /// <param name="Member">An e-mail address, an account id, or the id of a group you are in.</param>
    /// <param name="IsManager">They may change who is in it; says nothing of groups.</param>
    public sealed record MemberBody(string Member, bool IsManager = false);

    public static void Map(IEndpointRouteBuilder api)
    {
        var groups = api.MapGroup("/api/groups").WithTags("Groups");
        groups.MapPost("", Create).WithName("createGroup").TakesIdempotencyKey()
            .WithSummary("Makes a group of people with whom things can be shared together")
            .Produces<GroupReply>(StatusCodes.Status201Created);
        groups.MapGet("", List).WithName("listGroups")
            .WithSummary("The groups you are in, oldest first")
            .Produces<Page<GroupSummary>>();
        groups.MapGet("/{id:guid}", Read).WithName("getGroup")
            .WithSummary("A group you are in, and who else is")
            .Produces<GroupReply>()
            .Refuses(No.NoSuchGroup);
        groups.MapPatch("/{id:guid}", Rename).WithName("renameGroup")
            .WithSummary("Gives a group another name (owner)")
            .Produces<GroupReply>()
            .Refuses(No.NoSuchGroup, No.NotAllowed);
        groups.MapDelete("/{id:guid}", Delete).WithName("deleteGroup")
            .WithSummary("Ends a group; what was shared with it is shared with nobody through it, and its space must be empty (owner)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchGroup, No.NotAllowed, SpaceRejection.InUse);
        groups.MapPost("/{id:guid}/members", Admit).WithName("admitMember").TakesIdempotencyKey()
            .WithSummary("Takes somebody or another group into a group, or makes somebody a manager (owner and managers; administrators, when these are gone and it has a space)")
            .Produces<GroupReply>()
            .Refuses(No.NoSuchGroup, No.NotAllowed, No.NoSuchMember, No.Owner, No.NestedOnce, No.TooMany);
        groups.MapDelete("/{id:guid}/members/{memberId:guid}", Dismiss).WithName("dismissMember")
            .WithSummary("Takes somebody or another group out of a group (owner and managers); everybody may leave")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchGroup, No.NotAllowed, No.Owner);
    }

    private static async Task<IResult> Create(GroupBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CreateGroup(caller, body.Name), cancel))
            .ToHttp(group => TypedResults.Created($"/api/groups/{group.Id}", group));

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListGroups(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadGroup(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Rename(
        Guid id, GroupBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RenameGroup(caller, new(id), body.Name), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Delete(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DeleteGroup(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> Admit(
        Guid id, MemberBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new AdmitMember(caller, new(id), body.Member, body.IsManager), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Dismiss(
        Guid id, Guid memberId, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DismissMember(caller, new(id), memberId), cancel)).ToHttp();
}
