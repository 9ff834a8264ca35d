using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class AccountsEndpoint
{
    /// <summary>A new account.</summary>
    /// <param name="Email">The address to sign in with; case and surrounding spaces make no difference.</param>
    /// <param name="Password">8 to 1024 characters, whatever they are.</param>
    /// <param name="DisplayName">1 to 100 visible characters; those it shares with see it.</param>
    /// <param name="Invitation">What the link of an invitation bears, where accounts are opened by invitation.</param>
    public sealed record RegisterBody(string Email, string Password, string DisplayName, string? Invitation = null);

    /// <summary>What to change of one's own account.</summary>
    /// <param name="DisplayName">1 to 100 visible characters; left out, it stays.</param>
    public sealed record MeBody(string? DisplayName = null);

    /// <summary>Another password.</summary>
    /// <param name="CurrentPassword">The one that holds now.</param>
    /// <param name="NewPassword">8 to 1024 characters, whatever they are.</param>
    public sealed record PasswordBody(string CurrentPassword, string NewPassword);

    public static void Map(IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("").WithTags("Accounts");
        accounts.MapPost("/api/auth/register", Register).WithName("register").AllowAnonymous()
            .TakesNoIdempotencyKey("The address can be registered once, and keys belong to an account.")
            .WithSummary("Opens an account; the first of all is the administrator's")
            .Produces<NewAccount>(StatusCodes.Status201Created)
            .Refuses(No.EmailTaken, No.Busy, No.TooManySignUps, No.SignUpClosed, No.InvitationNeeded, No.LinkSpent, No.InvitedOther);
        accounts.MapGet("/api/me", Read).WithName("getMe")
            .WithSummary("Your account")
            .Produces<Me>();
        accounts.MapPatch("/api/me", Change).WithName("changeMe")
            .WithSummary("Changes your display name")
            .Produces<Me>();
        accounts.MapPost("/api/me/password", ChangePassword).WithName("changePassword")
            .TakesNoIdempotencyKey("Passwords and their digests are kept nowhere else.")
            .WithSummary("Changes your password and ends your other sessions")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.WrongPassword, No.WeakPassword, No.TooManyAttempts, No.Busy);
        accounts.MapPut("/api/admin/accounts/{id:guid}/auditor", Name).WithName("nameAuditor")
            .WithSummary("Lets an account place and lift legal holds (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount);
        accounts.MapDelete("/api/admin/accounts/{id:guid}/auditor", Dismiss).WithName("dismissAuditor")
            .WithSummary("Ends that; the holds that the account placed stand (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount);
    }

    private static async Task<IResult> Name(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new SetAuditor(caller, new(id), true), cancel)).ToHttp();

    private static async Task<IResult> Dismiss(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new SetAuditor(caller, new(id), false), cancel)).ToHttp();

    private static async Task<IResult> Register(
        RegisterBody body, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(
            new RegisterAccount(
                body.Email, body.Password, body.DisplayName, body.Invitation, SessionEndpoint.From(context).Address), cancel))
            .ToHttp(made => TypedResults.Created("/api/me", made));

    private static async Task<IResult> Read(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadMe(caller), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Change(MeBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ChangeMe(caller, body.DisplayName), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ChangePassword(
        PasswordBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(
            new ChangeMyPassword(caller, body.CurrentPassword, body.NewPassword, SessionEndpoint.From(context).Address),
            cancel)).ToHttp();
}
