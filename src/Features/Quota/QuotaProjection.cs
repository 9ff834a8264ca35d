using static EventFiles.Features.Quota.QuotaEvent;

namespace EventFiles.Features.Quota;

/// <summary>An account's space, as the API shows it. All figures are exact.</summary>
/// <param name="LimitBytes">What it may hold.</param>
/// <param name="UsedBytes">What is stored for its files, versions and trash included; the same bytes once.</param>
/// <param name="ReservedBytes">What is set aside for uploads in flight.</param>
/// <param name="Files">How many files it has, trashed ones included.</param>
public sealed record QuotaView(long LimitBytes, long UsedBytes, long ReservedBytes, int Files)
{
    public static readonly QuotaView Untouched = Of(QuotaDecider.Decider.Initial.Balance);

    public static QuotaView Of(Balance balance) =>
        new(balance.LimitBytes, balance.UsedBytes, balance.ReservedBytes, balance.Files);
}

internal static class QuotaProjection
{
    /// <summary>By account id.</summary>
    public static Projection<QuotaView> Define() => new Projection<QuotaView>("quota", version: 3)
        .On<LimitSet>(Owner, Latest)
        .On<Reserved>(Owner, Latest)
        .On<Released>(Owner, Latest)
        .On<Charged>(Owner, Latest)
        .On<Shared>(Owner, Latest)
        .On<GivenUp>(Owner, Latest)
        .On<Compressed>(Owner, Latest)
        .On<UploadFreed>(Owner, Latest)
        .On<Freed>(Owner, Latest)
        .Recalled("quota");

    private static string Owner(QuotaEvent fact, RecordedEvent happened) => happened.Stream.Tenant.ToString();

    // Every event bears the figures after it: nothing is added up here, so nothing can be added twice.
    private static QuotaView Latest(QuotaView? view, QuotaEvent fact, RecordedEvent happened) => QuotaView.Of(fact.After);
}
