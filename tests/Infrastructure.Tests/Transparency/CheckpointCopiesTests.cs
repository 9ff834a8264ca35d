using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.Transparency;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Transparency;

/// <summary>Checkpoints lie in the object store, too, where whoever has the database need not be able to alter them.</summary>
public sealed class CheckpointCopiesTests(PostgresFixture postgres) : IDisposable
{
    private static readonly TransparencyOptions Options = TransparencyOptions.Default;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("eventfiles-copies-");
    private readonly ManualTime clock = new();

    [Fact]
    public async Task A_history_that_is_signed_again_is_found_by_the_copy_in_the_store()
    {
        await using var log = await TreeOverLog.Begin(postgres);
        using var stored = new DirectoryObjects(folder.FullName);
        await log.Write(40, "a");
        var copied = await log.Grow();
        Assert.True(await Node(log, stored).Copy(Cancel));
        await log.Write(30, "b");
        await log.Grow();
        var copies = await LogVerification.Copies(stored, Cancel).ToListAsync(Cancel);
        Assert.Equal(copied.Note, Assert.Single(copies).Note);
        Assert.Equal((true, 1), await Look(log, copies));

        await using (var database = NpgsqlDataSource.Create(log.AsOwner))
        {
            await using var superuser = await database.OpenConnectionAsync(Cancel);
            await using (var alter = new NpgsqlCommand("update mt_events set correlation_id = 'another' where seq_id = (select min(seq_id) from mt_events)", superuser))
                await alter.ExecuteNonQueryAsync(Cancel);
            await TamperTests.SignAgain(superuser);
        }

        Assert.Equal((true, 0), await Look(log, []));
        Assert.Equal((false, 0), await Look(log, copies));
    }

    [Fact]
    public async Task Of_a_period_there_is_one_copy_by_whichever_node()
    {
        await using var log = await TreeOverLog.Begin(postgres);
        using var stored = new DirectoryObjects(folder.FullName);
        var (one, other) = (Node(log, stored), Node(log, stored));
        Assert.False(await one.Copy(Cancel));
        await log.Write(5, "a");
        await log.Grow();
        Assert.True(await one.Copy(Cancel));
        await log.Write(5, "b");
        await log.Grow();
        Assert.False(await other.Copy(Cancel));
        Assert.False(await one.Copy(Cancel));

        clock.Advance(Options.CopyEvery);
        Assert.True(await other.Copy(Cancel));
        clock.Advance(Options.CopyEvery);
        // Nothing is new to who made the last one.
        Assert.False(await other.Copy(Cancel));
        Assert.Equal(2, await stored.List(ObjectKey.Checkpoints, Cancel).CountAsync(Cancel));
        Assert.Equal((true, 2), await Look(log, await LogVerification.Copies(stored, Cancel).ToListAsync(Cancel)));
    }

    [Fact]
    public async Task What_is_no_checkpoint_is_told_of()
    {
        using var stored = new DirectoryObjects(folder.FullName);
        await stored.Put(ObjectKey.Checkpoint(clock.GetUtcNow()), new MemoryStream([1, 2, 3]), Cancel);
        await Assert.ThrowsAsync<ObjectDamagedException>(async () => await LogVerification.Copies(stored, Cancel).ToListAsync(Cancel));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private CheckpointCopies Node(TreeOverLog log, DirectoryObjects stored) =>
        new(log.Store.Get<EventPool>(), stored, Options, clock, NullLogger<CheckpointCopies>.Instance);

    private static async Task<(bool IsGood, int Remembered)> Look(TreeOverLog log, IReadOnlyCollection<LogCheckpoint> copies)
    {
        await using var database = NpgsqlDataSource.Create(log.Store.ConnectionString);
        var verdict = await new LogVerification(database, TreeOverLog.Key, null).Run(copies, null, (_, _) => { }, Cancel);
        return (verdict.IsGood, verdict.Remembered);
    }
}
