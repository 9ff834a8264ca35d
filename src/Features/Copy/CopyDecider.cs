using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Copy.CopyCommand;
using static EventFiles.Features.Copy.CopyEvent;
using No = EventFiles.Features.Copy.CopyRejection;

namespace EventFiles.Features.Copy;

/// <summary>How far the copying of a folder has come.</summary>
/// <param name="Pages">What is still to be done; the last one comes next.</param>
/// <param name="Bytes">How many there are together, as was found when it began.</param>
/// <param name="Outcome">Null while it is under way.</param>
public sealed record CopyState(
    bool Exists, ImmutableList<DuePage> Pages, long Bytes, int FilesCopied, long BytesCopied, int Failures,
    DateTimeOffset Until, string? Outcome)
{
    /// <summary>What is to be copied now; null when nothing is.</summary>
    public DuePage? Due => Outcome is null && !Pages.IsEmpty ? Pages[^1] : null;

    /// <summary>What is set aside for files that are still to come.</summary>
    public long LeftBytes => Math.Max(0, Bytes - BytesCopied);
}

/// <summary>A page of a folder that is to be copied.</summary>
/// <param name="Cursor">Where it begins; null for the folder's beginning.</param>
public sealed record DuePage(FolderId Source, FolderId Target, int Page, string? Cursor);

public static class CopyDecider
{
    public static readonly Decider<CopyCommand, CopyState, CopyEvent> Decider = new(
        new CopyState(false, [], 0, 0, 0, 0, default, null), Evolve, Decide);

    public static StreamId StreamOf(CopyId copy, AccountId owner) => new($"copy-{copy}", owner);

    // Read from the top: the first row that matches is the rule. An end is final.
    private static Decision<CopyEvent> Decide(CopyState copy, CopyCommand ask, DateTimeOffset now) => ask switch
    {
        Request when copy.Exists => Decision<CopyEvent>.AlreadySo,
        Request request => new Requested(
            request.Copy, request.Source, request.Target, request.Files, request.Bytes, request.Until),

        _ when !copy.Exists => No.Missing,
        _ when copy.Outcome is not null => Decision<CopyEvent>.AlreadySo,

        NotePage page when copy.Due is not { } due || (due.Target, due.Page) != (page.Into, page.Page) =>
            Decision<CopyEvent>.AlreadySo,
        NotePage page when Evolve(copy, Noted(copy, page)) is { Pages.IsEmpty: true } last =>
            new CopyEvent[] { Noted(copy, page), new Ended(page.Copy, last.Failures == 0 ? "done" : "incomplete") },
        NotePage page => Noted(copy, page),

        Cancel cancel => new Ended(cancel.Copy, "cancelled"),

        GiveUp when copy.Until > now => Decision<CopyEvent>.AlreadySo,
        GiveUp give => new Ended(give.Copy, "abandoned"),

        _ => throw new UnreachableException(),
    };

    private static PageCopied Noted(CopyState copy, NotePage page) => new(
        page.Copy, page.Into, page.Page, copy.FilesCopied + page.Files, copy.BytesCopied + page.Bytes, page.Failures,
        page.Folders, page.Next, page.Until);

    private static CopyState Evolve(CopyState copy, CopyEvent happened) => happened switch
    {
        Requested requested => new CopyState(
            true, [new DuePage(requested.Source, requested.Target, 1, null)], requested.Bytes, 0, 0, 0, requested.Until, null),
        PageCopied page => copy with
        {
            Pages = After(copy.Pages, page),
            FilesCopied = page.FilesSoFar,
            BytesCopied = page.BytesSoFar,
            Failures = copy.Failures + page.Failures.Length,
            Until = page.Until,
        },
        Ended ended => copy with { Outcome = ended.Outcome, Pages = [] },
        _ => throw new UnreachableException(),
    };

    // A folder's own pages come first, then what is in its folders: so the list of what is due stays short.
    private static ImmutableList<DuePage> After(ImmutableList<DuePage> pages, PageCopied page)
    {
        var done = pages[^1];
        var rest = pages.RemoveAt(pages.Count - 1)
            .AddRange(page.Folders.Select(folder => new DuePage(folder.Source, folder.Target, 1, null)));
        return page.Next.Length == 0 ? rest : rest.Add(done with { Page = done.Page + 1, Cursor = page.Next });
    }
}

public static class CopyRejection
{
    public static readonly Rejection Missing = new(
        "copy.not-found", RejectionKind.Missing, "There is no such copy.");

    public static readonly Rejection IntoItself = new(
        "copy.into-itself", RejectionKind.Conflict, "A folder cannot be copied into itself or into a folder below it.");

    public static readonly Rejection TooMany = new(
        "copy.too-many", RejectionKind.TooLarge, "The folder holds more than can be copied at once.");
}
