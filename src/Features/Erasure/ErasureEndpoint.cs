using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Erasure.ErasureRejection;

namespace EventFiles.Features.Erasure;

/// <summary>HTTP in, HTTP out.</summary>
public static class ErasureEndpoint
{
    /// <summary>Shows an erasure to whoever cannot sign in any more. Never in a URL.</summary>
    public const string TokenHeader = "Receipt-Token";

    /// <summary>That it is you.</summary>
    /// <param name="Password">Your password, again.</param>
    public sealed record EraseMeBody(string Password);

    /// <summary>Why and by when somebody is erased.</summary>
    /// <param name="Ground">noLongerNeeded, consentWithdrawn, objection, unlawfulProcessing or legalObligation.</param>
    /// <param name="Immediately">Without the days in which it can be cancelled.</param>
    /// <param name="Deadline">By when it should be done; left out, the usual.</param>
    public sealed record EraseAccountBody(ErasureGround Ground, bool Immediately = false, DateTimeOffset? Deadline = null);

    /// <summary>Why and by when a file is erased.</summary>
    /// <param name="Ground">noLongerNeeded, consentWithdrawn, objection, unlawfulProcessing or legalObligation.</param>
    /// <param name="Immediately">Without the time in which it can be cancelled.</param>
    /// <param name="Deadline">By when it should be done; left out, the usual.</param>
    public sealed record EraseFileBody(ErasureGround Ground, bool? Immediately = null, DateTimeOffset? Deadline = null);

    public static void Map(IEndpointRouteBuilder api)
    {
        var erasure = api.MapGroup("").WithTags("Erasure");
        erasure.MapPost("/api/me/erasure", EraseMe).WithName("eraseMe").TakesNoIdempotencyKey("Passwords and their digests are kept nowhere else.")
            .WithSummary("Asks that your account and all that is yours be erased")
            .WithDescription(
                "It can be cancelled until beginsAt. From then on you are signed out for good, and files, versions, variants, "
                + "folders, shares, links and all that the log tells of you go, in every copy of the database. Keep the "
                + "receiptToken: with it the receipt is had when nobody can sign in any more.")
            .Produces<RequestedErasure>(StatusCodes.Status202Accepted)
            .Refuses(No.UnderWay, No.IsAdministrator, No.NoSuchAccount,
                ConfirmationRejection.WrongPassword, ConfirmationRejection.TooMany);
        erasure.MapPost("/api/admin/accounts/{id:guid}/erasure", EraseAccount).WithName("eraseAccount").TakesIdempotencyKey()
            .WithSummary("Has an account erased, with all that is its own (administrators)")
            .Produces<RequestedErasure>(StatusCodes.Status202Accepted)
            .Refuses(No.AdministratorsOnly, No.UnderWay, No.IsAdministrator, No.NoSuchAccount);
        erasure.MapPost("/api/files/{id:guid}/erasure", EraseFile).WithName("eraseFile").TakesIdempotencyKey()
            .WithSummary("Has one file erased, wherever it is, so that it can be shown (its owner, administrators)")
            .WithDescription(
                "It can be cancelled until beginsAt. From then on its versions, variants, shares and links go, and names and all "
                + "else that is personal in what the log tells of it; a restored backup leaves it out. A legal hold keeps it until "
                + "it is lifted. Content that another file of the owner has too stays there: the receipt says so.")
            .Produces<RequestedErasure>(StatusCodes.Status202Accepted)
            .Refuses(AccessRejection.NoSuchFile, AccessRejection.NotAllowed, No.StillUploading, No.UnderWay);
        erasure.MapDelete("/api/erasures/{id:guid}", Cancel).WithName("cancelErasure")
            .WithSummary("Cancels an erasure that has not begun (who may ask for it)")
            .Produces<ErasureView>()
            .Refuses(No.NoSuchErasure, No.TooLate);
        erasure.MapGet("/api/erasures/{id:guid}", Read).WithName("getErasure").AllowAnonymous()
            .WithSummary("How an erasure stands (the person or owner, administrators, auditors, or whoever has the receipt's token)")
            .Produces<ErasureView>()
            .Refuses(No.NoSuchErasure);
        erasure.MapGet("/api/erasures/{id:guid}/receipt", ReadReceipt).WithName("getErasureReceipt").AllowAnonymous()
            .WithSummary("What was erased, how that was looked after, and what stays (the same)")
            .Produces<IssuedReceipt>()
            .Refuses(No.NoSuchErasure, No.NotYet);
    }

    private static async Task<IResult> EraseMe(
        EraseMeBody body, Caller caller, HttpContext context, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new EraseMe(caller, body.Password, $"{context.Connection.RemoteIpAddress}"), cancel)).ToHttp(Accepted);

    private static async Task<IResult> EraseAccount(
        Guid id, EraseAccountBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new EraseAccount(caller, new(id), body.Ground, body.Immediately, body.Deadline), cancel)).ToHttp(Accepted);

    private static async Task<IResult> EraseFile(
        Guid id, EraseFileBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new EraseFile(caller, new(id), body.Ground, body.Immediately ?? false, body.Deadline), cancel)).ToHttp(Accepted);

    private static async Task<IResult> Cancel(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new CancelErasure(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Read(
        Guid id, Caller? caller, IMediator mediator, CancellationToken cancel, [FromHeader(Name = TokenHeader)] string? token = null) =>
        (await mediator.Send(new ReadErasure(caller, token, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ReadReceipt(
        Guid id, Caller? caller, IMediator mediator, CancellationToken cancel, [FromHeader(Name = TokenHeader)] string? token = null) =>
        (await mediator.Send(new ReadReceipt(caller, token, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static IResult Accepted(RequestedErasure asked) => TypedResults.Accepted($"/api/erasures/{asked.Erasure.Id}", asked);
}
