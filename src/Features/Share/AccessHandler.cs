using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;

namespace EventFiles.Features.Share;

/// <summary>Answers what the caller may do with many files at once.</summary>
internal sealed class AccessHandler(IReadModel<AccessView> views, TimeProvider clock) :
    IRequestHandler<CheckPermissions, Answer<PermissionResults>>
{
    public async Task<Answer<PermissionResults>> Handle(CheckPermissions ask, CancellationToken cancellationToken)
    {
        var checks = ask.Checks!.Select(check => (File: check!.FileId!.Value, Action: check.Action!.Value)).ToList();
        var files = checks.Select(check => check.File).Distinct().ToList();
        var found = await Task.WhenAll(files.Select(file => views.Find(file.ToString(), cancellationToken)));
        var known = files.Zip(found).ToDictionary(pair => pair.First, pair => pair.Second);
        var now = clock.GetUtcNow();
        return new PermissionResults(
            [.. checks.Select(check => new PermissionResult(
                check.File, check.Action, May(known[check.File], ask.By.Account, check.Action, now)))]);
    }

    // The rules leave a deleted file's owner its history. Asked plainly, nobody may do anything with it.
    private static bool May(AccessView? view, AccountId account, FileAction action, DateTimeOffset now) =>
        view is { IsDeleted: false }
        && AccessRules.Judge(view.StandingOf(account, now), view.State, action) is Verdict.Allowed;
}

/// <summary>The rules, as every slice asks for them.</summary>
internal sealed class ShareAccess(IReadModel<AccessView> views, TimeProvider clock) : IAccess
{
    public async Task<Answer<FileAccess>> Ask(Caller by, FileId file, FileAction action, CancellationToken cancel)
    {
        var view = await views.Find(file.ToString(), cancel) ?? AccessView.Unheard;
        var standing = view.StandingOf(by.Account, clock.GetUtcNow());
        return AccessRules.Judge(standing, view.State, action) switch
        {
            Verdict.Allowed => new FileAccess(file, view.Owner!.Value, view.IsTrashed, view.IsDeleted),
            Verdict.Forbidden => AccessRejection.NotAllowed,
            _ => AccessRejection.NoSuchFile,
        };
    }
}
