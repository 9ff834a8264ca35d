using System.Runtime.CompilerServices;

namespace EventFiles.Features.Delete;

/// <summary>Deletes what rules say. Nobody asked for it just now, so the log names no actor; the rule is the owner's.</summary>
internal sealed class DeletionByRule(IPipeline pipeline, IReadModel<TrashEntry> trash) : IDeletion
{
    public Task<Rejection?> Delete(ITransaction transaction, AccountId owner, FileId file) =>
        Decide(transaction, owner, file, new DeleteCommand.Request(file, owner));

    public Task<Rejection?> DeleteTrashed(ITransaction transaction, AccountId owner, FileId file) =>
        Decide(transaction, owner, file, new DeleteCommand.Empty(file, owner));

    public async IAsyncEnumerable<(FileId File, DateTimeOffset TrashedAt)> Trashed(
        AccountId owner, [EnumeratorCancellation] CancellationToken cancel)
    {
        // What went with a folder, too: the lists of folders that are still to be gone through, and with what they went.
        var open = new Stack<(string Index, FolderId? With)>([(DeleteProjection.TrashOf(owner), null)]);
        while (open.TryPop(out var list))
        {
            for (string? cursor = null; ;)
            {
                var page = await trash.List(list.Index, cursor, 1000, descending: false, cancel);
                foreach (var entry in page.Items)
                {
                    if (!entry.IsFolder)
                        yield return (new FileId(entry.Id), entry.TrashedAt);
                    else if (new FolderId(entry.Id) is var folder && (list.With ?? folder) is var with)
                        open.Push((DeleteProjection.TrashedIn(folder, with), with));
                }

                if ((cursor = page.NextCursor) is null)
                    break;
            }
        }
    }

    private async Task<Rejection?> Decide(ITransaction transaction, AccountId owner, FileId file, DeleteCommand command)
    {
        var stream = DeleteDecider.StreamOf(file, owner);
        if (await transaction.Decide(stream, DeleteDecider.Decider, command) is { } no)
            return no;
        return (await transaction.Load(stream, DeleteDecider.Decider)).Stage == DeleteStage.Requested
            ? await pipeline.Cancel(transaction, owner, file)
            : null;
    }
}
