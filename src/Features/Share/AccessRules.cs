using static EventFiles.Features.Share.FileState;
using static EventFiles.Features.Share.Standing;
using static EventFiles.Features.Share.Verdict;
using static EventFiles.Features.Vocabulary.FileAction;

namespace EventFiles.Features.Share;

/// <summary>What somebody is to a file.</summary>
public enum Standing
{
    /// <summary>A stranger; also whoever's grant has ended.</summary>
    None,

    Viewer,

    Editor,

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

/// <summary>Who may do what with a file: the one rule set, asked by every request. Administrators have no row of their own.</summary>
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
        (Owner, Deleted, Edit) => Missing,
        (Owner, Deleted, _) => Allowed,

        (_, not Present, _) => Missing,

        (Editor, _, Read or Edit) => Allowed,
        (Viewer, _, Read) => Allowed,
        (Editor or Viewer, _, _) => Forbidden,

        _ => Missing,
    };
}
