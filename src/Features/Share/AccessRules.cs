using static EventFiles.Features.Share.FileState;
using static EventFiles.Features.Share.Standing;
using static EventFiles.Features.Share.Verdict;
using FolderWish = EventFiles.Features.Vocabulary.FolderAction;
using static EventFiles.Features.Vocabulary.FileAction;

namespace EventFiles.Features.Share;

/// <summary>What somebody is to a file or a folder; each may what those above it may, but for uploaders.</summary>
public enum Standing
{
    /// <summary>A stranger; also whoever's grant has ended.</summary>
    None,

    /// <summary>Brings files into a folder and sees none.</summary>
    Uploader,

    Viewer,

    Commenter,

    Editor,

    /// <summary>An editor whom the owner lets share it with others.</summary>
    SharingEditor,

    Owner,
}

/// <summary>Where a file is on its way.</summary>
public enum FileState
{
    Present,

    /// <summary>In its owner's trash.</summary>
    Trashed,

    /// <summary>Gone for good, or going.</summary>
    Deleted,
}

/// <summary>What becomes of a wish.</summary>
public enum Verdict
{
    Allowed,

    /// <summary>Known to the caller, and not to be done.</summary>
    Forbidden,

    /// <summary>Not to be told from a file that does not exist.</summary>
    Missing,
}

/// <summary>
/// Who may do what with a file or a folder: the one rule set, asked by every request. Administrators and auditors have no
/// row of their own: as such they open nothing.
/// </summary>
public static class AccessRules
{
    // Read from the top: the first row that matches is the rule.
    public static Verdict Judge(Standing standing, FileState state, FileAction action) => (standing, state, action) switch
    {
        (Owner, Present, _) => Allowed,
        // A name or a version would change behind the trash's back: restore first.
        (Owner, Trashed, Edit) => Forbidden,
        (Owner, Trashed, _) => Allowed,
        // What remains of a deleted file is its history.
        (Owner, Deleted, Edit or Comment) => Missing,
        (Owner, Deleted, _) => Allowed,

        (_, not Present, _) => Missing,

        (SharingEditor, _, Read or Comment or Edit or FileAction.Share) => Allowed,
        (Editor, _, Read or Comment or Edit) => Allowed,
        (Commenter, _, Read or Comment) => Allowed,
        (Viewer, _, Read) => Allowed,
        (SharingEditor or Editor or Commenter or Viewer, _, _) => Forbidden,

        // Whoever only uploads does not learn what else is there.
        _ => Missing,
    };

    // The same for a folder that is there.
    public static Verdict Judge(Standing standing, FolderWish wish) => (standing, wish) switch
    {
        (Owner, _) => Allowed,
        (None, _) => Missing,
        (_, FolderWish.Know) => Allowed,
        (SharingEditor, FolderWish.Read or FolderWish.Put or FolderWish.Edit or FolderWish.Share) => Allowed,
        (Editor, FolderWish.Read or FolderWish.Put or FolderWish.Edit) => Allowed,
        (Commenter or Viewer, FolderWish.Read) => Allowed,
        (Uploader, FolderWish.Put) => Allowed,
        _ => Forbidden,
    };

    /// <summary>
    /// What the grants of one place say of an account: its own grant, or else the best that its groups have. Null when they
    /// say nothing: then the folder above is asked, so that the most specific grant counts, also where it gives less.
    /// </summary>
    /// <param name="groups">Those that have the account.</param>
    public static Standing? At(
        IEnumerable<AccessGrant> grants, AccountId account, IReadOnlySet<ShareGrantee> groups, DateTimeOffset now)
    {
        Standing? best = null;
        foreach (var grant in grants.Where(grant => grant.Counts(now)))
        {
            if (grant.Grantee == account)
                return grant.Standing;
            if (groups.Contains(grant.Grantee) && !(grant.Standing <= best))
                best = grant.Standing;
        }

        return best;
    }
}

/// <summary>What one account or one group was given.</summary>
public sealed record AccessGrant(ShareGrantee Grantee, ShareRole Role, DateTimeOffset? Until, bool MayShare = false)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public Standing Standing => (Role, MayShare) switch
    {
        (ShareRole.Editor, true) => SharingEditor,
        (ShareRole.Editor, _) => Editor,
        (ShareRole.Commenter, _) => Commenter,
        (ShareRole.Viewer, _) => Viewer,
        (ShareRole.Uploader, _) => Uploader,
        _ => None,
    };

    /// <summary>A grant ends at its end, whether or not anybody noted it.</summary>
    public bool Counts(DateTimeOffset now) => !(Until <= now);
}
