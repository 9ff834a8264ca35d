using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Infrastructure.Tests.ObjectStorage;

/// <summary>What every object store must do. Each adapter runs all of it.</summary>
public abstract class ObjectsContract
{
    private const int Megabyte = 1 << 20;
    private readonly ObjectKey key = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));

    /// <summary>The store; the same one each time until <see cref="Restart"/>.</summary>
    protected abstract IObjects Objects { get; }

    /// <summary>Leaves only what is durable: another process opens the same store.</summary>
    protected abstract void Restart();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData((3 * Megabyte) + 7)]
    public async Task What_was_put_can_be_read(int sizeBytes)
    {
        var bytes = RandomNumberGenerator.GetBytes(sizeBytes);

        var put = await Objects.Put(key, new Dribble(bytes), Cancel);

        Assert.Equal(new SealedObject(key, sizeBytes, Sha256(bytes)), put);
        Assert.Equal(bytes, await Read(key));
        Restart();
        Assert.Equal(bytes, await Read(key));
    }

    [Fact]
    public async Task A_put_replaces_what_was_there()
    {
        await Objects.Put(key, Text("old and longer"), Cancel);
        await Objects.Put(key, Text("new"), Cancel);

        Assert.Equal("new"u8.ToArray(), await Read(key));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(Megabyte)]
    public async Task A_put_that_breaks_leaves_nothing(int afterBytes)
    {
        await Assert.ThrowsAsync<IOException>(() => Objects.Put(key, new Dribble(new byte[afterBytes], breaks: true), Cancel));

        Assert.Null(await Objects.Open(key, Cancel));
        Assert.Empty(await Keys(""));
    }

    [Fact]
    public async Task A_cancelled_put_leaves_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        var content = new Dribble(new byte[Megabyte]) { OnRead = read => { if (read > Megabyte / 2) cancelled.Cancel(); } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Objects.Put(key, content, cancelled.Token));

        Assert.Empty(await Keys(""));
    }

    [Fact]
    public async Task Reading_may_begin_anywhere()
    {
        await Objects.Put(key, Text("0123456789"), Cancel);

        await using var content = (await Objects.Open(key, Cancel))!;
        Assert.Equal(10, content.Length);
        content.Seek(7, SeekOrigin.Begin);
        Assert.Equal((byte)'7', content.ReadByte());
        content.Seek(2, SeekOrigin.Begin);
        Assert.Equal((byte)'2', content.ReadByte());
    }

    [Fact]
    public async Task A_reader_keeps_what_is_deleted_under_it()
    {
        await Objects.Put(key, Text("here"), Cancel);
        await using var content = (await Objects.Open(key, Cancel))!;

        await Objects.Delete(key, Cancel);

        using var reader = new StreamReader(content);
        Assert.Equal("here", await reader.ReadToEndAsync(Cancel));
        Assert.Null(await Objects.Open(key, Cancel));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_object_grows_piece_by_piece(bool restarts)
    {
        var bytes = RandomNumberGenerator.GetBytes(Megabyte);
        var length = 0L;
        foreach (var piece in bytes.Chunk(300_001))
        {
            Assert.Equal(length == 0 ? null : length, await Objects.GrowingLength(key, Cancel));
            length = await Objects.Append(key, length, new Dribble(piece), Cancel);
            if (restarts)
                Restart();
        }

        Assert.Null(await Objects.Open(key, Cancel));
        Assert.Equal(new SealedObject(key, Megabyte, Sha256(bytes)), await Objects.Seal(key, Cancel));
        Assert.Null(await Objects.GrowingLength(key, Cancel));
        Assert.Equal(bytes, await Read(key));
    }

    [Fact]
    public async Task Sealing_again_gives_the_same_answer()
    {
        await Objects.Append(key, 0, Text("whole"), Cancel);
        var first = await Objects.Seal(key, Cancel);

        Assert.Equal(first, await Objects.Seal(key, Cancel));
        Restart();
        Assert.Equal(first, await Objects.Seal(key, Cancel));
        Assert.Equal(Sha256("whole"u8), first.Sha256);
    }

    [Fact]
    public async Task An_empty_object_can_be_sealed()
    {
        Assert.Equal(0, await Objects.Append(key, 0, Stream.Null, Cancel));

        Assert.Equal(0, await Objects.GrowingLength(key, Cancel));
        Assert.Equal(new SealedObject(key, 0, Sha256([])), await Objects.Seal(key, Cancel));
    }

    [Fact]
    public Task What_is_not_there_cannot_be_sealed() =>
        Assert.ThrowsAsync<FileNotFoundException>(() => Objects.Seal(key, Cancel));

    [Fact]
    public async Task What_came_before_the_break_is_kept()
    {
        var bytes = RandomNumberGenerator.GetBytes(100_003);
        await Assert.ThrowsAsync<IOException>(() => Objects.Append(key, 0, new Dribble(bytes, breaks: true), Cancel));

        Assert.Equal(bytes.Length, await Objects.GrowingLength(key, Cancel));
        await Objects.Append(key, bytes.Length, Text("rest"), Cancel);
        Assert.Equal(Sha256([.. bytes, .. "rest"u8]), (await Objects.Seal(key, Cancel)).Sha256);
    }

    [Fact]
    public async Task What_came_before_a_cancellation_is_kept()
    {
        using var cancelled = new CancellationTokenSource();
        var content = new Dribble(new byte[Megabyte]) { OnRead = read => { if (read > Megabyte / 2) cancelled.Cancel(); } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Objects.Append(key, 0, content, cancelled.Token));

        var length = (await Objects.GrowingLength(key, Cancel))!.Value;
        Assert.InRange(length, Megabyte / 2, Megabyte);
        Restart();
        Assert.Equal(length, await Objects.GrowingLength(key, Cancel));
        Assert.Equal(Sha256(new byte[length]), (await Objects.Seal(key, Cancel)).Sha256);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 5)]
    [InlineData(7, 5)]
    public async Task Bytes_are_only_added_at_the_end(long offset, int there)
    {
        if (there > 0)
            await Objects.Append(key, 0, new MemoryStream(new byte[there]), Cancel);
        else
            offset = 1;

        var refusal = await Assert.ThrowsAsync<OffsetMismatchException>(() => Objects.Append(key, offset, Text("x"), Cancel));

        Assert.Equal(there, refusal.Length);
        Assert.Equal(there == 0 ? null : there, await Objects.GrowingLength(key, Cancel));
    }

    [Fact]
    public async Task A_refused_append_does_not_harm_the_digest()
    {
        await Objects.Append(key, 0, Text("one"), Cancel);
        await Assert.ThrowsAsync<OffsetMismatchException>(() => Objects.Append(key, 1, Text("x"), Cancel));
        await Objects.Append(key, 3, Text("two"), Cancel);

        Assert.Equal(Sha256("onetwo"u8), (await Objects.Seal(key, Cancel)).Sha256);
    }

    [Fact]
    public async Task What_is_sealed_grows_no_more()
    {
        await Objects.Append(key, 0, Text("whole"), Cancel);
        await Objects.Seal(key, Cancel);

        await Assert.ThrowsAsync<OffsetMismatchException>(() => Objects.Append(key, 0, Text("x"), Cancel));
        await Assert.ThrowsAsync<OffsetMismatchException>(() => Objects.Append(key, 5, Text("x"), Cancel));
        Assert.Equal("whole"u8.ToArray(), await Read(key));
    }

    [Fact]
    public async Task Two_writers_cannot_append_at_once()
    {
        await Objects.Append(key, 0, Text("12345"), Cancel);
        var reached = new TaskCompletionSource();
        var proceed = new TaskCompletionSource();
        var first = Objects.Append(key, 5, new Waiting("678"u8.ToArray(), reached, proceed.Task), Cancel);
        await reached.Task;

        var refusal = await Assert.ThrowsAsync<OffsetMismatchException>(() => Objects.Append(key, 5, Text("abc"), Cancel));
        await Assert.ThrowsAsync<OffsetMismatchException>(() => Objects.Seal(key, Cancel));
        proceed.SetResult();

        Assert.Equal(5, refusal.Length);
        Assert.Equal(8, await first);
        Assert.Equal(Sha256("12345678"u8), (await Objects.Seal(key, Cancel)).Sha256);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(5, false)]
    [InlineData(5, true)]
    public async Task The_length_is_known_while_bytes_arrive(int there, bool restarts)
    {
        await Objects.Append(key, 0, new MemoryStream(new byte[there]), Cancel);
        if (restarts)
            Restart();
        var reached = new TaskCompletionSource();
        var proceed = new TaskCompletionSource();
        var arriving = Objects.Append(key, there, new Waiting("678"u8.ToArray(), reached, proceed.Task), Cancel);
        await reached.Task;

        Assert.Equal(there, await Objects.GrowingLength(key, Cancel));
        proceed.SetResult();
        await arriving;
        Assert.Equal(there + 3, await Objects.GrowingLength(key, Cancel));
    }

    [Fact]
    public async Task The_length_may_be_asked_at_any_moment()
    {
        for (var round = 0; round < 40; round++)
        {
            var growing = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
            var whole = Task.Run(() => Objects.Append(growing, 0, new Dribble(new byte[5_000]), Cancel), Cancel);
            while (!whole.IsCompleted)
                Assert.Contains(await Objects.GrowingLength(growing, Cancel), (long?[])[null, 0, 5_000]);
            Assert.Equal(5_000, await whole);
        }
    }

    [Fact]
    public async Task Many_objects_may_be_written_at_once()
    {
        var keys = Enumerable.Range(0, 300).Select(_ => ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System))).ToArray();

        await Parallel.ForEachAsync(keys, Cancel, async (one, cancel) => await Objects.Put(one, Text(one.Value), cancel));

        foreach (var one in keys)
            Assert.Equal(Encoding.UTF8.GetBytes(one.Value), await Read(one));
        Assert.Equal([.. keys.Select(one => one.Value).Order(StringComparer.Ordinal)], await Keys("raw/"));
    }

    [Fact]
    public async Task Deleting_is_repeatable_and_takes_growing_objects_too()
    {
        await Objects.Delete(key, Cancel);
        await Objects.Append(key, 0, Text("half"), Cancel);

        await Objects.Delete(key, Cancel);
        await Objects.Delete(key, Cancel);

        Assert.Null(await Objects.GrowingLength(key, Cancel));
        Assert.Empty(await Keys(""));
        Assert.Equal(1, await Objects.Append(key, 0, Text("x"), Cancel));
        Assert.Equal(Sha256("x"u8), (await Objects.Seal(key, Cancel)).Sha256);
    }

    [Fact]
    public async Task Keys_are_listed_by_their_beginning()
    {
        var file = NewId.Of<FileId>(TimeProvider.System);
        var other = NewId.Of<FileId>(TimeProvider.System);
        ObjectKey[] variants = [ObjectKey.Variant(file, 1, "thumbnail"), ObjectKey.Variant(file, 2, "resize-640")];
        foreach (var one in (ObjectKey[])[.. variants, ObjectKey.Variant(other, 1, "thumbnail"), new("receipts/plain.json")])
            await Objects.Put(one, Text("x"), Cancel);
        await Objects.Append(key, 0, Text("growing"), Cancel);

        Assert.Equal([.. variants.Select(one => one.Value)], await Keys(ObjectKey.VariantsOf(file)));
        Assert.Equal([variants[1].Value], await Keys($"processed/{file}/2/"));
        Assert.Equal(3, (await Keys("processed/")).Count);
        Assert.Equal([key.Value], await Keys("raw/"));
        Assert.Equal([key.Value], await Keys(key.Value));
        Assert.Equal(["receipts/plain.json"], await Keys("rec"));
        Assert.Equal(5, (await Keys("")).Count);
        Assert.Empty(await Keys("nothing/at/all"));

        foreach (var one in variants)
            await Objects.Delete(one, Cancel);
        Assert.Empty(await Keys(ObjectKey.VariantsOf(file)));
    }

    [Fact]
    public async Task A_list_tells_how_large_an_object_is_and_when_it_was_written()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        await Objects.Put(key, Text("seven b"), Cancel);
        var growing = ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
        await Objects.Append(growing, 0, Text("half"), Cancel);

        var list = await Objects.List("raw/", Cancel).ToDictionaryAsync(one => one.Key, cancellationToken: Cancel);
        Assert.Equal((7, 4), (list[key].SizeBytes, list[growing].SizeBytes));
        Assert.All(list.Values, one => Assert.InRange(one.StoredAt, before, DateTimeOffset.UtcNow.AddSeconds(1)));
    }

    [Fact]
    public async Task What_a_list_has_shown_can_be_deleted_once()
    {
        await Objects.Put(key, Text("x"), Cancel);
        await Objects.Append(ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System)), 0, Text("half"), Cancel);
        foreach (var seen in await Objects.List("", Cancel).ToListAsync(Cancel))
        {
            Assert.True(await Objects.DeleteUnchanged(seen, Cancel));
            Assert.False(await Objects.DeleteUnchanged(seen, Cancel));
        }

        Assert.Empty(await Keys(""));
    }

    [Fact]
    public async Task What_was_written_since_a_list_has_shown_it_stays()
    {
        await Objects.Put(key, Text("old"), Cancel);
        var seen = await Objects.List("", Cancel).SingleAsync(Cancel);
        await Objects.Put(key, Text("newer"), Cancel);

        Assert.False(await Objects.DeleteUnchanged(seen, Cancel));
        Assert.Equal("newer"u8.ToArray(), await Read(key));
    }

    [Fact]
    public async Task Of_a_put_and_a_deletion_of_what_was_seen_before_it_the_put_wins()
    {
        for (var round = 0; round < 100; round++)
        {
            await Objects.Put(key, Text("old"), Cancel);
            var seen = await Objects.List("", Cancel).SingleAsync(Cancel);
            await Task.WhenAll(
                Task.Run(() => Objects.Put(key, Text("newer"), Cancel), Cancel),
                Task.Run(() => Objects.DeleteUnchanged(seen, Cancel), Cancel));
            Assert.Equal("newer"u8.ToArray(), await Read(key));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("raw")]
    [InlineData("raw/")]
    [InlineData("/etc/passwd")]
    [InlineData("raw/../../x")]
    [InlineData("raw/..")]
    [InlineData("../raw/x")]
    [InlineData("raw/a~growing")]
    [InlineData("raw/a+/b")]
    [InlineData("raw/a\0b")]
    [InlineData("raw/A")]
    [InlineData("raw/a b")]
    [InlineData("raw\\..\\x")]
    [InlineData("raw/%2e%2e")]
    public async Task A_key_is_never_a_path_to_elsewhere(string hostile)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Objects.Put(new(hostile), Text("x"), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Objects.Open(new(hostile), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => Objects.Delete(new(hostile), Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => Objects.Append(new(hostile), 0, Text("x"), Cancel));
        Assert.Empty(await Keys(""));
    }

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Sha256(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private async Task<byte[]> Read(ObjectKey one)
    {
        await using var content = await Objects.Open(one, Cancel);
        Assert.NotNull(content);
        using var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        return all.ToArray();
    }

    private async Task<List<string>> Keys(string prefix)
    {
        var keys = new List<string>();
        await foreach (var one in Objects.List(prefix, Cancel))
            keys.Add(one.Key.Value);
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }
}
