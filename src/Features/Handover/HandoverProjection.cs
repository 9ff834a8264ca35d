using System.Collections.Immutable;
using static EventFiles.Features.Handover.HandoverEvent;

namespace EventFiles.Features.Handover;

/// <summary>A transfer of ownership, as it is kept for readers: names are looked up when it is shown.</summary>
public sealed record HandoverView(
    HandoverId Id, HandedEntry Entry, AccountId From, AccountId To, string Email, KeptRole? Keeps, DateTimeOffset CreatedAt,
    DateTimeOffset Until, FolderId? Into, int Files, int FilesMoved, long Bytes, long BytesMoved,
    ImmutableArray<HandoverFailure> Failures, string? Outcome)
{
    /// <summary>It was accepted and is not over.</summary>
    public bool IsRunning => Outcome is null && Into is not null;

    public string Status => Outcome ?? (Into is null ? "offered" : "running");
}

internal static class HandoverProjection
{
    /// <summary>Those that are not over, by when they are looked after.</summary>
    public const string Due = "handovers-due";

    private const int FailuresShown = 100;

    /// <summary>What an account offers, by when.</summary>
    public static string By(AccountId from) => $"handovers-by:{from}";

    /// <summary>What an account is offered, by when.</summary>
    public static string To(AccountId to) => $"handovers-to:{to}";

    /// <summary>By the transfer's id.</summary>
    public static Projection<HandoverView> Define() => new Projection<HandoverView>("handovers")
        .On<Offered>(offered => offered.Handover.ToString(), (_, offered, happened) => new HandoverView(
            offered.Handover, new(offered.Entry, offered.IsFolder), offered.From, offered.To, offered.Email, offered.Keeps, happened.At,
            offered.Until, null, 0, 0, 0, 0, [], null))
        .On<Accepted>(accepted => accepted.Handover.ToString(), (view, accepted, _) => view is null ? null : view with
        {
            Into = accepted.Into,
            Files = accepted.Files,
            Bytes = accepted.Bytes,
            Until = accepted.Until,
        })
        .On<PageMoved>(page => page.Handover.ToString(), (view, page, _) => view is null ? null : view with
        {
            FilesMoved = page.FilesSoFar,
            BytesMoved = page.BytesSoFar,
            Failures = [.. view.Failures.Concat(page.Failures).DistinctBy(failure => failure.Entry).Take(FailuresShown)],
            Until = page.Until,
        })
        .On<Ended>(ended => ended.Handover.ToString(), (view, ended, _) => view is null ? null : view with { Outcome = ended.Outcome })
        .Indexed(view =>
        [
            new IndexEntry(By(view.From), IndexEntry.Time(view.CreatedAt)),
            new IndexEntry(To(view.To), IndexEntry.Time(view.CreatedAt)),
            .. view.Outcome is null ? (IndexEntry[])[new IndexEntry(Due, IndexEntry.Time(view.Until))] : [],
        ]);
}
