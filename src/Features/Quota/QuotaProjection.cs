using static EventFiles.Features.Quota.QuotaEvent;

namespace EventFiles.Features.Quota;

/// <summary>An account's space, as the API shows it. All figures are exact.</summary>
/// <param name="LimitBytes">What it may hold.</param>
/// <param name="UsedBytes">What is stored for its files, versions and trash included; the same bytes once.</param>
/// <param name="ReservedBytes">What is set aside for uploads in flight.</param>
/// <param name="Files">How many files it has, trashed ones included.</param>
public sealed record QuotaView(long LimitBytes, long UsedBytes, long ReservedBytes, int Files)
{
    /// <summary>Whose space it is.</summary>
    public AccountId Account { get; init; }

    /// <summary>How much of the limit is used, as far as there is a warning of it: 0, 80 or 95 percent.</summary>
    public int WarnedPercent { get; init; }

    /// <summary>May be exceeded for two weeks; null for none.</summary>
    public long? SoftLimitBytes { get; init; }

    /// <summary>Above the soft limit: from then on nothing is added until there is less.</summary>
    public DateTimeOffset? GraceUntil { get; init; }

    /// <summary>How many files there may be, trashed ones included; null for any number.</summary>
    public int? MaxFiles { get; init; }

    /// <summary>How large one file may be; null for any size.</summary>
    public long? MaxFileBytes { get; init; }

    public static QuotaView Untouched(AccountId account) => Of(account, QuotaDecider.Decider.Initial);

    public static QuotaView Of(AccountId account, QuotaState space)
    {
        ArgumentNullException.ThrowIfNull(space);
        return new QuotaView(0, 0, 0, 0)
        {
            Account = account,
            SoftLimitBytes = space.Rules.SoftLimitBytes,
            GraceUntil = space.GraceUntil,
            MaxFiles = space.Rules.MaxFiles,
            MaxFileBytes = space.Rules.MaxFileBytes,
        }.At(space.Balance);
    }

    internal SpaceFigures ToFigures() => new(
        new AllowedSpace(LimitBytes, SoftLimitBytes, MaxFiles, MaxFileBytes), UsedBytes, ReservedBytes, Files, WarnedPercent, GraceUntil);

    internal QuotaView At(Balance balance) => this with
    {
        LimitBytes = balance.LimitBytes,
        UsedBytes = balance.UsedBytes,
        ReservedBytes = balance.ReservedBytes,
        Files = balance.Files,
        WarnedPercent = QuotaFigures.Percent(balance),
        GraceUntil = balance.UsedBytes > SoftLimitBytes ? GraceUntil : null,
    };
}

/// <summary>Which accounts' space is looked at.</summary>
public enum QuotaGroup
{
    /// <summary>All that ever took up space or had a limit set.</summary>
    All,

    /// <summary>Those that have come to 80 percent of their limit.</summary>
    Warned,

    /// <summary>Those above their soft limit.</summary>
    AboveSoftLimit,
}

internal static class QuotaProjection
{
    /// <summary>By account id; listed by how much is used.</summary>
    public static Projection<QuotaView> Define() => new Projection<QuotaView>("quota", version: 4)
        .On<LimitSet>(Owner, Latest)
        .On<RulesSet>(Owner, (view, set, happened) => (Latest(view, set, happened) with
        {
            SoftLimitBytes = set.SoftLimitBytes,
            MaxFiles = set.MaxFiles,
            MaxFileBytes = set.MaxFileBytes,
        }).At(set.After))
        .On<LevelReached>(Owner, Latest)
        .On<SoftLimitPassed>(Owner, (view, passed, happened) => Latest(view, passed, happened) with { GraceUntil = passed.Until })
        .On<Corrected>(Owner, Latest)
        .On<Reserved>(Owner, Latest)
        .On<Released>(Owner, Latest)
        .On<Charged>(Owner, Latest)
        .On<Shared>(Owner, Latest)
        .On<GivenUp>(Owner, Latest)
        .On<Compressed>(Owner, Latest)
        .On<UploadFreed>(Owner, Latest)
        .On<Freed>(Owner, Latest)
        .Indexed(Entries)
        .Recalled("quota");

    public static string In(QuotaGroup group) => $"quotas:{group}";

    private static string Owner(QuotaEvent fact, RecordedEvent happened) => happened.Stream.Tenant.ToString();

    // Every event bears the figures after it: nothing is added up here, so nothing can be added twice.
    private static QuotaView Latest(QuotaView? view, QuotaEvent fact, RecordedEvent happened) =>
        (view ?? QuotaView.Untouched(happened.Stream.Tenant)).At(fact.After);

    private static IEnumerable<IndexEntry> Entries(QuotaView view)
    {
        var place = view.UsedBytes.ToString("d19", System.Globalization.CultureInfo.InvariantCulture);
        yield return new IndexEntry(In(QuotaGroup.All), place);
        if (view.WarnedPercent > 0)
            yield return new IndexEntry(In(QuotaGroup.Warned), place);
        if (view.GraceUntil is not null)
            yield return new IndexEntry(In(QuotaGroup.AboveSoftLimit), place);
    }
}
