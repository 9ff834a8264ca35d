using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Retention.RetentionCommand;
using static EventFiles.Features.Retention.RetentionEvent;
using No = EventFiles.Features.Retention.RetentionRejection;

namespace EventFiles.Features.Retention;

/// <summary>The rules of one owner's folders, and when they are applied next.</summary>
/// <param name="NextSweep">Null while there was never a rule.</param>
public sealed record RetentionState(RetentionRules Rules, DateTimeOffset? NextSweep)
{
    /// <summary>Whether it is time.</summary>
    public bool IsDue(DateTimeOffset now) => !Rules.ByFolder.IsEmpty && NextSweep <= now;
}

public static class RetentionDecider
{
    public static readonly Decider<RetentionCommand, RetentionState, RetentionEvent> Decider = new(
        new RetentionState(new RetentionRules(ImmutableDictionary<FolderId, RetentionRule>.Empty), null), Evolve, Decide);

    /// <summary>All rules of one owner are one stream: whoever deletes something of it loads this one.</summary>
    public static StreamId StreamOf(AccountId owner) => new($"retention-{owner}", owner);

    // Read from the top: the first row that matches is the rule.
    private static Decision<RetentionEvent> Decide(RetentionState state, RetentionCommand ask, DateTimeOffset now) => ask switch
    {
        SetRule { Rule: { DeleteAfterDays: { } after, KeepAtLeastDays: { } least } } when after < least => No.Contradiction,
        SetRule set when state.Rules.ByFolder.GetValueOrDefault(set.Folder) == set.Rule => Decision<RetentionEvent>.AlreadySo,
        SetRule { Rule: var rule } set => new Ruled(
            set.Folder, rule.DeleteAfterDays, rule.Since, rule.KeepAtLeastDays, rule.KeepVersions, rule.KeepVersionDays,
            rule.EmptyTrashAfterDays, set.NextSweep),

        RemoveRule remove when !state.Rules.ByFolder.ContainsKey(remove.Folder) => Decision<RetentionEvent>.AlreadySo,
        RemoveRule remove => new Unruled(remove.Folder),

        // Two that looked at once: what one has recorded, the other need not.
        RecordSweep when !state.IsDue(now) => Decision<RetentionEvent>.AlreadySo,
        RecordSweep sweep => new Swept(sweep.Files, sweep.Versions, sweep.Kept, sweep.NextSweep),

        _ => throw new UnreachableException(),
    };

    private static RetentionState Evolve(RetentionState state, RetentionEvent happened) => happened switch
    {
        Ruled ruled => new RetentionState(
            new RetentionRules(state.Rules.ByFolder.SetItem(ruled.Folder, RetentionRule.Of(ruled))), ruled.NextSweep),
        Unruled unruled => state with { Rules = new RetentionRules(state.Rules.ByFolder.Remove(unruled.Folder)) },
        Swept swept => state with { NextSweep = swept.NextSweep },
        _ => throw new UnreachableException(),
    };
}

public static class RetentionRejection
{
    public static readonly Rejection Contradiction = new(
        "retention.contradiction", RejectionKind.Invalid, "A file cannot be deleted before it may be deleted.");
}
