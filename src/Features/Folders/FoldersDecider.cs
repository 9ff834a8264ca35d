using System.Diagnostics;
using static EventFiles.Features.Folders.FoldersCommand;
using static EventFiles.Features.Folders.FoldersEvent;
using No = EventFiles.Features.Folders.FoldersRejection;

namespace EventFiles.Features.Folders;

/// <summary>One folder. What is in it is not known here: names are kept unique by claims.</summary>
public sealed record FoldersState(bool Exists, FolderId Parent, string Name);

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
        Create create when create.Above.Length > MaxDepth => No.TooDeep,
        Create create => new Created(create.Folder, create.Parent, create.Name),

        Place when !folder.Exists => No.Missing,
        Place place when Wish(folder, place) == folder => Decision<FoldersEvent>.AlreadySo,
        Place place when Wish(folder, place).Parent == folder.Parent =>
            new Renamed(place.Folder, folder.Parent, Wish(folder, place).Name),
        Place place when place.Above.Contains(place.Folder) => No.Cycle,
        Place place when place.Above.Length > MaxDepth => No.TooDeep,
        Place place => new Moved(place.Folder, Wish(folder, place).Parent, Wish(folder, place).Name),

        Remove when !folder.Exists => Decision<FoldersEvent>.AlreadySo,
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
        Deleted => folder with { Exists = false },
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

    public static readonly Rejection TooDeep = new(
        "folders.too-deep", RejectionKind.Invalid, "Folders are at most 100 deep.");
}
