namespace EventFiles.Infrastructure.ObjectStorage.S3;

/// <summary>Takes bytes out of the bucket: first whatever is still arriving, then what is there.</summary>
internal sealed class S3Removal(S3Calls calls, S3Names names, ObjectRows rows)
{
    /// <summary>Removes all of the writes and then forgets them.</summary>
    public async Task Remove(IReadOnlyCollection<DoomedRow> doomed, CancellationToken cancel)
    {
        foreach (var one in doomed)
            await Bytes(one, cancel);
        if (doomed.Count > 0)
            await rows.Forget([.. doomed.Select(one => one.Write)], cancel);
    }

    /// <summary>Removes all of a write.</summary>
    public async Task Bytes(DoomedRow one, CancellationToken cancel)
    {
        if (one.IsLarge)
            await AllBut(null, names.Of(one.Key, one.Write), cancel);
        else
            await calls.Delete(names.Of(one.Key, one.Write), cancel);
    }

    /// <summary>Removes the left-over parts and pieces of a sealed object.</summary>
    public async Task Tidy(Guid write, ObjectKey key, int piece, CancellationToken cancel)
    {
        await AllBut(names.Of(key, write, piece), names.Of(key, write), cancel);
        await rows.Tidied(write, cancel);
    }

    private async Task AllBut(string? kept, string beginning, CancellationToken cancel)
    {
        foreach (var (name, multipart, _) in await calls.Unfinished(beginning, cancel))
            await calls.Abort(name, multipart, cancel);
        await foreach (var page in calls.List(beginning, cancel))
        {
            foreach (var one in page)
            {
                if (one.Name != kept)
                    await calls.Delete(one.Name, cancel);
            }
        }
    }
}
