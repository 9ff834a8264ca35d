using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Where the bytes of a resumable upload are to go, as far as that can be known before them.</summary>
/// <param name="File">An existing one that gets a version, or a new one that bears the upload's UUID.</param>
internal sealed record UploadTarget(FolderId Folder, FileId File);

/// <summary>Finds where bytes are to go, and refuses what is refused already at the beginning.</summary>
internal sealed class UploadTargets(IFolders folders, IFiles files, IAccess access, UploadOptions options)
{
    public async Task<Answer<UploadTarget>> Find(
        Caller by, UploadId upload, string name, string? declaredType, Placement placement, CancellationToken cancel)
    {
        if (ContentSniffer.Declared(declaredType) is { } declared && options.Refuses(declared))
            return No.TypeRefused;
        var found = await folders.Find(by, placement.Folder, cancel);
        if (found is not Answer<FolderId>.Yes(var folder, _))
            return found.Refusal!;
        if (placement.OnConflict == NameConflict.Fail && await folders.FreeName(folder, name, cancel) != name)
            return EntryName.Taken;
        if (placement.OnConflict != NameConflict.NewVersion || await files.FindByName(folder, name, cancel) is not { } existing)
            return new UploadTarget(folder, UploadDecider.NewFileOf(upload));
        return (await access.Ask(by, existing.Id, FileAction.Edit, cancel)).Map(may => new UploadTarget(folder, may.File));
    }
}
