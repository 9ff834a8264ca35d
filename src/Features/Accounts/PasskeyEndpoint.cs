using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class PasskeyEndpoint
{
    /// <summary>That it is you.</summary>
    /// <param name="Password">The account's password.</param>
    public sealed record PrepareBody(string Password);

    /// <summary>A passkey that was made.</summary>
    /// <param name="Name">What you call it: 1 to 100 visible characters.</param>
    /// <param name="Credential">What the browser says of it.</param>
    public sealed record AddBody(string Name, CreatedPasskey Credential);

    /// <summary>What a passkey is called.</summary>
    /// <param name="Name">1 to 100 visible characters.</param>
    public sealed record RenameBody(string Name);

    /// <summary>A passkey that is used.</summary>
    /// <param name="Credential">What the browser says with it.</param>
    public sealed record UseBody(UsedPasskey Credential);

    // Several times what the largest key needs: nobody who has not signed in has us read more.
    private const int MostBytes = 64 << 10;

    private const string Once = "What an authenticator answers to is good once.";
    private const string Secrets = "Tokens that open an account are kept nowhere.";

    public static void Map(IEndpointRouteBuilder api)
    {
        var passkeys = api.MapGroup("/api/auth/passkeys").WithTags("Accounts").WithMetadata(new RequestSizeLimitAttribute(MostBytes));
        passkeys.MapPost("/creation", Prepare).WithName("preparePasskey").TakesNoIdempotencyKey(Once)
            .WithSummary("Tells what a browser is asked that makes a passkey for you")
            .Produces<PasskeyCreation>()
            .Refuses(No.WrongPassword, No.PasskeyNeeded, No.TooManyPasskeys, No.TooManyAttempts, No.Busy);
        passkeys.MapPost("", Add).WithName("addPasskey").TakesNoIdempotencyKey(Once)
            .WithSummary("Adds a passkey that was made: whoever has it signs in with nothing else")
            .Produces<PasskeySummary>(StatusCodes.Status201Created)
            .Refuses(No.PasskeyUnreadable, No.PasskeyUnproved, No.PasskeyNeeded, No.PasskeyTaken, No.TooManyPasskeys);
        passkeys.MapGet("", List).WithName("listPasskeys")
            .WithSummary("Your passkeys, newest first")
            .Produces<Page<PasskeySummary>>();
        passkeys.MapPatch("/{id:guid}", Rename).WithName("renamePasskey")
            .WithSummary("Calls a passkey otherwise")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchPasskey);
        passkeys.MapDelete("/{id:guid}", Remove).WithName("removePasskey")
            .WithSummary("Removes a passkey: nobody signs in with it any more")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchPasskey, No.PasskeyNeeded);
        passkeys.MapPost("/question", Begin).WithName("beginPasskey").AllowAnonymous().TakesNoIdempotencyKey(Once)
            .WithSummary("Tells what a browser is asked when somebody signs in with a passkey")
            .Produces<PasskeyQuestion>();
        passkeys.MapPost("/login", Login).WithName("loginByPasskey").AllowAnonymous().TakesNoIdempotencyKey(Secrets)
            .WithSummary("Signs an API client in with a passkey")
            .Produces<Tokens>()
            .Refuses(No.PasskeyUnreadable, No.PasskeyRefused, No.Disabled, No.AddressUnconfirmed, No.TooManyAttempts);
        passkeys.MapPost("/web-session", OpenWeb).WithName("openWebSessionByPasskey").AllowAnonymous().TakesNoIdempotencyKey(Secrets)
            .WithSummary("Signs a browser in with a passkey: sets the session cookie")
            .Produces<Me>()
            .Refuses(No.PasskeyUnreadable, No.PasskeyRefused, No.Disabled, No.AddressUnconfirmed, No.TooManyAttempts);
    }

    private static async Task<IResult> Prepare(
        PrepareBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        SessionEndpoint.NotStored(context, (await mediator.Send(
            new PreparePasskey(caller, body.Password, SessionEndpoint.From(context).Address), cancel)).ToHttp(TypedResults.Ok));

    private static async Task<IResult> Add(AddBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new AddPasskey(caller, body.Name, body.Credential), cancel))
            .ToHttp(added => TypedResults.Created($"/api/auth/passkeys/{added.Id}", added));

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListPasskeys(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Rename(
        Guid id, RenameBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RenamePasskey(caller, new(id), body.Name), cancel)).ToHttp();

    private static async Task<IResult> Remove(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RemovePasskey(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> Begin(HttpContext context, IMediator mediator, CancellationToken cancel) =>
        SessionEndpoint.NotStored(context, (await mediator.Send(new BeginPasskey(), cancel)).ToHttp(TypedResults.Ok));

    private static async Task<IResult> Login(
        UseBody body, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        SessionEndpoint.NotStored(context, (await mediator.Send(
            new LoginByPasskey(body.Credential, SessionEndpoint.From(context)), cancel)).ToHttp(TypedResults.Ok));

    private static async Task<IResult> OpenWeb(
        UseBody body, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenWebSessionByPasskey(body.Credential, SessionEndpoint.From(context)), cancel))
            .ToHttp(opened => SessionEndpoint.Opened(context, opened));
}
