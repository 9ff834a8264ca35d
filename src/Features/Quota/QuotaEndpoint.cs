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
    /// <param name="SoftLimitBytes">May be exceeded for two weeks; null for none.</param>
    /// <param name="MaxFiles">How many files it may have, the trash included; null for any number.</param>
    /// <param name="MaxFileBytes">How large one file may be; null for any size.</param>
    public sealed record LimitBody(
        long LimitBytes, long? SoftLimitBytes = null, int? MaxFiles = null, long? MaxFileBytes = null);

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
            .WithDescription("All of it: a limit that is not named is none any more.")
            .Produces<QuotaView>()
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount, No.NegativeLimit, No.SoftAboveLimit);
        quota.MapGet("/api/admin/accounts/{id:guid}/quota", ReadOf).WithName("getAccountQuota")
            .WithSummary("How much space an account has, uses and has set aside (administrators)")
            .Produces<QuotaView>()
            .Refuses(No.AdministratorsOnly, No.NoSuchAccount);
        quota.MapGet("/api/admin/quotas", List).WithName("listQuotas")
            .WithSummary("Who uses how much space, the most first (administrators)")
            .WithDescription("Accounts that never held anything are not among them.")
            .Produces<Page<QuotaView>>()
            .Refuses(No.AdministratorsOnly);
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
        (await mediator.Send(new SetQuotaLimit(caller, new(id), body.LimitBytes)
        {
            Rules = new QuotaRules(body.SoftLimitBytes, body.MaxFiles, body.MaxFileBytes),
        }, cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> ReadOf(Guid id, Caller caller, IMediator mediator, CancellationToken cancel) =>
        (await mediator.Send(new ReadAccountQuota(caller, new(id)), cancel)).ToHttp(TypedResults.Ok);

    private static async Task<IResult> List(
        Caller caller, IMediator mediator, CancellationToken cancel,
        [Description("Those that have come to 80 percent of their limit only.")] bool warned = false,
        [Description("Those above their soft limit only.")] bool aboveSoftLimit = false, string? cursor = null, int limit = 100) =>
        (await mediator.Send(
            new ListQuotas(
                caller, aboveSoftLimit ? QuotaGroup.AboveSoftLimit : warned ? QuotaGroup.Warned : QuotaGroup.All, cursor, limit),
            cancel)).ToHttp(TypedResults.Ok);
}
