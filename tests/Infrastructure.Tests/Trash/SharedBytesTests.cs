using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Quota;
using EventFiles.Features.Upload;
using EventFiles.Infrastructure.Tests.Equality;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Trash;

/// <summary>The same bytes again and again, and files with them deleted at the same time: no version may be without its bytes.</summary>
public sealed class SharedBytesTests(PostgresFixture postgres) : ProductStage(postgres)
{
    [Fact]
    public async Task Brought_and_deleted_at_once_the_same_bytes_are_there_for_whoever_has_them()
    {
        const int Turns = 60;
        var (kept, last) = (new List<FileId>(), await Upload("0.txt", null));
        for (var turn = 1; turn <= Turns; turn++)
        {
            // The one that has the bytes goes while others come that find them with it.
            var going = Yes(new DeleteFile(Olga, last));
            var coming = await Task.WhenAll(Upload($"{turn}a.txt", null), Upload($"{turn}b.txt", null));
            await going;
            foreach (var file in coming)
                await IsWhole(file);
            last = coming[1];
            if (turn % 10 == 0)
                kept.Add(coming[0]);
            else
                await Yes(new DeleteFile(Olga, coming[0]));
        }

        await Yes(new DeleteFile(Olga, last));
        await Settled(kept.Count);
        foreach (var file in kept)
            await IsWhole(file);
        await AllAgrees();

        foreach (var file in kept)
            await Yes(new DeleteFile(Olga, file));
        await Settled(0);
        Assert.Equal((0, 0), (await Used(), await Originals().CountAsync(TestContext.Current.CancellationToken)));
        Assert.Contains(await Events(), what => what == "shared");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("CONTENT")]
    [InlineData("cont")]
    public async Task A_kept_object_that_was_lost_or_altered_is_replaced_by_the_same_bytes_when_they_come_again(string? now)
    {
        var objects = Node.Get<IObjects>();
        var first = await Upload("first.txt", null);
        var key = (await Node.Get<IFiles>().StoredAs(first, 1, TestContext.Current.CancellationToken))!.Value;
        await objects.Delete(key, TestContext.Current.CancellationToken);
        if (now is not null)
            await objects.Put(key, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(now)), TestContext.Current.CancellationToken);
        var second = await Upload("second.txt", null);
        Assert.Equal(key, await Node.Get<IFiles>().StoredAs(second, 1, TestContext.Current.CancellationToken));
        await Wait.Until(
            async () => await Originals().ToListAsync(TestContext.Current.CancellationToken) is [var only] && only.Key == key, "one of the two goes");
        await IsWhole(first);
        await IsWhole(second);
    }

    [Fact]
    public async Task The_store_is_gone_through_while_bytes_are_shared_and_nothing_of_use_goes()
    {
        var first = await Upload("first.txt", null);
        var second = await Upload("second.txt", null);
        await Yes(new DeleteFile(Olga, first));
        await Settled(1);
        // What a kill left of the second: its own bytes, after its version had got the first one's.
        await Node.Get<IObjects>().Put(ObjectKey.Raw(new UploadId(second.Value)), new MemoryStream([.. "content"u8]), TestContext.Current.CancellationToken);
        Clock.Leap(TimeSpan.FromHours(2));
        await Yes(new ReconcileStorage(Clock.GetUtcNow() - TimeSpan.FromMinutes(1)));
        Assert.Equal(1, await Originals().CountAsync(TestContext.Current.CancellationToken));
        await IsWhole(second);
        await AllAgrees();
    }

    [Fact]
    public async Task What_is_deleted_while_it_is_compressed_leaves_nothing()
    {
        for (var turn = 0; turn < 30; turn++)
        {
            var file = await Upload($"{turn}.txt", null, text: Letters(20_000));
            await Task.Delay(Random.Shared.Next(20), TestContext.Current.CancellationToken);
            await Yes(new DeleteFile(Olga, file));
        }

        var kept = await Upload("kept.txt", null, text: Letters(20_000));
        await Wait.Until(async () => (await Figures()).Compressed.Objects == 1, "what is kept is compressed");
        await Wait.Until(async () => (await Yes(new ReadQuota(Olga, null))).Files == 1, "the others are gone");
        await Node.StopWork();
        Assert.Equal(ObjectKey.Raw(new UploadId(kept.Value)), (await Originals().SingleAsync(TestContext.Current.CancellationToken)).Key);
    }

    [Fact]
    public async Task What_space_is_made_of_is_told_without_a_look_at_files_that_have_one_version()
    {
        var views = Node.Get<IReadModel<FileContents>>();
        async Task<int> Notable() =>
            (await views.List($"notable:{Olga.Account}", null, 100, descending: false, TestContext.Current.CancellationToken)).Items.Count;
        FileId[] files = [.. await Task.WhenAll(Enumerable.Range(1, 5).Select(n => Upload($"{n}.txt", null, text: new string('x', n))))];
        await Wait.Until(async () => await Notable() == 0, "views know each with its version");
        Assert.Equal((15, 0, 0, 15), Parts(await Figures()));

        await Upload("2.txt", null, files[1], "twenty");
        await Yes(new TrashFile(Olga, files[2]));
        await Wait.Until(async () => await Notable() == 2, "these two are seen");
        Assert.Equal((16, 2, 3, 21), Parts(await Figures()));
        await Yes(new DeleteFile(Olga, files[2]));
        await Wait.Until(async () => await Notable() == 1 && (await Figures()).StoredBytes == 18, "one of them is gone");
        Assert.Equal((16, 2, 0, 18), Parts(await Figures()));
    }

    private static (long Current, long Former, long Trash, long Stored) Parts(QuotaBreakdown made) =>
        (made.CurrentBytes, made.FormerBytes, made.TrashBytes, made.StoredBytes);

    private async Task<QuotaBreakdown> Figures() => (await Yes(new ExplainQuota(Olga, null, 1))).Breakdown!;

    private static string Letters(int length) => new([.. Enumerable.Range(0, length).Select(_ => (char)Random.Shared.Next('a', 'f'))]);

    private async Task IsWhole(FileId file)
    {
        // On a busy machine a view may come later than an upload waits for it. Its bytes may not.
        await Wait.Until(async () => (await There(file))[0], "the file is seen");
        var answer = await Node.Ask(new OpenContent(Olga, file, null));
        Assert.True(answer.Refusal is null, answer.Refusal?.Code);
        var opened = Assert.IsType<Answer<OpenedContent>.Yes>(answer).Value;
        await using var content = opened.Content;
        using var reader = new StreamReader(content);
        Assert.Equal("content", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private Task Settled(int files) => Wait.Until(
        async () => (await Yes(new ReadQuota(Olga, null))).Files == files
            && await Used() == (await Originals().ToListAsync()).Sum(one => one.SizeBytes),
        "what is deleted goes");

    private async Task AllAgrees()
    {
        Assert.Empty(await Node.Get<StorageCheck>().Missing(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        var figures = (await Yes(new ExplainQuota(Olga, null, 1))).Breakdown!;
        Assert.Equal(figures.StoredBytes, await Used());
        Assert.Equal(figures.StoredBytes, figures.CurrentBytes + figures.FormerBytes + figures.TrashBytes + figures.LeavingBytes - figures.SharedBytes);
        var told = await Node.Get<ILoggedObjects>().Upto(long.MaxValue, TestContext.Current.CancellationToken)
            .Where(one => one.Key.AsRaw() is not null).Select(one => one.Key).ToListAsync(TestContext.Current.CancellationToken);
        var there = await Originals().Select(one => one.Key).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(there.Order(Comparer<ObjectKey>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))), told.Order(Comparer<ObjectKey>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value))));
    }

    private IAsyncEnumerable<StoredObject> Originals() => Node.Get<IObjects>().List("raw/", TestContext.Current.CancellationToken);

    private async Task<long> Used() => (await Yes(new ReadQuota(Olga, null))).UsedBytes;

    private async Task<List<string>> Events() => [.. (await Yes(new ExplainQuota(Olga, null, 1000))).Items.Select(one => one.What)];
}
