using System.Diagnostics;
using static EventFiles.Features.Files.FilesCommand;
using static EventFiles.Features.Files.FilesEvent;
using No = EventFiles.Features.Files.FilesRejection;

namespace EventFiles.Features.Files;

/// <summary>Where a file is and what it is called.</summary>
/// <param name="Revision">How often it was renamed or moved; 0 while it is where its upload put it.</param>
public sealed record Placement(long Revision, FolderId Folder, string Name)
{
    /// <summary>Whose it is, once it was handed over; null while it is whose it was at first.</summary>
    public AccountId? Owner { get; init; }

    /// <summary>Whether it may be this account's: an owner who is not the last one is none any more.</summary>
    public bool IsOf(AccountId owner) => Owner is not { } now || now == owner;

    /// <summary>The newer of what this stream says and what the caller saw, which knows of uploads and restores too.</summary>
    public Placement Or(Placement seen) => Revision > seen.Revision ? this : seen;
}

public static class FilesDecider
{
    public static readonly Decider<FilesCommand, Placement, FilesEvent> Decider = new(
        new Placement(0, default, ""), Evolve, Decide);

    public static StreamId StreamOf(FileId file, AccountId owner) => new($"file-{file}", owner);

    // Read from the top: the first row that matches is the rule.
    private static Decision<FilesEvent> Decide(Placement file, FilesCommand ask, DateTimeOffset now) => ask switch
    {
        HandOver hand when file.Owner == hand.To => Decision<FilesEvent>.AlreadySo,
        HandOver hand when !file.IsOf(hand.From) => AccessRejection.NoSuchFile,
        HandOver hand => new HandedOver(hand.File, hand.Folder, hand.Name, hand.From, hand.To),

        Place place when Wish(file, place) == file.Or(place.Seen) => Decision<FilesEvent>.AlreadySo,
        Place place when place.OnlyIfUnchanged && file.Revision != place.Seen.Revision => No.ChangedMeanwhile,
        Place place when Wish(file, place).Folder == file.Or(place.Seen).Folder =>
            new Renamed(place.File, Wish(file, place).Folder, Wish(file, place).Name),
        Place place => new Moved(place.File, Wish(file, place).Folder, Wish(file, place).Name),

        _ => throw new UnreachableException(),
    };

    private static Placement Wish(Placement file, Place place)
    {
        var now = file.Or(place.Seen);
        return now with { Folder = place.Folder ?? now.Folder, Name = place.Name ?? now.Name };
    }

    private static Placement Evolve(Placement file, FilesEvent happened) => happened switch
    {
        Renamed renamed => new Placement(file.Revision + 1, renamed.Folder, renamed.Name) { Owner = file.Owner },
        Moved moved => new Placement(file.Revision + 1, moved.Folder, moved.Name) { Owner = file.Owner },
        HandedOver handed => new Placement(file.Revision + 1, handed.Folder, handed.Name) { Owner = handed.To },
        _ => throw new UnreachableException(),
    };
}

public static class FilesRejection
{
    public static readonly Rejection NoContent = new(
        "files.no-content", RejectionKind.Missing, "The file has no content that can be read now.");

    public static readonly Rejection NoSuchVersion = new(
        "files.no-such-version", RejectionKind.Missing, "The file has no such version.");

    public static readonly Rejection NoSuchVariant = new(
        "files.no-such-variant", RejectionKind.Missing, "Nothing of that name was made of the file's current version.");

    public static readonly Rejection StillUploading = new(
        "files.still-uploading", RejectionKind.Conflict, "The file's first upload is not complete.");

    public static readonly Rejection ChangedMeanwhile = new(
        "files.changed-meanwhile", RejectionKind.Stale, "The file has changed since you looked: look again.");
}
