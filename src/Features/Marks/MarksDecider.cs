using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Marks.MarksCommand;
using static EventFiles.Features.Marks.MarksEvent;
using No = EventFiles.Features.Marks.MarksRejection;

namespace EventFiles.Features.Marks;

/// <summary>How one person marked one file or folder.</summary>
public sealed record MarksState(bool IsFavourite, ImmutableHashSet<TagId> Tags);

public static class MarksDecider
{
    /// <summary>How many tags an entry bears at most.</summary>
    public const int MaxTags = 50;

    public static readonly Decider<MarksCommand, MarksState, MarksEvent> Decider = new(
        new MarksState(false, []), Evolve, Decide);

    /// <summary>Each person marks for themselves: what is marked may be another's.</summary>
    public static StreamId StreamOf(Guid entry, AccountId account) => new($"mark-{entry}-{account}", account);

    // Read from the top: the first row that matches is the rule.
    private static Decision<MarksEvent> Decide(MarksState marks, MarksCommand ask, DateTimeOffset now) => ask switch
    {
        Favour when marks.IsFavourite => Decision<MarksEvent>.AlreadySo,
        Favour favour => new Favoured(favour.Entry, favour.IsFolder),
        Unfavour when !marks.IsFavourite => Decision<MarksEvent>.AlreadySo,
        Unfavour unfavour => new Unfavoured(unfavour.Entry),

        Tag tag when marks.Tags.Contains(tag.With) => Decision<MarksEvent>.AlreadySo,
        Tag when marks.Tags.Count >= MaxTags => No.TooManyTags,
        Tag tag => new Tagged(tag.Entry, tag.IsFolder, tag.With),
        Untag untag when !marks.Tags.Contains(untag.With) => Decision<MarksEvent>.AlreadySo,
        Untag untag => new Untagged(untag.Entry, untag.With),

        _ => throw new UnreachableException(),
    };

    private static MarksState Evolve(MarksState marks, MarksEvent happened) => happened switch
    {
        Favoured => marks with { IsFavourite = true },
        Unfavoured => marks with { IsFavourite = false },
        Tagged tagged => marks with { Tags = marks.Tags.Add(tagged.Tag) },
        Untagged untagged => marks with { Tags = marks.Tags.Remove(untagged.Tag) },
        _ => throw new UnreachableException(),
    };
}

public static class MarksRejection
{
    public static readonly Rejection NoSuchTag = new(
        "marks.no-such-tag", RejectionKind.Missing, "There is no such tag.");

    public static readonly Rejection TagTaken = new(
        "marks.tag-taken", RejectionKind.Conflict, "You have a tag of that name.");

    public static readonly Rejection TooManyTags = new(
        "marks.too-many-tags", RejectionKind.Conflict, "A file or folder bears at most 50 tags.");
}
