namespace EventFiles.Features.Quota;

/// <summary>Finds bytes by what they are.</summary>
internal sealed class ContentRegister(IReadModel<FileContents> contents) : IContents
{
    public async Task<ContentHint?> Find(AccountId owner, string sha256, long sizeBytes, CancellationToken cancel)
    {
        Page<FileContents> found;
        try
        {
            found = await contents.List(ContentsProjection.OfBytes(owner, sha256, sizeBytes), null, 1, descending: false, cancel);
        }
        catch (TransientException)
        {
            return null; // views are away: then the bytes are stored once more
        }

        return found.Items is [var file] && file.Owner == owner
            && file.Contents.FirstOrDefault(one => one.Sha256 == sha256 && one.SizeBytes == sizeBytes) is { } same
                ? new ContentHint(file.File, same.Upload, same.StoredAs)
                : null;
    }
}
