using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Where the bytes of a resumable upload are to go, as far as that can be known before them.</summary>
/// <param name="File">An existing one that gets a version, or a new one that bears the upload's UUID.</param>
/// <param name="Owner">Whose file it is: their space is taken up, and their key encrypts the bytes.</param>
/// <param name="Target">The file that the client named by its id; null where place and name decide.</param>
internal sealed record UploadDestination(FolderId Folder, FileId File, AccountId Owner, UploadTarget? Target)
{
    /// <summary>Whether the client may see what else is in the folder.</summary>
    public bool MaySee { get; init; } = true;

    /// <summary>What to do about a name that is taken.</summary>
    public NameConflict OnConflict(NameConflict wanted) => Allowed(wanted, MaySee);

    /// <summary>Whoever may not see what is in a folder is not told by a refusal either: another name is found.</summary>
    public static NameConflict Allowed(NameConflict wanted, bool maySee) => maySee ? wanted : NameConflict.Rename;
}

/// <summary>Finds where bytes are to go, and refuses what is refused already at the beginning.</summary>
internal sealed class UploadDestinations(
    IFolders folders, IFolderAccess folderAccess, IFiles files, IAccess access, UploadTargets targets, UploadOptions options)
{
    /// <summary>The destination of an upload that is not begun yet.</summary>
    /// <param name="ifMatch">Of a file that is named by its id: tags, one of which it must still have; null for whatever it has.</param>
    public async Task<Answer<UploadDestination>> Find(
        Caller by, UploadId upload, string name, string? declaredType, Placement placement, IReadOnlyList<string>? ifMatch,
        CancellationToken cancel)
    {
        if (ContentSniffer.Declared(declaredType) is { } declared && options.Refuses(declared))
            return No.TypeRefused;
        if (placement.Into is { } into)
        {
            return (await targets.Find(by, into, ifMatch, cancel)).Map(
                target => new UploadDestination(target.File.FolderId, target.File.Id, target.Owner, target));
        }

        var found = await folderAccess.Ask(by, placement.Folder, FolderAction.Put, cancel);
        if (found is not Answer<FolderAccess>.Yes(var (folder, owner, maySee), _))
            return found.Refusal!;
        if (!maySee)
            return new UploadDestination(folder, UploadDecider.NewFileOf(upload), owner, null) { MaySee = false };
        if (placement.OnConflict == NameConflict.Fail && await folders.FreeName(folder, name, cancel) != name)
            return EntryName.Taken;
        if (placement.OnConflict != NameConflict.NewVersion || await files.FindByName(folder, name, cancel) is not { } existing)
            return new UploadDestination(folder, UploadDecider.NewFileOf(upload), owner, null);
        return (await access.Ask(by, existing.Id, FileAction.Edit, cancel)).Map(
            may => new UploadDestination(folder, may.File, may.Owner, null));
    }
}
