namespace EventFiles.Features.Copy;

/// <summary>Copies folders with everything in them, page by page, as work.</summary>
public static class CopySlice
{
    /// <summary>The queue on which the slice's work travels.</summary>
    public const string Queue = "copy";

    public static Slice Define() => new Slice("copy")
        .Serves(CopyEndpoint.Map)
        .Answers<CopyFolder, CopyReply, CopyHandler, CopyFolderShape>()
        .Answers<ReadCopy, CopyReply, CopyHandler>()
        .Answers<CancelCopy, Done, CopyHandler>()
        .Stores<CopyEvent.Requested>("copy.requested.v1")
        .Stores<CopyEvent.PageCopied>("copy.page-copied.v1")
        .Stores<CopyEvent.Ended>("copy.ended.v1")
        .Shows(CopyProjection.Define())
        .Hears<CopyEvent.Requested>((requested, happened) => new ContinueCopy(requested.Copy, happened.Stream.Tenant))
        .Hears<CopyEvent.PageCopied>((page, happened) => new ContinueCopy(page.Copy, happened.Stream.Tenant))
        .Does<ContinueCopy, CopyPageHandler>(Queue)
        .Does<GiveCopyUp, CopyPageHandler>(Queue)
        .Due<CopyView>(CopyProjection.Due, late => new GiveCopyUp(late.Id, late.Owner))
        .Offers<IBulkAction, CopyFolderAction>()
        .Archives<CopyEvent.Ended>(
            (_, happened) => happened.Stream.Name, CopyDecider.Decider.Until(copy => copy.Outcome is not null));
}
