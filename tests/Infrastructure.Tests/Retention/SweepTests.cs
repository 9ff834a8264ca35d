using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Hold;
using EventFiles.Features.Quota;
using EventFiles.Features.Retention;
using EventFiles.Infrastructure.Tests.Equality;

namespace EventFiles.Infrastructure.Tests.Retention;

/// <summary>Rules in the whole product, while time passes.</summary>
public class SweepTests(PostgresFixture postgres) : ProductStage(postgres)
{
    [Fact]
    public async Task A_sweep_deletes_what_is_due_and_nothing_that_is_held()
    {
        var letters = (await Yes(new CreateFolder(Olga, "Letters", null))).Id;
        var below = (await Yes(new CreateFolder(Olga, "Old", letters))).Id;
        var (due, held, elsewhere) = (await Upload("a.txt", below), await Upload("b.txt", letters), await Upload("c.txt", null));
        var hold = await Yes(new PlaceHold(Olga, HoldKind.File, held.Value, "Case 1"));
        await Yes(new SetRetention(Olga, letters, RetentionRule.None with { DeleteAfterDays = 30 }));

        Clock.Leap(TimeSpan.FromDays(29));
        await Swept(1);
        Assert.Equal((bool[])[true, true, true], await There(due, held, elsewhere));
        Clock.Leap(TimeSpan.FromDays(2));
        await Swept(2);
        await Wait.Until(async () => (await There(due))[0] is false, "the file that is due goes");
        Assert.Equal((bool[])[true, true], await There(held, elsewhere));
        var swept = (await Sweeps())[^1];
        Assert.Equal((1, 0, 1), (swept.Files, swept.Versions, swept.Kept));
        await Wait.Until(async () => (await Yes(new ReadQuota(Olga, null))).Files == 2, "its space");

        await Yes(new LiftHold(Olga, hold.Id, "Closed"));
        Clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await There(held))[0] is false, "what was held goes when it is free");
        Assert.Equal((bool[])[true], await There(elsewhere));
    }

    [Fact]
    public async Task What_lies_below_two_folders_with_rules_is_looked_at_and_counted_once()
    {
        var above = (await Yes(new CreateFolder(Olga, "Above", null))).Id;
        var below = (await Yes(new CreateFolder(Olga, "Below", above))).Id;
        var held = await Upload("a.txt", below);
        await Yes(new PlaceHold(Olga, HoldKind.File, held.Value, "Case 3"));
        foreach (var folder in new[] { FolderId.RootOf(Olga.Account), above, below })
            await Yes(new SetRetention(Olga, folder, RetentionRule.None with { DeleteAfterDays = 30 }));

        Clock.Leap(TimeSpan.FromDays(31));
        await Swept(1);
        var swept = (await Sweeps())[^1];
        Assert.Equal((0, 0, 1), (swept.Files, swept.Versions, swept.Kept));
    }

    [Fact]
    public async Task A_version_that_is_young_stays_however_many_are_newer()
    {
        var file = await Upload("a.txt", null);
        await Upload("a.txt", null, file, "content2");
        Clock.Leap(TimeSpan.FromDays(8));
        await Upload("a.txt", null, file, "content3");
        await Upload("a.txt", null, file, "content4");
        await Yes(new SetRetention(Olga, FolderId.RootOf(Olga.Account), RetentionRule.None with { KeepVersionDays = 10 }));

        Clock.Leap(TimeSpan.FromDays(3));
        await Wait.Until(async () => (await Versions(file)).SequenceEqual([4, 3]), "those that are old go, but for the current one");
        Clock.Leap(TimeSpan.FromDays(8));
        await Wait.Until(async () => (await Versions(file)).SequenceEqual([4]), "so does the next when it is old");
    }

    [Fact]
    public async Task Of_versions_a_sweep_leaves_the_newest_and_those_with_a_label()
    {
        var file = await Upload("a.txt", null);
        for (var version = 2; version <= 5; version++)
            await Upload("a.txt", null, file, $"conten{version}");
        await Yes(new LabelVersion(Olga, file, 2, "As signed"));
        await Yes(new SetRetention(Olga, FolderId.RootOf(Olga.Account), RetentionRule.None with { KeepVersions = 2 }));

        Clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await Versions(file)).SequenceEqual([5, 4, 2]), "two and the labelled one stay");
        await Wait.Until(async () => (await Yes(new ReadQuota(Olga, null))).UsedBytes == 21, "the space of the others");
    }

    [Fact]
    public async Task What_is_to_be_kept_is_not_deleted_before_and_the_trash_is_emptied_by_the_rule()
    {
        var (file, other) = (await Upload("a.txt", null), await Upload("b.txt", null));
        await Upload("a.txt", null, file);
        var root = FolderId.RootOf(Olga.Account);
        await Yes(new SetRetention(Olga, root, RetentionRule.None with { KeepAtLeastDays = 10, EmptyTrashAfterDays = 5 }));

        Assert.Equal(KeepingRejection.TooEarly, (await Node.Ask(new DeleteFile(Olga, file))).Refusal);
        Assert.Equal(KeepingRejection.TooEarly, (await Node.Ask(new DeleteVersion(Olga, file, 1))).Refusal);
        await Yes(new TrashFile(Olga, other));
        Assert.Equal(KeepingRejection.TooEarly, (await Node.Ask(new EmptyTrash(Olga))).Refusal);

        Clock.Leap(TimeSpan.FromDays(7));
        await Swept(1);
        Assert.Single((await Yes(new ListTrash(Olga, null, 100))).Items);
        Clock.Leap(TimeSpan.FromDays(4));
        await Wait.Until(async () => (await Yes(new ListTrash(Olga, null, 100))).Items.Count == 0, "the trash is emptied");
        await Yes(new DeleteVersion(Olga, file, 1));
        await Yes(new DeleteFile(Olga, file));
    }

    [Fact]
    public async Task A_rule_empties_the_trash_of_what_is_not_held()
    {
        var (free, held) = (await Upload("a.txt", null), await Upload("b.txt", null));
        await Yes(new SetRetention(Olga, FolderId.RootOf(Olga.Account), RetentionRule.None with { EmptyTrashAfterDays = 5 }));
        await Yes(new TrashFile(Olga, free));
        await Yes(new TrashFile(Olga, held));
        var hold = await Yes(new PlaceHold(Olga, HoldKind.File, held.Value, "Case 2"));

        Clock.Leap(TimeSpan.FromDays(7));
        await Wait.Until(async () => (await Yes(new ListTrash(Olga, null, 100))).Items is [{ Id: var left }] && left == held.Value, "what is free goes");
        await Swept(1);
        var swept = (await Sweeps())[^1];
        Assert.Equal((1, 0, 1), (swept.Files, swept.Versions, swept.Kept));

        await Yes(new LiftHold(Olga, hold.Id, "Closed"));
        Clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await Yes(new ListTrash(Olga, null, 100))).Items.Count == 0, "what was held goes when it is free");
    }

    [Fact]
    public async Task A_folder_in_the_trash_goes_when_the_last_of_its_files_has_gone()
    {
        var (top, other) = ((await Yes(new CreateFolder(Olga, "Top", null))).Id, (await Yes(new CreateFolder(Olga, "Other", null))).Id);
        var below = (await Yes(new CreateFolder(Olga, "Below", top))).Id;
        var (due, kept) = (await Upload("a.txt", top), await Upload("b.txt", below));
        await Yes(new SetRetention(Olga, FolderId.RootOf(Olga.Account), RetentionRule.None with { EmptyTrashAfterDays = 5 }));
        await Yes(new SetRetention(Olga, below, RetentionRule.None with { EmptyTrashAfterDays = 20 }));
        await Yes(new TrashFolder(Olga, top));
        // A file is in the trash since the work that follows its folder took it there.
        await Wait.Until(async () => await IsTrashed(due) && await IsTrashed(kept), "the files go with their folders");

        Clock.Leap(TimeSpan.FromDays(4));
        await Yes(new TrashFolder(Olga, other));
        await Swept(1);
        Assert.Equal(2, (await Yes(new ListTrash(Olga, null, 100))).Items.Count);
        Clock.Leap(TimeSpan.FromDays(7));
        await Wait.Until(async () => (await Yes(new ReadQuota(Olga, null))).Files == 1, "the file that is due");
        Clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await Yes(new ListTrash(Olga, null, 100))).Items is [{ Id: var left }] && left == top.Value, "the folder without files");
        await Swept(3);
        // It is not on its way out: it could come back.
        await Yes(new RestoreFolder(Olga, top));
        await Wait.Until(async () => !await IsTrashed(kept), "it comes back with its folders");
        await Yes(new TrashFolder(Olga, top));
        await Wait.Until(() => IsTrashed(kept), "it goes with them again");
        Clock.Leap(TimeSpan.FromDays(21));
        await Wait.Until(async () => (await Yes(new ReadQuota(Olga, null))).Files == 0, "the file that is kept longer");
        Clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await Yes(new ListTrash(Olga, null, 100))).Items.Count == 0, "its folders");
    }

    private async Task<List<int>> Versions(FileId file) =>
        [.. (await Yes(new ListVersions(Olga, file, null, 100, null))).Items.Select(version => version.Version)];

    private Task Swept(int times) => Wait.Until(async () => (await Sweeps()).Count >= times, $"{times} sweeps");

    private async Task<List<RetentionEvent.Swept>> Sweeps() =>
        [.. (await Node.Get<IStreams>().Read(RetentionDecider.StreamOf(Olga.Account).Name, 0, CancellationToken.None).ToListAsync())
            .Select(happened => happened.Fact).OfType<RetentionEvent.Swept>()];
}
