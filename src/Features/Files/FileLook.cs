using FileAccess = EventFiles.Features.Vocabulary.FileAccess;

namespace EventFiles.Features.Files;

/// <summary>Looks at a file for somebody who may see it, as it is or as it was.</summary>
internal sealed class FileLook(IReadModel<FileView> files, IAccess access, IPast past)
{
    /// <summary>The file's view; a refusal where the caller may not see it, or it was not there.</summary>
    /// <param name="asOf">How it was then; null for how it is. Whoever may read the history may see what was.</param>
    public async Task<Answer<FileView>> At(Caller by, FileId file, string? asOf, CancellationToken cancel)
    {
        var action = asOf is null ? FileAction.Read : FileAction.Share;
        if (await access.Ask(by, file, action, cancel) is Answer<FileAccess>.No(var no))
            return no;
        if (asOf is null)
            return await files.Find(file.ToString(), cancel) is { } now ? now : AccessRejection.NoSuchFile;
        var located = await past.Locate(asOf, cancel);
        if (located is not Answer<Moment>.Yes(var at, _))
            return located.Refusal!;
        return await past.Find<FileView>(file.ToString(), at, cancel) is { } then
            ? new Answer<FileView>.Yes(then, at.Position)
            : AccessRejection.NoSuchFile;
    }
}
