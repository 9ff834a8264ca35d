using static EventFiles.Features.Delete.DeleteEvent;
using FoldersEvent = EventFiles.Features.Folders.FoldersEvent;

namespace EventFiles.Features.Delete;

/// <summary>A file or folder that lies in the trash, as the list keeps it; its name and size are looked up when it is shown.</summary>
/// <param name="Id">A file's or a folder's id.</param>
/// <param name="In">The folder that it was in, when it went with one; else null.</param>
/// <param name="With">The folder with which it went; null when it was thrown away by itself.</param>
public sealed record TrashEntry(
    Guid Id, bool IsFolder, AccountId Owner, DateTimeOffset TrashedAt, FolderId? In = null, FolderId? With = null);

internal static class DeleteProjection
{
    /// <summary>What was thrown away by an account, by when; what went with a folder is not in it.</summary>
    public static string TrashOf(AccountId owner) => $"trash:{owner}";

    /// <summary>What was in a folder when it went.</summary>
    public static string TrashedIn(FolderId folder, FolderId with) => $"trashed-in:{folder}:{with}";

    /// <summary>By file or folder id.</summary>
    public static Projection<TrashEntry> Define() => new Projection<TrashEntry>("trash", version: 2)
        .On<Trashed>(trashed => trashed.File.ToString(), (_, trashed, happened) =>
            new TrashEntry(trashed.File.Value, false, happened.Stream.Tenant, happened.At))
        .On<TrashedWith>(trashed => trashed.File.ToString(), (_, trashed, happened) =>
            new TrashEntry(trashed.File.Value, false, happened.Stream.Tenant, happened.At, trashed.In, trashed.With))
        .On<Restored>(restored => restored.File.ToString(), (_, _, _) => null)
        .On<Requested>(requested => requested.File.ToString(), (_, _, _) => null)
        .On<FoldersEvent.Trashed>(trashed => trashed.Folder.ToString(), (_, trashed, happened) =>
            trashed.With == trashed.Folder
                ? new TrashEntry(trashed.Folder.Value, true, happened.Stream.Tenant, happened.At)
                : new TrashEntry(trashed.Folder.Value, true, happened.Stream.Tenant, happened.At, trashed.Parent, trashed.With))
        .On<FoldersEvent.Restored>(restored => restored.Folder.ToString(), (_, _, _) => null)
        .On<FoldersEvent.Deleted>(deleted => deleted.Folder.ToString(), (_, _, _) => null)
        .Indexed(entry => [new IndexEntry(
            entry is { In: { } folder, With: { } with } ? TrashedIn(folder, with) : TrashOf(entry.Owner), IndexEntry.Time(entry.TrashedAt))]);
}
