using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>An existing file to which a client wants to add a version.</summary>
/// <param name="Owner">Its tenant: whose space the version takes up.</param>
/// <param name="IfVersion">The version that must be the current one at the end; null for whatever it is.</param>
internal sealed record UploadTarget(FileSummary File, AccountId Owner, int? IfVersion);

/// <summary>Finds the file that an upload names by its id.</summary>
internal sealed class UploadTargets(IAccess access, IFiles files)
{
    /// <summary>The file, when the caller may give it a version and has seen the one that is there.</summary>
    /// <param name="ifMatch">Entity tags, one of which the file or its content must still have; null for whatever they have.</param>
    public async Task<Answer<UploadTarget>> Find(
        Caller by, FileId file, IReadOnlyList<string>? ifMatch, CancellationToken cancel)
    {
        var leave = await access.Ask(by, file, FileAction.Edit, cancel);
        if (leave is not Answer<Vocabulary.FileAccess>.Yes(var may, _))
            return leave.Refusal!;
        if (await files.Find(file, cancel) is not { } found)
            return AccessRejection.NoSuchFile;
        if (may.IsTrashed || found.Version == 0)
            return AccessRejection.NotAllowed;
        // The tag was compared with a view; of two that hold the same tag, the stream lets one through.
        return ifMatch is null || ifMatch.Contains("*") ? new UploadTarget(found, may.Owner, null)
            : found.Matches(ifMatch) ? new UploadTarget(found, may.Owner, found.Version)
            : No.ChangedMeanwhile;
    }
}
