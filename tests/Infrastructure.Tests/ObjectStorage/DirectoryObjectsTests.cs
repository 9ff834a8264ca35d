using EventFiles.Infrastructure.ObjectStorage;
using FileAccess = System.IO.FileAccess;

namespace EventFiles.Infrastructure.Tests.ObjectStorage;

public sealed class DirectoryObjectsTests : ObjectsContract, IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("objects-").FullName;
    private DirectoryObjects objects;

    public DirectoryObjectsTests() => objects = new DirectoryObjects(directory);

    protected override IObjects Objects => objects;

    protected override void Restart()
    {
        objects.Dispose();
        objects = new DirectoryObjects(directory);
    }

    [Fact]
    public void A_start_removes_what_a_killed_process_left_half_written()
    {
        var left = Path.Combine(directory, "incoming", "07", "abc");
        File.WriteAllText(left, "half");

        Restart();

        Assert.False(File.Exists(left));
    }

    [Fact]
    public void A_start_leaves_what_another_process_is_writing()
    {
        var busy = Path.Combine(directory, "incoming", "07", "abc");
        using (File.OpenHandle(busy, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            Restart();

        Assert.True(File.Exists(busy));
    }

    [Fact]
    public async Task What_is_being_sealed_is_opened_a_moment_later()
    {
        var cancel = TestContext.Current.CancellationToken;
        var key = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
        await objects.Put(key, new MemoryStream([1, 2, 3]), cancel);
        Task<Stream?> opening;
        using (File.OpenHandle(Path.Combine(directory, ObjectPath.Of(key)), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            opening = objects.Open(key, cancel);
            Assert.False(opening.IsCompleted);
        }

        await using var opened = await opening;
        Assert.Equal(3, opened!.Length);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1 << 20)]
    public async Task A_put_that_breaks_leaves_no_file_at_all(int afterBytes)
    {
        await Assert.ThrowsAsync<IOException>(() => objects.Put(
            new("raw/x"), new Dribble(new byte[afterBytes], breaks: true), TestContext.Current.CancellationToken));

        Assert.Empty(Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_deleted_file_leaves_no_folder()
    {
        var key = ObjectKey.Variant(NewId.Of<FileId>(TimeProvider.System), 1, "thumbnail");
        await objects.Put(key, new MemoryStream([1]), TestContext.Current.CancellationToken);
        await objects.Delete(key, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(
            Directory.EnumerateDirectories(directory, "*", SearchOption.AllDirectories), folder => folder.EndsWith('+'));
    }

    [Fact]
    public async Task Putting_and_deleting_in_one_folder_do_not_disturb_each_other()
    {
        var file = NewId.Of<FileId>(TimeProvider.System);
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), TestContext.Current.CancellationToken, async (number, cancel) =>
        {
            var key = ObjectKey.Variant(file, 1, $"v{number}");
            await objects.Put(key, new MemoryStream([1]), cancel);
            await objects.Delete(key, cancel);
        });

        await foreach (var left in objects.List("", TestContext.Current.CancellationToken))
            Assert.Fail(left.Key.Value);
    }

    // Whoever takes the last one takes the folder too, while another is still about to look for a growing one in it.
    [Fact]
    public async Task Deleting_what_was_seen_beside_others_that_go_from_the_same_folder_is_no_error()
    {
        var cancel = TestContext.Current.CancellationToken;
        for (var round = 0; round < 60; round++)
        {
            var file = NewId.Of<FileId>(TimeProvider.System);
            foreach (var name in new[] { "a", "b", "c" })
                await objects.Put(ObjectKey.Variant(file, 1, name), new MemoryStream([1]), cancel);
            var seen = await objects.List("", cancel).ToListAsync(cancel);
            await Task.WhenAll(seen.Select(one => Task.Run(() => objects.DeleteUnchanged(one, cancel), cancel)));
            Assert.Empty(await objects.List("", cancel).ToListAsync(cancel));
        }
    }

    public void Dispose()
    {
        objects.Dispose();
        Directory.Delete(directory, recursive: true);
    }
}
