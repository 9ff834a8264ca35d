using System.Collections.Immutable;

namespace EventFiles.Features.Retention;

/// <summary>What one folder says; null where the folder above decides.</summary>
/// <param name="DeleteAfterDays">So long after <paramref name="Since"/> a file is deleted for good.</param>
/// <param name="Since">What the days of the two are counted from.</param>
/// <param name="KeepAtLeastDays">Before so long after that nobody deletes it for good.</param>
/// <param name="KeepVersions">Of a file's versions so many, the newest, stay.</param>
/// <param name="KeepVersionDays">A version that is younger stays, too.</param>
/// <param name="EmptyTrashAfterDays">So long after it was thrown away a file is deleted for good.</param>
public sealed record RetentionRule(
    int? DeleteAfterDays, RetentionClock Since, int? KeepAtLeastDays, int? KeepVersions, int? KeepVersionDays,
    int? EmptyTrashAfterDays)
{
    public static readonly RetentionRule None = new(null, RetentionClock.Modified, null, null, null, null);

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsEmpty => this == None with { Since = Since };

    /// <summary>As it stands in the log.</summary>
    internal static RetentionRule Of(RetentionEvent.Ruled ruled) => new(
        ruled.DeleteAfterDays, ruled.Since, ruled.KeepAtLeastDays, ruled.KeepVersions, ruled.KeepVersionDays, ruled.EmptyTrashAfterDays);

    /// <summary>Says how long files stay: these parts hold together.</summary>
    internal bool IsTimed => DeleteAfterDays is not null || KeepAtLeastDays is not null;

    /// <summary>Says which versions stay: these parts hold together, too.</summary>
    internal bool IsOfVersions => KeepVersions is not null || KeepVersionDays is not null;

    /// <summary>When a file is to be deleted; null when it never is.</summary>
    public DateTimeOffset? DeletesAt(FileAge file) => DeleteAfterDays is { } days ? Start(file).AddDays(days) : null;

    /// <summary>Until when nobody deletes it; null when anybody may.</summary>
    public DateTimeOffset? KeepsUntil(FileAge file) => KeepAtLeastDays is { } days ? Start(file).AddDays(days) : null;

    /// <summary>
    /// The versions that are to be deleted at that time: neither among the newest nor young, where both are said. Never the
    /// current one, and never one that bears a label: somebody wanted it to be found again.
    /// </summary>
    public IEnumerable<VersionAge> Superfluous(FileAge file, DateTimeOffset now) =>
        KeepVersions is null && KeepVersionDays is null ? []
        : file.Versions.OrderByDescending(version => version.Number)
            .Skip(Math.Max(1, KeepVersions ?? 1))
            .Where(version => !version.HasLabel
                && (KeepVersionDays is not { } days || version.CreatedAt.AddDays(days) <= now)
                && (KeepAtLeastDays is not { } least || version.CreatedAt.AddDays(least) <= now));

    private DateTimeOffset Start(FileAge file) =>
        Since == RetentionClock.Created ? file.CreatedAt : file.Versions.Max(version => version.CreatedAt);
}

/// <summary>The rules of one owner's folders.</summary>
public sealed record RetentionRules(ImmutableDictionary<FolderId, RetentionRule> ByFolder)
{
    /// <summary>
    /// What holds for the files in a folder: of each part, what the nearest folder above says that says anything.
    /// </summary>
    /// <param name="above">The folder and all above it, up to the root.</param>
    public RetentionRule For(IEnumerable<FolderId> above)
    {
        var rule = RetentionRule.None;
        foreach (var own in above.Select(folder => ByFolder.GetValueOrDefault(folder)).OfType<RetentionRule>())
        {
            var (isTimed, isOfVersions) = (rule.IsTimed, rule.IsOfVersions);
            rule = new RetentionRule(
                isTimed ? rule.DeleteAfterDays : own.DeleteAfterDays,
                isTimed ? rule.Since : own.Since,
                isTimed ? rule.KeepAtLeastDays : own.KeepAtLeastDays,
                isOfVersions ? rule.KeepVersions : own.KeepVersions,
                isOfVersions ? rule.KeepVersionDays : own.KeepVersionDays,
                rule.EmptyTrashAfterDays ?? own.EmptyTrashAfterDays);
        }

        return rule;
    }
}
