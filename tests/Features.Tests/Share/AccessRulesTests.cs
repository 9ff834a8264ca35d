using EventFiles.Features.Share;
using static EventFiles.Features.Share.FileState;
using static EventFiles.Features.Share.Standing;
using static EventFiles.Features.Share.Verdict;
using static EventFiles.Features.Tests.Share.People;
using static EventFiles.Features.Vocabulary.FileAction;

namespace EventFiles.Features.Tests.Share;

public sealed class AccessRulesTests
{
    private static readonly GroupId Team = new(Guid.Parse("00000000-0000-7000-8000-0000000000b1"));
    private static readonly GroupId Board = new(Guid.Parse("00000000-0000-7000-8000-0000000000b2"));

    // Every row there is: who, in which state, and the verdicts on read, comment, edit, share, own.
    public static readonly TheoryData<Standing, FileState, Verdict, Verdict, Verdict, Verdict, Verdict> Rules = new()
    {
        { Owner, Present, Allowed, Allowed, Allowed, Allowed, Allowed },
        { Owner, Trashed, Allowed, Allowed, Forbidden, Allowed, Allowed },
        { Owner, Deleted, Allowed, Missing, Missing, Allowed, Allowed },
        { SharingEditor, Present, Allowed, Allowed, Allowed, Allowed, Forbidden },
        { SharingEditor, Trashed, Missing, Missing, Missing, Missing, Missing },
        { SharingEditor, Deleted, Missing, Missing, Missing, Missing, Missing },
        { Editor, Present, Allowed, Allowed, Allowed, Forbidden, Forbidden },
        { Editor, Trashed, Missing, Missing, Missing, Missing, Missing },
        { Editor, Deleted, Missing, Missing, Missing, Missing, Missing },
        { Commenter, Present, Allowed, Allowed, Forbidden, Forbidden, Forbidden },
        { Commenter, Trashed, Missing, Missing, Missing, Missing, Missing },
        { Commenter, Deleted, Missing, Missing, Missing, Missing, Missing },
        { Viewer, Present, Allowed, Forbidden, Forbidden, Forbidden, Forbidden },
        { Viewer, Trashed, Missing, Missing, Missing, Missing, Missing },
        { Viewer, Deleted, Missing, Missing, Missing, Missing, Missing },
        { Uploader, Present, Missing, Missing, Missing, Missing, Missing },
        { Uploader, Trashed, Missing, Missing, Missing, Missing, Missing },
        { Uploader, Deleted, Missing, Missing, Missing, Missing, Missing },
        { None, Present, Missing, Missing, Missing, Missing, Missing },
        { None, Trashed, Missing, Missing, Missing, Missing, Missing },
        { None, Deleted, Missing, Missing, Missing, Missing, Missing },
    };

    // The same of folders: who, and the verdicts on know, read, put, edit, share, own.
    public static readonly TheoryData<Standing, Verdict, Verdict, Verdict, Verdict, Verdict, Verdict> FolderRules = new()
    {
        { Owner, Allowed, Allowed, Allowed, Allowed, Allowed, Allowed },
        { SharingEditor, Allowed, Allowed, Allowed, Allowed, Allowed, Forbidden },
        { Editor, Allowed, Allowed, Allowed, Allowed, Forbidden, Forbidden },
        { Commenter, Allowed, Allowed, Forbidden, Forbidden, Forbidden, Forbidden },
        { Viewer, Allowed, Allowed, Forbidden, Forbidden, Forbidden, Forbidden },
        { Uploader, Allowed, Forbidden, Allowed, Forbidden, Forbidden, Forbidden },
        { None, Missing, Missing, Missing, Missing, Missing, Missing },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_may_do_what_the_table_says(
        Standing who, FileState state, Verdict read, Verdict comment, Verdict edit, Verdict share, Verdict own)
    {
        Assert.Equal(
            [read, comment, edit, share, own],
            [.. new[] { Read, Comment, Edit, FileAction.Share, Own }.Select(action => AccessRules.Judge(who, state, action))]);
    }

    [Theory]
    [MemberData(nameof(FolderRules))]
    public void Each_may_do_with_a_folder_what_the_table_says(
        Standing who, Verdict know, Verdict read, Verdict put, Verdict edit, Verdict share, Verdict own)
    {
        Assert.Equal(
            [know, read, put, edit, share, own],
            [.. Enum.GetValues<FolderAction>().Select(action => AccessRules.Judge(who, action))]);
    }

    [Fact]
    public void The_tables_have_a_row_for_everyone_in_every_state()
    {
        Assert.Equal(Enum.GetValues<Standing>().Length * Enum.GetValues<FileState>().Length, Rules.Count);
        Assert.Equal(Enum.GetValues<Standing>().Length, FolderRules.Count);
        Assert.Equal(5, Enum.GetValues<FileAction>().Length);
    }

    // What is granted at one place, whether to the account, to a group of theirs or to one of others, and what that gives.
    public static TheoryData<string, AccessGrant[], Standing?> Places => new()
    {
        { "nothing says nothing", [], null },
        { "what others have says nothing", [Of(Mei, ShareRole.Editor)], null },
        { "an account has its grant", [Of(Ravi, ShareRole.Viewer)], Viewer },
        { "an account's own grant counts more than its groups'", [Of(Team, ShareRole.Editor), Of(Ravi, ShareRole.Viewer)], Viewer },
        { "of groups the best counts", [Of(Team, ShareRole.Uploader), Of(Board, ShareRole.Commenter)], Commenter },
        { "in any order", [Of(Board, ShareRole.Commenter), Of(Team, ShareRole.Uploader)], Commenter },
        { "a grant that has ended says nothing", [Of(Ravi, ShareRole.Editor) with { Until = Noon }, Of(Team, ShareRole.Viewer)], Viewer },
        { "an editor may be let share", [Of(Ravi, ShareRole.Editor) with { MayShare = true }], SharingEditor },
        { "nobody else may", [Of(Ravi, ShareRole.Viewer) with { MayShare = true }], Viewer },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void What_a_place_says(string rule, AccessGrant[] grants, Standing? said)
    {
        Assert.NotEmpty(rule);
        Assert.Equal(said, AccessRules.At(grants, Ravi, new HashSet<ShareGrantee> { Team, Board }, Noon));
    }

    private static AccessGrant Of(ShareGrantee grantee, ShareRole role) => new(grantee, role, Until: null);
}
