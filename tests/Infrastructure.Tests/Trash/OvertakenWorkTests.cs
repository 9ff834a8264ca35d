using EventFiles.Features.Delete;
using EventFiles.Features.Folders;
using EventFiles.Features.Quota;
using EventFiles.Infrastructure.Tests.Equality;

namespace EventFiles.Infrastructure.Tests.Trash;

/// <summary>Work for a folder in the trash that comes late, or a second time: the folder has gone another way since.</summary>
public sealed class OvertakenWorkTests(PostgresFixture postgres) : ProductStage(postgres)
{
    [Fact]
    public async Task What_came_back_is_not_thrown_away_by_late_work()
    {
        var (top, below, file) = await Tree();
        await Yes(new TrashFolder(Olga, top));
        await Wait.Until(async () => await Listed(top) == 0 && await IsTrashed(file), "all goes");
        await Yes(new RestoreFolder(Olga, top));
        await Wait.Until(async () => await Listed(top) == 1 && await Listed(below) == 1, "all comes back");

        await Yes(new TrashContents(top, top, Olga.Account));
        await Yes(new TrashContents(below, top, Olga.Account));
        await Yes(new PurgeFolder(top, Olga.Account));

        Assert.Equal((1, 1), (await Listed(top), await Listed(below)));
        Assert.False(await IsTrashed(file));
        Assert.Equal(1, (await Yes(new ReadQuota(Olga, null))).Files);
    }

    [Fact]
    public async Task What_went_again_is_not_taken_back_by_late_work()
    {
        var (top, below, file) = await Tree();
        await Yes(new TrashFolder(Olga, top));
        await Wait.Until(() => IsTrashed(file), "all goes");

        await Yes(new RestoreContents(top, top, Olga.Account));
        await Yes(new RestoreContents(below, top, Olga.Account));
        await Yes(new PurgeFolder(top, Olga.Account));

        Assert.True(await IsTrashed(file));
        Assert.Equal(1, (await Yes(new ReadQuota(Olga, null))).Files);
        await Yes(new RestoreFolder(Olga, top));
        await Wait.Until(async () => await Listed(top) == 1 && await Listed(below) == 1, "all comes back");
    }

    private async Task<(FolderId Top, FolderId Below, FileId File)> Tree()
    {
        var top = (await Yes(new CreateFolder(Olga, "Top", null))).Id;
        var below = (await Yes(new CreateFolder(Olga, "Below", top))).Id;
        return (top, below, await Upload("a.txt", below));
    }

    private async Task<int> Listed(FolderId folder) =>
        (await Node.Ask(new ListChildren(Olga, folder, "name", null, 100))) is Answer<Page<EntryView>>.Yes(var page, _) ? page.Items.Count : 0;
}
