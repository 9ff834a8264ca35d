using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;

namespace EventFiles.Features.Share;

/// <summary>Answers what the caller may do with many files and folders at once.</summary>
internal sealed class AccessHandler(IReadModel<AccessView> views, Standings standings) :
    IRequestHandler<CheckPermissions, Answer<PermissionResults>>
{
    public async Task<Answer<PermissionResults>> Handle(CheckPermissions ask, CancellationToken cancellationToken)
    {
        var walk = standings.Of(ask.By.Account, cancellationToken);
        var files = ask.Checks!.Select(check => check!.FileId).OfType<FileId>().Distinct().ToList();
        var folders = ask.Checks!.Select(check => check!.FolderId).OfType<FolderId>().Distinct().ToList();
        var found = await views.Find([.. files.Select(file => file.ToString())], cancellationToken);
        var ofFiles = files.Zip(await Task.WhenAll(found.Select(view => Look(walk, view))))
            .ToDictionary(pair => pair.First, pair => pair.Second);
        var ofFolders = folders.Zip(await Task.WhenAll(folders.Select(walk.To))).ToDictionary(pair => pair.First, pair => pair.Second);
        return new PermissionResults(
        [
            .. ask.Checks!.Select(check => new PermissionResult(
                check!.FileId, check.FolderId, check.Action!.Value,
                check.FileId is { } file ? May(ofFiles[file], check.Action.Value)
                    : AccessRules.Judge(ofFolders[check.FolderId!.Value], OfFolders(check.Action.Value)) is Verdict.Allowed)),
        ]);
    }

    // The rules leave a deleted file's owner its history. Asked plainly, nobody may do anything with it.
    private static bool May((Standing Standing, FileState State) found, FileAction action) =>
        found.State is not FileState.Deleted
        && AccessRules.Judge(found.Standing, found.State, action) is Verdict.Allowed;

    private static FolderAction OfFolders(FileAction action) => action switch
    {
        FileAction.Read or FileAction.Comment => FolderAction.Read,
        FileAction.Edit => FolderAction.Edit,
        FileAction.Share => FolderAction.Share,
        _ => FolderAction.Own,
    };

    private static async Task<(Standing Standing, FileState State)> Look(StandingWalk walk, AccessView? view) =>
        view is null ? (Standing.None, FileState.Present) : (await walk.To(view), view.State);
}

/// <summary>The rules, as every slice asks for them.</summary>
internal sealed class ShareAccess(IReadModel<AccessView> views, Standings standings) : IAccess, IFolderAccess
{
    public async Task<Answer<FileAccess>> Ask(Caller by, FileId file, FileAction action, CancellationToken cancel)
    {
        var view = await views.Find(file.ToString(), cancel) ?? AccessView.Unheard;
        var standing = await standings.Of(by.Account, cancel).To(view);
        return AccessRules.Judge(standing, view.State, action) switch
        {
            Verdict.Allowed => new FileAccess(file, view.Owner!.Value, view.IsTrashed, view.IsDeleted),
            Verdict.Forbidden => AccessRejection.NotAllowed,
            _ => AccessRejection.NoSuchFile,
        };
    }

    public Task<bool> Owns(Caller by, AccountId owner, CancellationToken cancel) => standings.Owns(by.Account, owner, cancel);

    public async Task<Answer<FolderAccess>> Ask(Caller by, FolderId? folder, FolderAction action, CancellationToken cancel)
    {
        var root = FolderId.RootOf(by.Account);
        if (folder is not { } wanted || wanted == root)
            return new FolderAccess(root, by.Account, MaySee: true);
        var (standing, owner) = await standings.Of(by.Account, cancel).OwnedBy(wanted);
        return AccessRules.Judge(standing, action) switch
        {
            Verdict.Allowed => new FolderAccess(
                wanted, owner!.Value, AccessRules.Judge(standing, FolderAction.Read) is Verdict.Allowed),
            Verdict.Forbidden => FolderRejection.NotAllowed,
            _ => FolderRejection.NoSuchFolder,
        };
    }
}
