using System.Diagnostics;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Features.Files;

/// <summary>Whether a file is on its way out, as its name and place need to know it.</summary>
/// <param name="IsOut">In the trash, or further.</param>
/// <param name="IsGone">Deleted for good, or being deleted.</param>
public sealed record FilesTrash(bool IsOut, bool IsGone)
{
    /// <summary>
    /// Only read: loaded in a transaction it makes sure that a file is not renamed while it is thrown away, which would
    /// take its name again.
    /// </summary>
    public static readonly Decider<DeleteEvent, FilesTrash, DeleteEvent> Decider = new(
        new FilesTrash(false, false),
        (file, happened) => new FilesTrash(
            happened is not DeleteEvent.Restored, file.IsGone || happened is DeleteEvent.Requested or DeleteEvent.Verified or DeleteEvent.Purged),
        (_, _, _) => throw new UnreachableException());

    public static StreamId StreamOf(FileId file, AccountId owner) => new($"delete-{file}", owner);
}
