using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class TokenEndpoint
{
    private const string Secrets = "A token is shown once and kept nowhere.";

    /// <summary>What a token is for and what it may do.</summary>
    /// <param name="Name">1 to 100 visible characters, for you.</param>
    /// <param name="Scopes">One or more of read, write, admin and audit; never more than the account itself may.</param>
    /// <param name="ExpiresAt">Within 366 days; 90 days when it is left out.</param>
    public sealed record TokenBody(string Name, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt = null);

    /// <summary>An account for a program.</summary>
    /// <param name="DisplayName">1 to 100 visible characters.</param>
    public sealed record ServiceBody(string DisplayName);

    public static void Map(IEndpointRouteBuilder api)
    {
        var own = api.MapGroup("/api/auth/tokens").WithTags("Accounts");
        own.MapPost("", Issue).WithName("issueToken").TakesNoIdempotencyKey(Secrets)
            .WithSummary("Makes a token with which a program acts in your name; shown once")
            .Produces<IssuedToken>(StatusCodes.Status201Created)
            .Refuses(No.TooManyTokens, No.SessionOver);
        own.MapGet("", List).WithName("listTokens")
            .WithSummary("Your tokens, newest first, without their secrets")
            .Produces<Page<TokenSummary>>();
        own.MapDelete("/{id:guid}", Revoke).WithName("revokeToken")
            .WithSummary("Revokes a token: it opens nothing from the next request on")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchToken);
        var services = api.MapGroup("/api/admin/service-accounts").WithTags("Accounts");
        services.MapPost("", Open).WithName("openServiceAccount").TakesIdempotencyKey()
            .WithSummary("Opens an account for a program, which has tokens and no password (administrators)")
            .Produces<NewAccount>(StatusCodes.Status201Created)
            .Refuses(No.AdministratorsOnly);
        services.MapPost("/{id:guid}/tokens", IssueFor).WithName("issueServiceToken").TakesNoIdempotencyKey(Secrets)
            .WithSummary("Makes a token for a service account; shown once (administrators)")
            .Produces<IssuedToken>(StatusCodes.Status201Created)
            .Refuses(No.AdministratorsOnly, No.NoService, No.TooManyTokens, No.SessionOver);
        services.MapGet("/{id:guid}/tokens", ListFor).WithName("listServiceTokens")
            .WithSummary("A service account's tokens, newest first, without their secrets (administrators)")
            .Produces<Page<TokenSummary>>()
            .Refuses(No.AdministratorsOnly, No.NoService);
        api.MapDelete("/api/admin/service-tokens/{id:guid}", Revoke).WithTags("Accounts").WithName("revokeServiceToken")
            .WithSummary("Revokes a service account's token (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.NoSuchToken);
    }

    private static async Task<IResult> Issue(
        TokenBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        Issued(context, await mediator.Send(new IssueToken(caller, body.Name, body.Scopes, body.ExpiresAt), cancel));

    private static async Task<IResult> IssueFor(
        Guid id, TokenBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        Issued(context, await mediator.Send(new IssueToken(caller, body.Name, body.Scopes, body.ExpiresAt, new(id)), cancel));

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListTokens(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ListFor(
        Guid id, Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListTokens(caller, cursor, limit, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Revoke(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new RevokeToken(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> Open(ServiceBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OpenServiceAccount(caller, body.DisplayName), cancel))
            .ToHttp(made => TypedResults.Created($"/api/admin/accounts/{made.Id}", made));

    private static IResult Issued(HttpContext context, Answer<IssuedToken> answer) => SessionEndpoint.NotStored(
        context, answer.ToHttp(made => TypedResults.Created($"/api/auth/tokens/{made.Id}", made)));
}
