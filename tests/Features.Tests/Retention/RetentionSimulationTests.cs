using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Hold;
using EventFiles.Features.Retention;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Retention;

public sealed class RetentionSimulationTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly AccountId Olga = new(Id(1));
    private static readonly FolderId Root = FolderId.RootOf(Olga);
    private static readonly FolderId Letters = new(Id(2));
    private static readonly FolderId Old = new(Id(3));
    private static readonly FileId Photo = new(Id(4));
    private static readonly RetentionRule AfterTen = RetentionRule.None with { DeleteAfterDays = 10 };

    [Fact]
    public void A_file_would_have_gone_so_long_after_its_last_change()
    {
        (int, object)[] history = [(0, Completed(1, Root)), (5, Completed(2, Root))];
        Assert.Equal([new WouldDelete(Day(15), Photo, null, 20, false)], Simulated(Root, AfterTen, 20, history));
        Assert.Empty(Simulated(Root, AfterTen, 14, history));
        Assert.Equal([Day(10)], Simulated(Root, AfterTen with { Since = RetentionClock.Created }, 20, history).Select(one => one.At));
    }

    [Fact]
    public void What_somebody_used_later_is_said()
    {
        var found = Simulated(Root, AfterTen, 60, (0, Completed(1, Root)), (50, Completed(2, Root)));
        Assert.Equal([new WouldDelete(Day(10), Photo, null, 10, true)], found);
    }

    [Fact]
    public void A_file_that_came_later_is_due_when_it_came_and_one_that_left_never()
    {
        Assert.Equal([Day(30)], Simulated(Letters, AfterTen, 60, (0, Made(Letters, Root)), (0, Completed(1, Root)), (30, new FilesEvent.Moved(Photo, Letters, "a"))).Select(one => one.At));
        Assert.Empty(Simulated(Letters, AfterTen, 60, (0, Made(Letters, Root)), (0, Completed(1, Letters)), (5, new FilesEvent.Moved(Photo, Root, "a"))));
    }

    [Fact]
    public void A_folder_takes_along_what_is_in_it()
    {
        var found = Simulated(
            Letters, AfterTen, 60, (0, Made(Letters, Root)), (0, Made(Old, Root)), (0, Completed(1, Old)),
            (30, new FoldersEvent.Moved(Old, Letters, "Old")));
        Assert.Equal([Day(30)], found.Select(one => one.At));
    }

    [Fact]
    public void What_lay_in_the_trash_was_not_there_to_be_deleted()
    {
        (int, object)[] history = [(0, Completed(1, Root)), (5, new DeleteEvent.Trashed(Photo, Olga)), (30, new DeleteEvent.Restored(Photo, Olga, Root, "a"))];
        Assert.Equal([Day(30)], Simulated(Root, AfterTen, 60, history).Select(one => one.At));
        history[1] = (5, new DeleteEvent.TrashedWith(Photo, Root, Root, Olga));
        Assert.Equal([Day(30)], Simulated(Root, AfterTen, 60, history).Select(one => one.At));
        Assert.Empty(Simulated(Root, AfterTen, 60, (0, Completed(1, Root)), (5, new DeleteEvent.Requested(Photo, Olga))));
    }

    [Theory]
    [InlineData(HoldKind.File, 4)]
    [InlineData(HoldKind.Folder, 2)]
    [InlineData(HoldKind.Account, 1)]
    public void What_was_held_would_have_stayed_until_the_hold_was_lifted(HoldKind kind, int target)
    {
        var hold = new HoldId(Id(9));
        var found = Simulated(
            Root, AfterTen, 60, (0, Made(Letters, Root)), (0, Completed(1, Letters)),
            (5, new HoldEvent.Placed(hold, kind, Id(target), Olga, "x")), (40, new HoldEvent.Lifted(hold, Olga, "y")));
        Assert.Equal([Day(40)], found.Select(one => one.At));
    }

    [Fact]
    public void Versions_would_have_gone_when_they_were_pushed_out_and_old_enough_and_not_labelled()
    {
        (int, object)[] history =
        [
            (0, Completed(1, Root)), (1, Completed(2, Root)), (2, new VersionEvent.Labelled(Photo, 2, "x")), (20, Completed(3, Root)), (21, Completed(4, Root)),
        ];
        var found = Simulated(Root, RetentionRule.None with { KeepVersions = 2, KeepVersionDays = 5 }, 60, history);
        Assert.Equal([new WouldDelete(Day(20), Photo, 1, 10, false)], found);
    }

    [Fact]
    public void What_is_to_be_kept_would_not_have_gone_before()
    {
        var found = Simulated(Root, AfterTen with { KeepAtLeastDays = 10 }, 60, (0, Completed(1, Root)));
        Assert.Equal([Day(10)], found.Select(one => one.At));
        found = Simulated(
            Root, RetentionRule.None with { KeepVersions = 1, KeepAtLeastDays = 30 }, 60, (0, Completed(1, Root)), (5, Completed(2, Root)));
        Assert.Equal([new WouldDelete(Day(30), Photo, 1, 10, false)], found);
    }

    [Fact]
    public void What_lay_in_the_trash_long_enough_would_have_gone()
    {
        var rule = RetentionRule.None with { EmptyTrashAfterDays = 5 };
        (int, object)[] history = [(0, Completed(1, Root)), (20, new DeleteEvent.Trashed(Photo, Olga))];
        Assert.Equal([new WouldDelete(Day(25), Photo, null, 10, false)], Simulated(Root, rule, 60, history));
        Assert.Equal([Day(40)], Simulated(Root, rule with { KeepAtLeastDays = 40 }, 60, history).Select(one => one.At));
        Assert.Empty(Simulated(Root, rule, 60, [.. history, (24, new DeleteEvent.Restored(Photo, Olga, Root, "a"))]));
        var used = Simulated(Root, rule, 60, [.. history, (50, new DeleteEvent.Restored(Photo, Olga, Root, "a"))]);
        Assert.Equal([new WouldDelete(Day(25), Photo, null, 10, true)], used);
    }

    [Fact]
    public void A_part_that_a_nearer_folder_says_is_not_this_ones_from_then_on()
    {
        (int, object)[] history = [(0, Made(Letters, Root)), (0, Completed(1, Letters)), (5, Ruled(Letters, AfterTen with { DeleteAfterDays = 100 }))];
        Assert.Empty(Simulated(Root, AfterTen, 60, history));
        // When it is this one's again, it is due at once and not in former times.
        Assert.Equal([Day(50)], Simulated(Root, AfterTen, 60, [.. history, (50, new RetentionEvent.Unruled(Letters))]).Select(one => one.At));
        // What that folder does not say is this one's all the time.
        (int, object)[] versions = [.. history, (6, Completed(2, Letters))];
        Assert.Equal([Day(6)], Simulated(Root, RetentionRule.None with { KeepVersions = 1 }, 60, versions).Select(one => one.At));
        // The folder's own former rule is what is replaced.
        Assert.Equal([Day(10)], Simulated(Letters, AfterTen, 60, history).Select(one => one.At));
    }

    [Fact]
    public void What_a_folder_above_keeps_this_one_deletes_no_sooner()
    {
        (int, object)[] history =
        [
            (0, Made(Letters, Root)), (0, Ruled(Root, RetentionRule.None with { KeepAtLeastDays = 30, EmptyTrashAfterDays = 2 })),
            (0, Completed(1, Letters)), (1, Completed(2, Letters)), (2, new DeleteEvent.Trashed(Photo, Olga)),
        ];
        var rule = RetentionRule.None with { KeepVersions = 1, EmptyTrashAfterDays = 5 };
        Assert.Equal([new WouldDelete(Day(31), Photo, null, 20, false)], Simulated(Letters, rule, 60, history));
        Assert.Equal([new WouldDelete(Day(30), Photo, 1, 10, false)], Simulated(Letters, rule, 60, history[..4]));
        // What the folder above would delete by itself is none of this one's doing.
        Assert.Empty(Simulated(Letters, RetentionRule.None with { KeepVersions = 5 }, 60, history));
    }

    private static RetentionEvent.Ruled Ruled(FolderId folder, RetentionRule rule) => new(
        folder, rule.DeleteAfterDays, rule.Since, rule.KeepAtLeastDays, rule.KeepVersions, rule.KeepVersionDays, rule.EmptyTrashAfterDays, Day(0));

    private static IReadOnlyList<WouldDelete> Simulated(FolderId folder, RetentionRule rule, int until, params (int Day, object Fact)[] history)
    {
        var simulation = new RetentionSimulation(folder, rule);
        foreach (var (day, fact) in history)
            simulation.Hear(new RecordedEvent(1, new StreamId("x", Olga), 1, Guid.Empty, "x", Day(day), fact));
        return simulation.Until(Day(until));
    }

    private static UploadEvent.Completed Completed(int version, FolderId folder) => new(
        new UploadId(Id(100 + version)), Photo, version, folder, "a", "text/plain", 10, "ab", ObjectKey.Raw(new UploadId(Id(100 + version))));

    private static FoldersEvent.Created Made(FolderId folder, FolderId parent) => new(folder, parent, "Letters");

    private static DateTimeOffset Day(int day) => Start.AddDays(day);

    private static Guid Id(int number) => new(number, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);
}
