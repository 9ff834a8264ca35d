using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class FactorEndpoint
{
    private const string Secrets = "Secrets are shown once and kept nowhere else.";

    /// <summary>That it is you.</summary>
    /// <param name="Password">The account's password.</param>
    public sealed record ProofBody(string Password);

    /// <summary>What the app shows.</summary>
    /// <param name="Code">Six digits.</param>
    public sealed record CodeBody(string Code);

    public static void Map(IEndpointRouteBuilder api)
    {
        var factor = api.MapGroup("/api/me/second-factor").WithTags("Accounts");
        factor.MapPost("", Prepare).WithName("prepareSecondFactor").TakesNoIdempotencyKey(Secrets)
            .WithSummary("Gives a secret for an authenticator app; it counts when the app's first code is sent")
            .Produces<PreparedFactor>()
            .Refuses(No.WrongPassword, No.PasskeyNeeded, No.FactorIsOn, No.TooManyAttempts, No.Busy);
        factor.MapPost("/confirm", Confirm).WithName("confirmSecondFactor").TakesNoIdempotencyKey(Secrets)
            .WithSummary("Signing in needs codes from now on; gives recovery codes, once")
            .Produces<RecoveryCodes>()
            .Refuses(No.PasskeyNeeded, No.CodeIsWrong, No.NoFactor, No.FactorIsOn, No.TooManyAttempts);
        factor.MapPost("/remove", Remove).WithName("removeSecondFactor").TakesNoIdempotencyKey("What is removed stays so.")
            .WithSummary("Signing in needs the password alone again")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.WrongPassword, No.TooManyAttempts, No.Busy);
        api.MapDelete("/api/admin/accounts/{id:guid}/second-factor", Take).WithTags("Accounts").WithName("resetSecondFactor")
            .WithSummary("Takes the second factor from somebody who has lost it (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NotYourself, No.NoSuchAccount);
    }

    private static async Task<IResult> Prepare(
        ProofBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        SessionEndpoint.NotStored(context, (await mediator.Send(
            new PrepareFactor(caller, body.Password, SessionEndpoint.From(context).Address), cancel)).ToHttp(TypedResults.Ok));

    private static async Task<IResult> Confirm(
        CodeBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        SessionEndpoint.NotStored(context, (await mediator.Send(
            new ConfirmFactor(caller, body.Code, SessionEndpoint.From(context).Address), cancel)).ToHttp(TypedResults.Ok));

    private static async Task<IResult> Remove(
        ProofBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(
            new RemoveFactor(caller, body.Password, SessionEndpoint.From(context).Address), cancel)).ToHttp();

    private static async Task<IResult> Take(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new TakeFactor(caller, new(id)), cancel)).ToHttp();
}
