using System.ComponentModel;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Handover.HandoverRejection;

namespace EventFiles.Features.Handover;

/// <summary>HTTP in, HTTP out.</summary>
public static class HandoverEndpoint
{
    /// <summary>To whom.</summary>
    /// <param name="To">An account's id or an e-mail address.</param>
    /// <param name="Keep">What you may afterwards: viewer, commenter or editor; nothing when absent.</param>
    /// <param name="ExpiresAt">When the offer ends by itself; in two weeks when absent.</param>
    public sealed record OfferBody(string? To = null, KeptRole? Keep = null, DateTimeOffset? ExpiresAt = null);

    /// <summary>Where it goes.</summary>
    /// <param name="FolderId">A folder of yours; your root when absent.</param>
    public sealed record AcceptBody(FolderId? FolderId = null);

    private static readonly Rejection[] Offering =
        [No.ToOneself, No.NoSuchAccount, No.AlreadyExpired, No.Pending, HoldRejection.Stands, HandoverRejections.ToBeErased];

    public static void Map(IEndpointRouteBuilder api)
    {
        var transfers = api.MapGroup("/api").WithTags("Share");
        transfers.MapPost("/files/{id:guid}/transfer", OfferFile).WithName("transferFile").TakesIdempotencyKey()
            .WithSummary("Offers the ownership of a file to another account, who must accept; until then nothing changes")
            .Produces<HandoverReply>(StatusCodes.Status201Created)
            .Refuses([AccessRejection.NoSuchFile, AccessRejection.NotAllowed, .. Offering]);
        transfers.MapPost("/folders/{id:guid}/transfer", OfferFolder).WithName("transferFolder").TakesIdempotencyKey()
            .WithSummary("Offers the ownership of a folder with all that is in it to another account, who must accept")
            .Produces<HandoverReply>(StatusCodes.Status201Created)
            .Refuses([FolderRejection.NoSuchFolder, FolderRejection.NotAllowed, No.Root, .. Offering]);
        transfers.MapGet("/transfers", List).WithName("listTransfers")
            .WithSummary("The transfers of ownership that are offered to you, or that you offer, the latest first")
            .Produces<Page<HandoverReply>>();
        transfers.MapGet("/transfers/{id:guid}", Read).WithName("getTransfer")
            .WithSummary("How a transfer of ownership stands, and what stays where it was")
            .Produces<HandoverReply>()
            .Refuses(No.Missing);
        transfers.MapPost("/transfers/{id:guid}/accept", Accept).WithName("acceptTransfer").TakesIdempotencyKey()
            .WithSummary("Takes what is offered: space is set aside for all of it, and it goes over file by file")
            .Produces<HandoverReply>(StatusCodes.Status202Accepted)
            .Refuses([
                No.Missing, No.Over, No.TooMany, No.NoSuchAccount, FolderRejection.NoSuchFolder, AccessRejection.NoSuchFile, HoldRejection.Stands,
                HandoverRejections.ToBeErased,
                .. AllowanceRejection.All,
            ]);
        transfers.MapPost("/transfers/{id:guid}/decline", Decline).WithName("declineTransfer").TakesIdempotencyKey()
            .WithSummary("Does not take what is offered")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.Missing, No.Over, No.Accepted);
        transfers.MapDelete("/transfers/{id:guid}", Withdraw).WithName("withdrawTransfer")
            .WithSummary("Takes an offer back that was not accepted")
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(No.Missing, No.Over, No.Accepted);
    }

    private static Task<IResult> OfferFile(Guid id, OfferBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        Offer(new HandedEntry(id, IsFolder: false), body, caller, mediator, cancel);

    private static Task<IResult> OfferFolder(Guid id, OfferBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        Offer(new HandedEntry(id, IsFolder: true), body, caller, mediator, cancel);

    private static async Task<IResult> Offer(
        HandedEntry entry, OfferBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new OfferHandover(caller, entry, body.To, body.Keep, body.ExpiresAt), cancel))
        .ToHttp(offered => TypedResults.Created($"/api/transfers/{offered.Id}", offered));

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel,
        [Description("incoming (the default) or outgoing.")] string direction = "incoming",
        string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ListHandovers(caller, Direction(direction), cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    // A parameter of an enum type would be bound by the names of C#. Any other word is no value.
    private static HandoverDirection Direction(string word) => word switch
    {
        "incoming" => HandoverDirection.Incoming,
        "outgoing" => HandoverDirection.Outgoing,
        _ => (HandoverDirection)(-1),
    };

    private static async Task<IResult> Read(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadHandover(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Accept(
        Guid id, AcceptBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new AcceptHandover(caller, new(id), body.FolderId), cancel))
        .ToHttp(accepted => TypedResults.Accepted($"/api/transfers/{accepted.Id}", accepted));

    private static async Task<IResult> Decline(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new DeclineHandover(caller, new(id)), cancel)).ToHttp();

    private static async Task<IResult> Withdraw(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new WithdrawHandover(caller, new(id)), cancel)).ToHttp();
}
