using static EventFiles.Features.Retention.RetentionEvent;

namespace EventFiles.Features.Retention;

/// <summary>When the rules of an account's folders are applied next.</summary>
public sealed record RetentionView(AccountId Owner, IReadOnlyList<FolderId> Folders, DateTimeOffset NextSweep);

internal static class RetentionProjection
{
    /// <summary>The accounts with rules, by when these are applied.</summary>
    public const string Due = "retention-due";

    /// <summary>By account id.</summary>
    public static Projection<RetentionView> Define() => new Projection<RetentionView>("retention")
        .On<Ruled>(Owner, (view, ruled, happened) => new RetentionView(
            happened.Stream.Tenant, [.. (view?.Folders ?? []).Append(ruled.Folder).Distinct()], ruled.NextSweep))
        .On<Unruled>(Owner, (view, unruled, _) =>
            view is null ? null : view with { Folders = [.. view.Folders.Where(folder => folder != unruled.Folder)] })
        .On<Swept>(Owner, (view, swept, _) => view is null ? null : view with { NextSweep = swept.NextSweep })
        .Indexed(view => view.Folders.Count == 0 ? [] : [new IndexEntry(Due, IndexEntry.Time(view.NextSweep))]);

    private static string Owner(RetentionEvent fact, RecordedEvent happened) => happened.Stream.Tenant.ToString();
}
