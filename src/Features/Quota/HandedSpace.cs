namespace EventFiles.Features.Quota;

/// <summary>
/// Has a file take up the new owner's space in the transaction in which it gives back the former one's: it is counted once at
/// every time.
/// </summary>
internal sealed class HandedSpace(IAllowance allowance) : IHandsOverFiles
{
    public async Task<Rejection?> HandOver(ITransaction transaction, FileHandover what)
    {
        var contents = what.Contents.DistinctBy(one => one.Upload).ToList();
        var left = Math.Max(0, what.From.LeftBytes - contents.Sum(one => one.SizeBytes));
        if (await allowance.Reserve(transaction, what.Owner, what.From.Reserved, left, what.From.Until) is { } unshared)
            return unshared;
        foreach (var content in contents)
        {
            if (await allowance.Charge(transaction, what.Owner, content.Upload, what.File, content.SizeBytes, wasBegun: true) is { } full)
                return full;
        }

        return await allowance.GiveUp(transaction, what.Former, what.File) ?? await allowance.Free(transaction, what.Former, what.File);
    }
}
