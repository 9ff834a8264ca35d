using System.Collections.Immutable;
using System.Diagnostics;
using static EventFiles.Features.Files.VersionCommand;
using static EventFiles.Features.Files.VersionEvent;
using No = EventFiles.Features.Files.VersionRejection;

namespace EventFiles.Features.Files;

/// <summary>What became of a file's versions.</summary>
/// <param name="Deleted">Those that are not to be had any more.</param>
/// <param name="Purged">Those of which nothing is left.</param>
public sealed record VersionState(
    ImmutableDictionary<int, string> Labels, ImmutableHashSet<int> Deleted, ImmutableHashSet<int> Purged)
{
    /// <summary>Nothing is left to be done.</summary>
    public bool HasEnded => Deleted.SetEquals(Purged);
}

public static class VersionDecider
{
    public static readonly Decider<VersionCommand, VersionState, VersionEvent> Decider = new(
        new VersionState(ImmutableDictionary<int, string>.Empty, [], []), Evolve, Decide);

    public static StreamId StreamOf(FileId file, AccountId owner) => new($"version-{file}", owner);

    // Read from the top: the first row that matches is the rule. A version that is no longer the current one never is again.
    private static Decision<VersionEvent> Decide(VersionState file, VersionCommand ask, DateTimeOffset now) => ask switch
    {
        Label label when file.Deleted.Contains(label.Version) || !label.Made.Has(label.Version) => No.NoSuchVersion,
        Label label when label.Text == file.Labels.GetValueOrDefault(label.Version, "") => Decision<VersionEvent>.AlreadySo,
        Label { Text: "" } label => new Unlabelled(label.File, label.Version),
        Label label => new Labelled(label.File, label.Version, label.Text),

        Remove remove when file.Deleted.Contains(remove.Version) => Decision<VersionEvent>.AlreadySo,
        Remove remove when !remove.Made.Has(remove.Version) => No.NoSuchVersion,
        Remove remove when remove.Version == remove.Made.Last => No.IsCurrent,
        Remove remove => new Deleted(remove.File, remove.Version, remove.By),

        Purge purge when file.Purged.Contains(purge.Version) => Decision<VersionEvent>.AlreadySo,
        Purge purge when !file.Deleted.Contains(purge.Version) => No.NotDeleted,
        Purge purge => new Purged(purge.File, purge.Version, purge.Objects, purge.Bytes),

        _ => throw new UnreachableException(),
    };

    private static VersionState Evolve(VersionState file, VersionEvent happened) => happened switch
    {
        Labelled labelled => file with { Labels = file.Labels.SetItem(labelled.Version, labelled.Label) },
        Unlabelled unlabelled => file with { Labels = file.Labels.Remove(unlabelled.Version) },
        Deleted deleted => file with { Deleted = file.Deleted.Add(deleted.Version) },
        Purged purged => file with { Purged = file.Purged.Add(purged.Version) },
        _ => throw new UnreachableException(),
    };
}

public static class VersionRejection
{
    public static readonly Rejection NoSuchVersion = FilesRejection.NoSuchVersion;

    public static readonly Rejection IsCurrent = new(
        "files.version-is-current", RejectionKind.Conflict,
        "This is the file's current version: upload or restore another first, or delete the file.");

    public static readonly Rejection NotDeleted = new(
        "files.version-not-deleted", RejectionKind.Conflict, "Nobody asked to delete this version.");
}
