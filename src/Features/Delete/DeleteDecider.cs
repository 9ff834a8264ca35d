using System.Diagnostics;
using static EventFiles.Features.Delete.DeleteCommand;
using static EventFiles.Features.Delete.DeleteEvent;
using No = EventFiles.Features.Delete.DeleteRejection;

namespace EventFiles.Features.Delete;

/// <summary>How far a file is on its way out.</summary>
public sealed record DeleteState(DeleteStage Stage);

public enum DeleteStage { Present, Trashed, Requested, Purged }

public static class DeleteDecider
{
    public static readonly Decider<DeleteCommand, DeleteState, DeleteEvent> Decider = new(
        new DeleteState(DeleteStage.Present), Evolve, Decide);

    public static StreamId StreamOf(FileId file, AccountId owner) => new($"delete-{file}", owner);

    // Read from the top: the first row that matches is the rule. From the request on there is no way back.
    private static Decision<DeleteEvent> Decide(DeleteState file, DeleteCommand ask, DateTimeOffset now) =>
        (ask, file.Stage) switch
        {
            (Request or Empty, DeleteStage.Requested or DeleteStage.Purged) => Decision<DeleteEvent>.AlreadySo,
            (Trash or TrashWith or Restore, DeleteStage.Requested or DeleteStage.Purged) => No.Gone,

            (Trash or TrashWith, DeleteStage.Trashed) => Decision<DeleteEvent>.AlreadySo,
            (Trash trash, _) => new Trashed(trash.File, trash.By),
            (TrashWith trash, _) => new TrashedWith(trash.File, trash.In, trash.With, trash.By),

            (Restore, not DeleteStage.Trashed) => No.NotTrashed,
            (Restore restore, _) => new Restored(restore.File, restore.By, restore.Folder, restore.Name),

            (Empty, not DeleteStage.Trashed) => Decision<DeleteEvent>.AlreadySo,
            (Empty empty, _) => new Requested(empty.File, empty.By),
            (Request request, _) => new Requested(request.File, request.By),

            (Purge, DeleteStage.Purged) => Decision<DeleteEvent>.AlreadySo,
            (Purge, not DeleteStage.Requested) => No.NotRequested,
            (Purge { Removed: var removed } purge, _) => (DeleteEvent[])
            [
                new Verified(
                    purge.File, removed.Originals, removed.Variants, removed.Uploads, removed.Bytes, removed.Places),
                new Purged(purge.File, removed.Objects),
            ],

            _ => throw new UnreachableException(),
        };

    private static DeleteState Evolve(DeleteState file, DeleteEvent happened) => happened switch
    {
        Trashed or TrashedWith => new DeleteState(DeleteStage.Trashed),
        Restored => new DeleteState(DeleteStage.Present),
        Requested => new DeleteState(DeleteStage.Requested),
        Verified => file,
        Purged => new DeleteState(DeleteStage.Purged),
        _ => throw new UnreachableException(),
    };
}

public static class DeleteRejection
{
    public static readonly Rejection Gone = new(
        "delete.gone", RejectionKind.Gone, "The file is deleted for good.");

    public static readonly Rejection NotTrashed = new(
        "delete.not-trashed", RejectionKind.Conflict, "The file does not lie in the trash.");

    public static readonly Rejection StillUploading = new(
        "delete.still-uploading", RejectionKind.Conflict, "The file's first upload is not complete: cancel the upload.");

    public static readonly Rejection NotRequested = new(
        "delete.not-requested", RejectionKind.Conflict, "Nobody asked to delete the file for good.");
}
