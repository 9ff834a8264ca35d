using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class LetterEndpoint
{
    private const string Once = "A link is good once, and letters are limited by themselves.";

    /// <summary>Another address for the account.</summary>
    /// <param name="Email">The address; it counts when the link that is sent there was followed.</param>
    /// <param name="Password">The account's password.</param>
    public sealed record AddressBody(string Email, string Password);

    /// <summary>What stands in a letter's link.</summary>
    /// <param name="Token">All behind the equals sign.</param>
    public sealed record TokenBody(string Token);

    /// <summary>Whose password is forgotten.</summary>
    /// <param name="Email">The account's address.</param>
    public sealed record ForgottenBody(string Email);

    /// <summary>A new password in place of a forgotten one.</summary>
    /// <param name="Token">All behind the equals sign of the link.</param>
    /// <param name="NewPassword">8 to 1024 characters, whatever they are.</param>
    public sealed record ResetBody(string Token, string NewPassword);

    public static void Map(IEndpointRouteBuilder api)
    {
        var letters = api.MapGroup("").WithTags("Accounts");
        letters.MapPost("/api/me/email", ChangeEmail).WithName("changeEmail").TakesNoIdempotencyKey(Once)
            .WithSummary("Sends a link to a new address, which becomes yours when it is followed")
            .Produces(StatusCodes.Status202Accepted)
            .Refuses(No.WrongPassword, No.TooManyAttempts, No.TooManyLetters, No.Busy, No.MailIsOff);
        letters.MapPost("/api/me/email/confirmation", Confirmation).WithName("sendEmailConfirmation").TakesNoIdempotencyKey(Once)
            .WithSummary("Sends the link again that confirms your address")
            .Produces(StatusCodes.Status202Accepted)
            .Refuses(No.TooManyLetters, No.MailIsOff);
        letters.MapPost("/api/auth/email/confirm", Confirm).WithName("confirmEmail").AllowAnonymous().TakesNoIdempotencyKey(Once)
            .WithSummary("Follows the link that confirms an address, or a new one")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.LinkSpent, No.EmailTaken);
        letters.MapPost("/api/auth/password-reset", Forgotten).WithName("requestPasswordReset").AllowAnonymous()
            .TakesNoIdempotencyKey(Once)
            .WithSummary("Sends a link for a new password to the address, if it has an account")
            .WithDescription("The answer and the time it takes are the same for every address.")
            .Produces(StatusCodes.Status202Accepted)
            .Refuses(No.TooManyLetters);
        letters.MapPost("/api/auth/password-reset/complete", Reset).WithName("resetPassword").AllowAnonymous()
            .TakesNoIdempotencyKey(Once)
            .WithSummary("Follows that link: sets a new password and ends every session of the account")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.LinkSpent, No.WeakPassword, No.Busy);
    }

    private static async Task<IResult> ChangeEmail(
        AddressBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(
            new AskAddress(caller, body.Email, body.Password, SessionEndpoint.From(context).Address), cancel)).ToHttp(Accepted);

    private static async Task<IResult> Confirmation(Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new AskConfirmation(caller), cancel)).ToHttp(Accepted);

    private static async Task<IResult> Confirm(TokenBody body, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ProveAddress(body.Token), cancel)).ToHttp();

    private static async Task<IResult> Forgotten(
        ForgottenBody body, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new AskReset(body.Email, SessionEndpoint.From(context).Address), cancel)).ToHttp(Accepted);

    private static async Task<IResult> Reset(ResetBody body, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ResetMyPassword(body.Token, body.NewPassword), cancel)).ToHttp();

    private static IResult Accepted(Done _) => TypedResults.StatusCode(StatusCodes.Status202Accepted);
}
