using EventFiles.Infrastructure.LogFiles;
using EventFiles.Infrastructure.Security;
using EventFiles.Infrastructure.Transparency;
using EventFiles.Verify;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Transparency;

/// <summary>The tree follows the log, whatever is rolled back and whoever dies.</summary>
public sealed class SequencerTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly VerifierKey Trust = VerifierKey.Read(TreeOverLog.Key.VerifierKey)!;

    [Fact]
    public async Task Every_event_is_one_leaf_in_order_whatever_was_rolled_back_and_whichever_node_was_at_it()
    {
        await using var log = await TreeOverLog.Begin(postgres);
        var other = log.NewSequencer();
        await log.Write(30, "a");
        await log.Gap();
        var first = await log.Grow();
        await log.Write(280, "b");
        await log.Gap();
        await log.Gap();
        // A node that dies before its commit leaves nothing; what it held in memory counts no more.
        using (var dying = new CancellationTokenSource())
        {
            var pool = log.Store.Database;
            await using var holder = await pool.OpenConnectionAsync(Cancel);
            await using var held = await holder.BeginTransactionAsync(Cancel);
            await using (var locks = new NpgsqlCommand("select from eventfiles.log_tree for update", holder, held))
                await locks.ExecuteNonQueryAsync(Cancel);
            var waiting = other.Advance(dying.Token);
            await dying.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await log.Grow(other);
        await log.Store.Write("note-c", "said by nobody in particular");
        await log.Grow();
        await log.Store.Write("note-c", "and once more");
        var newest = await log.Grow(other);

        Assert.Equal(await log.Store.Scalar<long>("select count(*) from mt_events"), newest.Size);
        Assert.Equal(newest.Size, await log.Store.Scalar<long>("select count(*) from eventfiles.log_leaves l join mt_events e on e.seq_id = l.position and e.id = l.event_id"));
        Assert.Equal(newest.Size - 1, await log.Store.Scalar<long>("select max(leaf) from eventfiles.log_leaves"));
        Assert.True((await log.Verify()).IsGood);
        Assert.True((await log.Verify(first)).IsGood);
        var onlyNew = await log.Verify(first, onlyNew: true);
        Assert.True(onlyNew.IsGood);
        Assert.Equal(newest.Size - first.Size, onlyNew.Checked);
    }

    [Fact]
    public async Task What_the_tree_says_others_make_again_of_an_export_and_of_a_proof()
    {
        await using var log = await TreeOverLog.Begin(postgres);
        await log.Write(40, "a");
        await log.Store.Write("note-q", new EventStore.NoteCommand("", new EventStore.NoteEvent.SentTo([new("olga@example.org", 2)], "Grüße \"quoted\" \\ \u0001", default)));
        await log.Store.Write("note-long", new string('x', 70_000));
        // PostgreSQL prints them as they are, and some programs end a line there.
        await log.Store.Write("note-lines", "one\u2028two\u2029three\u0085four\u000bfive");
        var before = await log.Grow();
        await log.Write(20, "b");
        var newest = await log.Grow();
        var folder = Directory.CreateTempSubdirectory("eventfiles-proofs-");
        try
        {
            var export = Path.Combine(folder.FullName, "export.ndjson");
            await using (var exporting = new LogExport(log.Store.ConnectionString))
                await exporting.Write(export, new ExportOrder(1, null, false), null, Cancel);
            var checkpoint = Path.Combine(folder.FullName, "checkpoint");
            await File.WriteAllTextAsync(checkpoint, newest.Note, Cancel);
            var trusted = new Trusted(Trust, [], Checkpoint.Read(newest.Note));
            await Both(export, trusted, checkpoint, isGood: true);

            // One letter of one event in the file, its sums left alone: the checkpoint knows better than they do.
            var altered = Path.Combine(folder.FullName, "altered.ndjson");
            await File.WriteAllTextAsync(altered, (await File.ReadAllTextAsync(export, Cancel)).Replace("a 7\"", "a 8\"", StringComparison.Ordinal), Cancel);
            await Both(altered, trusted, checkpoint, isGood: false);
            var cut = Path.Combine(folder.FullName, "cut.ndjson");
            await File.WriteAllLinesAsync(cut, (await File.ReadAllLinesAsync(export, Cancel)).Take(30), Cancel);
            await Both(cut, trusted, checkpoint, isGood: false);

            foreach (var leaf in new[] { 0, 40, 41, 42, newest.Size - 1 })
            {
                var id = await log.Store.Scalar<Guid>("select event_id from eventfiles.log_leaves where leaf = $1", leaf);
                var proven = Assert.IsType<Inclusion.Proven>(await log.Log.Prove(id, 0, Cancel));
                var proof = Path.Combine(folder.FullName, $"{leaf}.tlog-proof");
                await File.WriteAllTextAsync(proof, proven.ToText(), Cancel);
                await Both(proof, trusted with { Remembered = null }, null, isGood: true);
                await Both(proof, new Trusted(VerifierKey.Read(LogKey.Of(new SharedSecret("another secret, of somebody else at all")).VerifierKey)!, [], null), null, isGood: false);
            }

            var growth = await log.Log.Grown(before.Size, newest, Cancel);
            Assert.True(Merkle.IsConsistent(before.Size, newest.Size, before.RootHash, newest.RootHash, growth));
            Assert.IsType<Inclusion.Unknown>(await log.Log.Prove(Guid.NewGuid(), 0, Cancel));
            var late = await log.Store.Write("note-late", "x");
            Assert.IsType<Inclusion.Pending>(await log.Log.Prove(
                await log.Store.Scalar<Guid>("select id from mt_events where seq_id = $1", late.EventPosition), 0, Cancel));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task Both(string file, Trusted trusted, string? checkpoint, bool isGood)
    {
        var verdict = Verification.Of(file, trusted);
        Assert.True(verdict.IsGood == isGood, verdict.Detail);
        var key = trusted.Log.Name == Trust.Name ? TreeOverLog.Key.VerifierKey
            : LogKey.Of(new SharedSecret("another secret, of somebody else at all")).VerifierKey;
        var (code, said) = await TreeTests.Node([file, "--key", key, .. checkpoint is null ? Array.Empty<string>() : ["--checkpoint", checkpoint]]);
        Assert.True(code == (isGood ? 0 : 1), said);
    }
}
