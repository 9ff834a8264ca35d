namespace EventFiles.Features.Quota;

/// <summary>Keeps every account within its space, exact to the byte, uploads in flight included.</summary>
public static class QuotaSlice
{
    /// <summary>The queue of what is sent by mail.</summary>
    internal const string Letters = "notify";

    public static Slice Define() => new Slice("quota")
        .Serves(QuotaEndpoint.Map)
        .Answers<ReadQuota, QuotaView, QuotaHandler>()
        .Answers<ExplainQuota, QuotaExplanation, QuotaHandler, ExplainQuotaShape>()
        .Answers<SetQuotaLimit, QuotaView, QuotaHandler, SetQuotaLimitShape>()
        .Answers<ReadAccountQuota, QuotaView, QuotaHandler>()
        .Answers<ListQuotas, Page<QuotaView>, QuotaHandler, ListQuotasShape>()
        .Stores<QuotaEvent.LimitSet>("quota.limit-set.v1")
        .Stores<QuotaEvent.RulesSet>("quota.rules-set.v1")
        .Stores<QuotaEvent.LevelReached>("quota.level-reached.v1")
        .Stores<QuotaEvent.SoftLimitPassed>("quota.soft-limit-passed.v1")
        .Stores<QuotaEvent.Corrected>("quota.corrected.v1")
        .Stores<QuotaEvent.Reserved>("quota.reserved.v1")
        .Stores<QuotaEvent.Released>("quota.released.v1")
        .Stores<QuotaEvent.Charged>("quota.charged.v1")
        .Stores<QuotaEvent.Shared>("quota.shared.v1")
        .Stores<QuotaEvent.GivenUp>("quota.given-up.v1")
        .Stores<QuotaEvent.Compressed>("quota.compressed.v1")
        .Stores<QuotaEvent.UploadFreed>("quota.upload-freed.v1")
        .Stores<QuotaEvent.Freed>("quota.freed.v1")
        .Shows(QuotaProjection.Define())
        .Shows(ContentsProjection.Define())
        .Hears<QuotaEvent.LevelReached>((level, happened) => new TellOfSpace(happened.Stream.Tenant, happened.Id, level.Percent, null))
        .Hears<QuotaEvent.SoftLimitPassed>((passed, happened) => new TellOfSpace(happened.Stream.Tenant, happened.Id, 0, passed.Until))
        .Does<TellOfSpace, SpaceWarningHandler>(Letters)
        .Does<TellKeeperOfSpace, SpaceWarningHandler>(Letters)
        .Offers<IContents, ContentRegister>()
        .Offers<IAllowance, QuotaAllowance>()
        .Offers<IHandsOverFiles, HandedSpace>()
        .Offers<IPersonalRecords, QuotaRecords>();
}
