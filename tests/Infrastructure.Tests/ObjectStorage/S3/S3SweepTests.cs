using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

public sealed class S3SweepTests(PostgresFixture postgres, S3Fixture s3) : S3Tests(postgres, s3)
{
    private static readonly TimeSpan Old = TimeSpan.FromHours(1);

    private readonly ObjectKey key = NewKey();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_killed_put_left_goes_and_what_may_be_alive_stays(bool isLarge)
    {
        Assert.Null(await Objects.Open(key, Cancel));
        var write = Guid.CreateVersion7();
        await Node.Sql(
            $"insert into eventfiles.object_writes (write, key, state, is_large) values ('{write}', '{key}', 'writing', {isLarge})");
        await Leave(write, isLarge);

        Assert.Equal(0, await Node.Sweep.Sweep(Old, Old, Cancel));
        Assert.Equal((isLarge ? 0 : 1, isLarge ? 1 : 0), await Left());
        Assert.Empty(await Objects.List("", Cancel).ToListAsync(Cancel));

        await Node.Sql("update eventfiles.object_writes set stored_at = now() - interval '61 min'");
        Assert.Equal(1, await Node.Sweep.Sweep(Old, Old, Cancel));
        Assert.Equal((0, 0), await Left());
        Assert.Equal(0L, await Node.Sql("select count(*) from eventfiles.object_writes"));
    }

    // The request of a put that failed may arrive when nobody waits for it any more.
    [Fact]
    public async Task What_arrives_after_its_put_was_given_up_goes_too()
    {
        await Assert.ThrowsAsync<IOException>(
            () => Objects.Put(key, new Dribble(new byte[9 << 20], breaks: true), Cancel));
        var write = (Guid)(await Node.Sql("select write from eventfiles.object_writes where state = 'doomed'"))!;
        await Leave(write, isLarge: false);
        Assert.Empty(await Objects.List("", Cancel).ToListAsync(Cancel));

        Assert.Equal(1, await Node.Sweep.Sweep(TimeSpan.Zero, Old, Cancel));

        Assert.Equal((0, 0), await Left());
        Assert.Equal(0L, await Node.Sql("select count(*) from eventfiles.object_writes"));
    }

    [Fact]
    public async Task Who_was_taken_for_dead_gets_no_yes()
    {
        await Objects.Put(key, new MemoryStream([1, 2, 3]), Cancel);
        var (reached, proceed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = Objects.Put(key, new Pausing(new byte[18 << 20], 17 << 20, reached, proceed.Task), Cancel);
        await Wait.For(reached.Task);
        await Wait.Until(
            async () => await Node.Sql("select count(*) from eventfiles.object_writes where multipart is not null") is 1L, "parts are sent");

        Assert.Equal(1, await Another().Sweep.Sweep(TimeSpan.Zero, Old, Cancel));
        proceed.SetResult();

        await Assert.ThrowsAnyAsync<Exception>(() => slow);
        Assert.Equal([1, 2, 3], await Read(Objects, key));
        Assert.Equal((1, 0), await Left());
    }

    [Fact]
    public async Task Parts_of_which_no_row_tells_go_when_they_are_old()
    {
        Assert.Null(await Objects.Open(key, Cancel));
        await Leave(Guid.CreateVersion7(), isLarge: true);
        Assert.Equal(0, await Node.Sweep.Sweep(Old, Old, Cancel));
        Assert.Equal((0, 1), await Left());

        Assert.Equal(1, await Node.Sweep.Sweep(Old, TimeSpan.FromMinutes(-1), Cancel));

        Assert.Equal((0, 0), await Left());
    }

    // Of a database that was restored to an earlier day.
    [Fact]
    public async Task An_object_that_no_row_tells_of_is_shown_and_can_be_deleted()
    {
        await Objects.Put(key, new MemoryStream([1]), Cancel);
        var other = NewKey();
        var file = ObjectKey.Variant(NewId.Of<FileId>(TimeProvider.System), 1, "thumbnail");
        foreach (var one in (ObjectKey[])[key, other, file])
            await Leave(Guid.CreateVersion7(), isLarge: false, one);
        Assert.Equal(0, await Node.Sweep.Sweep(TimeSpan.Zero, TimeSpan.Zero, Cancel));
        Assert.Equal(4, (await Objects.List("", Cancel).ToListAsync(Cancel)).Count);

        var seen = await Objects.List("processed/", Cancel).SingleAsync(Cancel);
        Assert.Equal((file, 3L), (seen.Key, seen.SizeBytes));
        Assert.False(await Objects.DeleteUnchanged(seen with { SizeBytes = 4 }, Cancel));
        Assert.True(await Objects.DeleteUnchanged(seen, Cancel));
        Assert.False(await Objects.DeleteUnchanged(seen, Cancel));
        await Objects.Delete(other, Cancel);
        await Objects.Delete(key, Cancel);
        Assert.Equal((0, 0), await Left());
    }

    [Fact]
    public async Task What_somebody_else_put_into_the_bucket_is_shown_by_its_name()
    {
        await Objects.Put(key, new MemoryStream([1]), Cancel);
        using var bytes = new Spool();
        await Node.Calls.Put(Node.Names.Beginning("raw/readme.txt"), bytes, Cancel);

        Assert.Equal(
            [key.Value, "raw/readme.txt"],
            (await Objects.List("raw/", Cancel).Select(one => one.Key.Value).ToListAsync(Cancel)).Order(StringComparer.Ordinal));
    }

    // The row says that it is there, and it is not.
    [Fact]
    public async Task An_object_whose_bytes_are_gone_is_not_listed_and_not_opened()
    {
        await Objects.Put(key, new MemoryStream([1]), Cancel);
        await Node.Calls.Delete(Assert.Single(await Node.NamesInBucket()), Cancel);

        Assert.Null(await Objects.Open(key, Cancel));
        Assert.Empty(await Objects.List("", Cancel).ToListAsync(Cancel));
    }

    private async Task<(int Names, int Unfinished)> Left() => ((await Node.NamesInBucket()).Count, await Node.Unfinished());

    private async Task Leave(Guid write, bool isLarge, ObjectKey? of = null)
    {
        var name = Node.Names.Of(of ?? key, write);
        using var bytes = new Spool();
        await bytes.Fill(new MemoryStream([1, 2, 3]), 3, null, Cancel);
        if (isLarge)
            await Node.Calls.PutPart(name, await Node.Calls.Begin(name, Cancel), 1, bytes, Cancel);
        else
            await Node.Calls.Put(name, bytes, Cancel);
    }
}
