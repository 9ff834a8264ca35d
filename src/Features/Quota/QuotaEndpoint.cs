using System.ComponentModel;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using No = EventFiles.Features.Quota.QuotaRejection;

namespace EventFiles.Features.Quota;

/// <summary>HTTP in, HTTP out.</summary>
public static class QuotaEndpoint
{
    /// <summary>A new limit.</summary>
    /// <param name="LimitBytes">What the account may hold, in bytes; less than it holds now only stops it from growing.</param>
    public sealed record LimitBody(long LimitBytes);

    public static void Map(IEndpointRouteBuilder api)
    {
        var quota = api.MapGroup("").WithTags("Quota");
        quota.MapGet("/api/quota", Read).WithName("getQuota")
            .WithSummary("How much space you have, use and have set aside")
            .Produces<QuotaView>()
            .Refuses([No.NoSuchAccount, .. PastRejection.All]);
        quota.MapGet("/api/quota/explain", Explain).WithName("explainQuota")
            .WithSummary("What the used space is made of, and the events behind it, oldest first")
            .WithDescription("The same bytes count once, however many of your files and versions have them; the breakdown says how many were saved so.")
            .Produces<QuotaExplanation>();
        quota.MapPut("/api/admin/accounts/{id:guid}/quota", SetLimit).WithName("setAccountQuota")
            .WithSummary("Sets how much an account may hold (administrators)")
            .Produces<QuotaView>()
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount, No.NegativeLimit);
    }

    private static async Task<IResult> Read(
        Caller caller, IMediator mediator, CancellationToken cancel,
        [Description(PastRejection.AsOfDescription)] string? asOf = null) =>
        (await mediator.Send(new ReadQuota(caller, asOf), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> Explain(
        Caller caller, IMediator mediator, CancellationToken cancel, string? cursor = null, int limit = 100) =>
        (await mediator.Send(new ExplainQuota(caller, cursor, limit), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> SetLimit(
        Guid id, LimitBody body, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new SetQuotaLimit(caller, new(id), body.LimitBytes), cancel)).ToHttp(TypedResults.Ok);
}
