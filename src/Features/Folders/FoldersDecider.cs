using System.Diagnostics;
using static EventFiles.Features.Folders.FoldersCommand;
using static EventFiles.Features.Folders.FoldersEvent;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>One folder. What is in it is not known here: names are kept unique by claims.</summary>
/// <param name="Exists">It is there, and not in the trash.</param>
/// <param name="TrashedWith">The folder with which it lies in the trash: itself, or one above it.</param>
/// <param name="IsDoomed">It is to be deleted for good.</param>
public sealed record FoldersState(bool Exists, FolderId Parent, string Name, FolderId? TrashedWith = null, bool IsDoomed = false)
{
    /// <summary>Whose it is, once it was handed over; null while it is whose it was at first.</summary>
    public AccountId? Owner { get; init; }

    /// <summary>Whether it may be this account's: an owner who is not the last one is none any more.</summary>
    public bool IsOf(AccountId owner) => Owner is not { } now || now == owner;

    /// <summary>Nothing more can come of it.</summary>
    public bool IsOver => !Exists && TrashedWith is null;
}

public static class FoldersDecider
{
    /// <summary>How deep a folder may be put; the root's folders are 1 deep. Bounds every walk up the tree.</summary>
    public const int MaxDepth = 100;

    public static readonly Decider<FoldersCommand, FoldersState, FoldersEvent> Decider = new(
        new FoldersState(false, default, ""), Evolve, Decide);

    public static StreamId StreamOf(FolderId folder, AccountId owner) => new($"folder-{folder}", owner);

    // Read from the top: the first row that matches is the rule.
    private static Decision<FoldersEvent> Decide(FoldersState folder, FoldersCommand ask, DateTimeOffset now) => ask switch
    {
        Create when folder.Exists => Decision<FoldersEvent>.AlreadySo,
        Create when folder.TrashedWith is not null => No.Missing,
        Create create when create.Above.Length > MaxDepth => No.TooDeep,
        Create create => new Created(create.Folder, create.Parent, create.Name),

        Place when !folder.Exists => No.Missing,
        Place place when Wish(folder, place) == folder => Decision<FoldersEvent>.AlreadySo,
        Place place when Wish(folder, place).Parent == folder.Parent =>
            new Renamed(place.Folder, folder.Parent, Wish(folder, place).Name),
        Place place when place.Above.Contains(place.Folder) => No.Cycle,
        Place place when place.Above.Length > MaxDepth => No.TooDeep,
        Place place => new Moved(place.Folder, Wish(folder, place).Parent, Wish(folder, place).Name),

        HandOver hand when folder.Owner == hand.To => Decision<FoldersEvent>.AlreadySo,
        HandOver hand when !folder.Exists || !folder.IsOf(hand.From) => No.Missing,
        HandOver hand when hand.Above.Length > MaxDepth => No.TooDeep,
        HandOver hand => new HandedOver(hand.Folder, hand.Parent, hand.Name, hand.From, hand.To),

        Trash when folder.TrashedWith is not null => Decision<FoldersEvent>.AlreadySo,
        Trash when !folder.Exists => No.Missing,
        Trash trash => new Trashed(trash.Folder, folder.Parent, trash.With),

        Restore or Doom when folder.Exists => No.NotTrashed,
        Restore or Doom when folder.IsOver => No.Missing,
        Doom when folder.IsDoomed => Decision<FoldersEvent>.AlreadySo,
        Doom doom => new Doomed(doom.Folder),
        Restore when folder.IsDoomed => No.Gone,
        Restore restore when restore.Above.Length > MaxDepth => No.TooDeep,
        Restore restore => new Restored(
            restore.Folder, restore.Parent, restore.Name ?? folder.Name, folder.TrashedWith!.Value),

        Spare when !folder.IsDoomed => Decision<FoldersEvent>.AlreadySo,
        Spare spare => new Spared(spare.Folder),

        Remove when folder.IsOver => Decision<FoldersEvent>.AlreadySo,
        Remove remove => new Deleted(remove.Folder),

        _ => throw new UnreachableException(),
    };

    private static FoldersState Wish(FoldersState folder, Place place) =>
        folder with { Parent = place.Parent ?? folder.Parent, Name = place.Name ?? folder.Name };

    private static FoldersState Evolve(FoldersState folder, FoldersEvent happened) => happened switch
    {
        Created created => new FoldersState(true, created.Parent, created.Name),
        Renamed renamed => folder with { Parent = renamed.Parent, Name = renamed.Name },
        Moved moved => folder with { Parent = moved.Parent, Name = moved.Name },
        HandedOver handed => folder with { Parent = handed.Parent, Name = handed.Name, Owner = handed.To },
        Trashed trashed => folder with { Exists = false, TrashedWith = trashed.With },
        Restored restored => new FoldersState(true, restored.Parent, restored.Name) { Owner = folder.Owner },
        Doomed => folder with { IsDoomed = true },
        Spared => folder with { IsDoomed = false },
        Deleted => folder with { Exists = false, TrashedWith = null, IsDoomed = false },
        _ => throw new UnreachableException(),
    };
}

public static class FoldersRejection
{
    public static readonly Rejection Missing = FolderRejection.NoSuchFolder;

    public static readonly Rejection Root = new(
        "folders.root", RejectionKind.Conflict, "The root folder stays as and where it is.");

    public static readonly Rejection Cycle = new(
        "folders.cycle", RejectionKind.Conflict, "A folder cannot be moved into itself or into a folder below it.");

    public static readonly Rejection NotEmpty = new(
        "folders.not-empty", RejectionKind.Conflict, "The folder is not empty.");

    public static readonly Rejection NotTrashed = new(
        "folders.not-trashed", RejectionKind.Conflict, "The folder does not lie in the trash.");

    public static readonly Rejection Gone = new(
        "folders.gone", RejectionKind.Gone, "The folder is deleted for good.");

    public static readonly Rejection TooDeep = new(
        "folders.too-deep", RejectionKind.Invalid, "Folders are at most 100 deep.");
}
