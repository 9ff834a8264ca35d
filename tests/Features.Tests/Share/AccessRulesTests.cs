using EventFiles.Features.Share;
using static EventFiles.Features.Share.FileState;
using static EventFiles.Features.Share.Standing;
using static EventFiles.Features.Share.Verdict;
using static EventFiles.Features.Vocabulary.FileAction;

namespace EventFiles.Features.Tests.Share;

public sealed class AccessRulesTests
{
    // Every row there is: who, in which state, and the verdicts on read, edit, share, own.
    public static readonly TheoryData<Standing, FileState, Verdict, Verdict, Verdict, Verdict> Rules = new()
    {
        { Owner, Present, Allowed, Allowed, Allowed, Allowed },
        { Owner, Trashed, Allowed, Forbidden, Allowed, Allowed },
        { Owner, Deleted, Allowed, Missing, Allowed, Allowed },
        { Editor, Present, Allowed, Allowed, Forbidden, Forbidden },
        { Editor, Trashed, Missing, Missing, Missing, Missing },
        { Editor, Deleted, Missing, Missing, Missing, Missing },
        { Viewer, Present, Allowed, Forbidden, Forbidden, Forbidden },
        { Viewer, Trashed, Missing, Missing, Missing, Missing },
        { Viewer, Deleted, Missing, Missing, Missing, Missing },
        { None, Present, Missing, Missing, Missing, Missing },
        { None, Trashed, Missing, Missing, Missing, Missing },
        { None, Deleted, Missing, Missing, Missing, Missing },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_may_do_what_the_table_says(
        Standing who, FileState state, Verdict read, Verdict edit, Verdict share, Verdict own)
    {
        Assert.Equal(
            [read, edit, share, own],
            [.. new[] { Read, Edit, FileAction.Share, Own }.Select(action => AccessRules.Judge(who, state, action))]);
    }

    [Fact]
    public void The_table_has_a_row_for_everyone_in_every_state() =>
        Assert.Equal(Enum.GetValues<Standing>().Length * Enum.GetValues<FileState>().Length, Rules.Count);
}
