using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class InvitationEndpoint
{
    /// <summary>Who is invited.</summary>
    /// <param name="Email">The address that the account will have.</param>
    public sealed record InvitationBody(string Email);

    public static void Map(IEndpointRouteBuilder api)
    {
        var invitations = api.MapGroup("/api/admin/invitations").WithTags("Accounts");
        invitations.MapPost("", Invite).WithName("invitePerson").TakesIdempotencyKey()
            .WithSummary("Invites somebody to open an account, by mail (administrators)")
            .Produces<InvitationView>(StatusCodes.Status201Created)
            .Refuses(No.AdministratorsOnly, No.EmailTaken);
        invitations.MapGet("", List).WithName("listInvitations")
            .WithSummary("The invitations that nobody has accepted, newest first (administrators)")
            .Produces<Page<InvitationView>>()
            .Refuses(No.AdministratorsOnly);
        invitations.MapDelete("/{id:guid}", Withdraw).WithName("withdrawInvitation")
            .WithSummary("Ends an invitation (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NoSuchInvitation, No.InvitationAccepted);
    }

    private static async Task<IResult> Invite(
        InvitationBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new InvitePerson(caller, body.Email), cancel))
            .ToHttp(invited => TypedResults.Created($"/api/admin/invitations/{invited.Id}", invited));

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListInvitations(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Withdraw(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new WithdrawInvitation(caller, new(id)), cancel)).ToHttp();
}
