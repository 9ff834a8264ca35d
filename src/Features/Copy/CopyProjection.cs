using System.Collections.Immutable;
using static EventFiles.Features.Copy.CopyEvent;

namespace EventFiles.Features.Copy;

/// <summary>The copying of a folder, as it is kept for readers.</summary>
public sealed record CopyView(
    CopyId Id, AccountId Owner, FolderId Source, FolderId Target, int Files, int FilesCopied, long Bytes, long BytesCopied,
    ImmutableArray<CopyFailure> Failures, DateTimeOffset Until, string? Outcome)
{
    /// <summary>As the API shows it.</summary>
    public CopyReply ToReply() => new(
        Id, Outcome ?? "running", Target, Source, Files, FilesCopied, Bytes, BytesCopied,
        [.. Failures.Select(failure => new CopyFailureView(failure.Entry, failure.Code))]);
}

internal static class CopyProjection
{
    /// <summary>The copies under way, by when they are given up.</summary>
    public const string Due = "copies-due";

    private const int FailuresShown = 100;

    /// <summary>By copy id.</summary>
    public static Projection<CopyView> Define() => new Projection<CopyView>("copies")
        .On<Requested>(requested => requested.Copy.ToString(), (_, requested, happened) => new CopyView(
            requested.Copy, happened.Stream.Tenant, requested.Source, requested.Target, requested.Files, 0, requested.Bytes, 0,
            [], requested.Until, null))
        .On<PageCopied>(page => page.Copy.ToString(), (view, page, _) =>
            view is null ? null : view with
            {
                FilesCopied = page.FilesSoFar,
                BytesCopied = page.BytesSoFar,
                Failures = [.. view.Failures.Concat(page.Failures).DistinctBy(failure => failure.Entry).Take(FailuresShown)],
                Until = page.Until,
            })
        .On<Ended>(ended => ended.Copy.ToString(), (view, ended, _) =>
            view is null ? null : view with { Outcome = ended.Outcome })
        .Indexed(view => view.Outcome is null ? [new IndexEntry(Due, IndexEntry.Time(view.Until))] : []);
}
