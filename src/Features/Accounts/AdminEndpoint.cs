using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Accounts.AccountsRejection;

namespace EventFiles.Features.Accounts;

/// <summary>HTTP in, HTTP out.</summary>
public static class AdminEndpoint
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var accounts = api.MapGroup("/api/admin/accounts").WithTags("Accounts");
        accounts.MapGet("", List).WithName("listAccounts")
            .WithSummary("All accounts, by address (administrators)")
            .WithDescription("With q, those whose address or name has it. A page may be short, or empty, and have a next one.")
            .Produces<Page<AccountSummary>>()
            .Refuses(No.AdministratorsOnly);
        accounts.MapGet("/{id:guid}", Read).WithName("getAccount")
            .WithSummary("One account (administrators)")
            .Produces<AccountSummary>()
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount);
        accounts.MapPut("/{id:guid}/disabled", Disable).WithName("disableAccount")
            .WithSummary("Ends an account's sessions and lets it open nothing, from the next request on (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount, No.NotYourself);
        accounts.MapDelete("/{id:guid}/disabled", Enable).WithName("enableAccount")
            .WithSummary("Lets a disabled account sign in again (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount);
        accounts.MapPut("/{id:guid}/administrator", Appoint).WithName("appointAdministrator")
            .WithSummary("Makes an account an administrator's (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount);
        accounts.MapDelete("/{id:guid}/administrator", Dismiss).WithName("dismissAdministrator")
            .WithSummary("Ends that, for any account but one's own (administrators)")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount, No.NotYourself);
    }

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel, string? q = null, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListAccounts(caller, q, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadAccount(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Disable(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new SetDisabled(caller, new(id), true), cancel)).ToHttp();

    private static async Task<IResult> Enable(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new SetDisabled(caller, new(id), false), cancel)).ToHttp();

    private static async Task<IResult> Appoint(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new SetAdministrator(caller, new(id), true), cancel)).ToHttp();

    private static async Task<IResult> Dismiss(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new SetAdministrator(caller, new(id), false), cancel)).ToHttp();
}
