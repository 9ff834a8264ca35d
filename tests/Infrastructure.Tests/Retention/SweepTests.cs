using EventFiles.Features.Accounts;
using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Hold;
using EventFiles.Features.Quota;
using EventFiles.Features.Retention;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.Tests.Equality;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Retention;

/// <summary>Rules in the whole product, while time passes.</summary>
public sealed class SweepTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("sweep-").FullName;
    private readonly LeapingTime clock = new();
    private readonly ChildRenderer children = new(
        new ChildOptions("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventFiles.RenderingChild.dll")]));

    private ProductNode node = null!;
    private Caller olga = null!;

    public async ValueTask InitializeAsync()
    {
        var slices = typeof(Slice).Assembly.GetTypes().Select(type => type.GetMethod("Define", []))
            .Where(define => define?.ReturnType == typeof(Slice)).Select(define => (Slice)define!.Invoke(null, null)!);
        node = new ProductNode(new NodeGround(
            await postgres.CreateDatabase(), folder, clock, children, new QuickPasswords(), new Slices([.. slices]),
            all => all.AddMemoryReadModels()));
        await node.StartViews();
        await node.StartWork();
        var account = await Yes(new RegisterAccount($"{Guid.NewGuid():n}@example.org", "correct horse battery", "Olga"));
        olga = new Caller(account.Id, default, false) { IsAuditor = true };
    }

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        await children.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_sweep_deletes_what_is_due_and_nothing_that_is_held()
    {
        var letters = (await Yes(new CreateFolder(olga, "Letters", null))).Id;
        var below = (await Yes(new CreateFolder(olga, "Old", letters))).Id;
        var (due, held, elsewhere) = (await Upload("a.txt", below), await Upload("b.txt", letters), await Upload("c.txt", null));
        var hold = await Yes(new PlaceHold(olga, HoldKind.File, held.Value, "Case 1"));
        await Yes(new SetRetention(olga, letters, RetentionRule.None with { DeleteAfterDays = 30 }));

        clock.Leap(TimeSpan.FromDays(29));
        await Swept(1);
        Assert.Equal((bool[])[true, true, true], await There(due, held, elsewhere));
        clock.Leap(TimeSpan.FromDays(2));
        await Swept(2);
        await Wait.Until(async () => (await There(due))[0] is false, "the file that is due goes");
        Assert.Equal((bool[])[true, true], await There(held, elsewhere));
        var swept = (await Sweeps())[^1];
        Assert.Equal((1, 0, 1), (swept.Files, swept.Versions, swept.Kept));
        await Wait.Until(async () => (await Yes(new ReadQuota(olga, null))).Files == 2, "its space");

        await Yes(new LiftHold(olga, hold.Id, "Closed"));
        clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await There(held))[0] is false, "what was held goes when it is free");
        Assert.Equal((bool[])[true], await There(elsewhere));
    }

    [Fact]
    public async Task Of_versions_a_sweep_leaves_the_newest_and_those_with_a_label()
    {
        var file = await Upload("a.txt", null);
        for (var version = 2; version <= 5; version++)
            await Upload("a.txt", null, file);
        await Yes(new LabelVersion(olga, file, 2, "As signed"));
        await Yes(new SetRetention(olga, FolderId.RootOf(olga.Account), RetentionRule.None with { KeepVersions = 2 }));

        clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await Versions(file)).SequenceEqual([5, 4, 2]), "two and the labelled one stay");
        await Wait.Until(async () => (await Yes(new ReadQuota(olga, null))).UsedBytes == 21, "the space of the others");
    }

    [Fact]
    public async Task What_is_to_be_kept_is_not_deleted_before_and_the_trash_is_emptied_by_the_rule()
    {
        var (file, other) = (await Upload("a.txt", null), await Upload("b.txt", null));
        await Upload("a.txt", null, file);
        var root = FolderId.RootOf(olga.Account);
        await Yes(new SetRetention(olga, root, RetentionRule.None with { KeepAtLeastDays = 10, EmptyTrashAfterDays = 5 }));

        Assert.Equal(KeepingRejection.TooEarly, (await node.Ask(new DeleteFile(olga, file))).Refusal);
        Assert.Equal(KeepingRejection.TooEarly, (await node.Ask(new DeleteVersion(olga, file, 1))).Refusal);
        await Yes(new TrashFile(olga, other));
        Assert.Equal(KeepingRejection.TooEarly, (await node.Ask(new EmptyTrash(olga))).Refusal);

        clock.Leap(TimeSpan.FromDays(7));
        await Swept(1);
        Assert.Single((await Yes(new ListTrash(olga, null, 100))).Items);
        clock.Leap(TimeSpan.FromDays(4));
        await Wait.Until(async () => (await Yes(new ListTrash(olga, null, 100))).Items.Count == 0, "the trash is emptied");
        await Yes(new DeleteVersion(olga, file, 1));
        await Yes(new DeleteFile(olga, file));
    }

    [Fact]
    public async Task A_folder_in_the_trash_goes_when_the_last_of_its_files_has_gone()
    {
        var (top, other) = ((await Yes(new CreateFolder(olga, "Top", null))).Id, (await Yes(new CreateFolder(olga, "Other", null))).Id);
        var below = (await Yes(new CreateFolder(olga, "Below", top))).Id;
        await Upload("a.txt", top);
        await Upload("b.txt", below);
        await Yes(new SetRetention(olga, FolderId.RootOf(olga.Account), RetentionRule.None with { EmptyTrashAfterDays = 5 }));
        await Yes(new SetRetention(olga, below, RetentionRule.None with { EmptyTrashAfterDays = 20 }));
        await Yes(new TrashFolder(olga, top));

        clock.Leap(TimeSpan.FromDays(4));
        await Yes(new TrashFolder(olga, other));
        await Swept(1);
        Assert.Equal(2, (await Yes(new ListTrash(olga, null, 100))).Items.Count);
        clock.Leap(TimeSpan.FromDays(7));
        await Wait.Until(async () => (await Yes(new ReadQuota(olga, null))).Files == 1, "the file that is due");
        clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await Yes(new ListTrash(olga, null, 100))).Items is [{ Id: var left }] && left == top.Value, "the folder without files");
        await Swept(3);
        // It is not on its way out: it could come back.
        await Yes(new RestoreFolder(olga, top));
        await Yes(new TrashFolder(olga, top));
        clock.Leap(TimeSpan.FromDays(21));
        await Wait.Until(async () => (await Yes(new ReadQuota(olga, null))).Files == 0, "the file that is kept longer");
        clock.Leap(TimeSpan.FromDays(2));
        await Wait.Until(async () => (await Yes(new ListTrash(olga, null, 100))).Items.Count == 0, "its folders");
    }

    private async Task<FileId> Upload(string name, FolderId? into, FileId? file = null)
    {
        var content = new MemoryStream([.. "content"u8]);
        var where = new Placement(into, file is null ? NameConflict.Fail : NameConflict.NewVersion) { Into = file };
        return (await Yes(new ReceiveFile(olga, name, "text/plain", where, content, content.Length, _ => Task.FromResult<Answer<Placement>>(where)))).File.Id;
    }

    private async Task<List<int>> Versions(FileId file) =>
        [.. (await Yes(new ListVersions(olga, file, null, 100, null))).Items.Select(version => version.Version)];

    private async Task<bool[]> There(params FileId[] files)
    {
        var there = new List<bool>();
        foreach (var file in files)
            there.Add((await node.Ask(new ReadFile(olga, file, null))).Refusal is null);
        return [.. there];
    }

    private Task Swept(int times) => Wait.Until(async () => (await Sweeps()).Count >= times, $"{times} sweeps");

    private async Task<List<RetentionEvent.Swept>> Sweeps() =>
        [.. (await node.Get<IStreams>().Read(RetentionDecider.StreamOf(olga.Account).Name, 0, CancellationToken.None).ToListAsync())
            .Select(happened => happened.Fact).OfType<RetentionEvent.Swept>()];

    private async Task<T> Yes<T>(MediatR.IRequest<Answer<T>> request) =>
        Assert.IsType<Answer<T>.Yes>(await node.Ask(request)).Value;
}
