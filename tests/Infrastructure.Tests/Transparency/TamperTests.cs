using System.Globalization;
using EventFiles.Infrastructure.Transparency;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.Transparency;

/// <summary>A superuser alters what stands. Whatever it is, it is found, and the first leaf that is not what it was is named.</summary>
public sealed class TamperTests(PostgresFixture postgres)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVENTFILES_LONG") is { Length: > 0 };

    // The first so many events; those behind them have private values.
    private const int WithoutPrivate = 250;

    private delegate Task<(long First, bool IsExact, bool NeedsMemory)> Alteration(NpgsqlConnection superuser, Random random, long size);

    private static readonly Alteration[] Alterations = [Flip, FlipTile, Drop, Insert, Reorder, CutTail, CutSigned, RollBack, Fork, FlipNote, SwapLeaves, FlipPrivate, DropPrivate];

    [Fact]
    public async Task Whatever_a_superuser_alters_is_found_and_the_first_bad_index_named()
    {
        await using var log = await TreeOverLog.Begin(postgres);
        await log.Write(150, "a");
        await log.Gap();
        await log.Write(WithoutPrivate - 150, "b");
        await log.Gap();
        var early = await log.Grow();
        await log.Send(90, "c");
        var remembered = await log.Grow();
        Assert.True((await log.Verify(remembered)).IsGood);

        await using var database = NpgsqlDataSource.Create(log.AsOwner);
        await using var superuser = await database.OpenConnectionAsync();
        var random = new Random(20261127);
        for (var round = 0; round < (IsLong ? 1000 : 60); round++)
        {
            await using var transaction = await superuser.BeginTransactionAsync();
            var alter = Alterations[round % Alterations.Length];
            var (first, isExact, needsMemory) = await alter(superuser, random, remembered.Size);
            var found = await Look(log, superuser, needsMemory ? remembered : null);
            var what = string.Create(CultureInfo.InvariantCulture, $"round {round}, {alter.Method.Name} at {first}: {found}");
            Assert.False(found.IsGood, what);
            if (isExact)
                Assert.True(found.FirstBadIndex == first, what);
            else
                Assert.True(found.FirstBadIndex <= first && first < (found.Upto ?? long.MaxValue), what);
            // Without what somebody remembers elsewhere a history that is signed again looks like any other.
            if (needsMemory)
            {
                Assert.True((await Look(log, superuser, null)).IsGood, what);
                Assert.False((await Look(log, superuser, remembered)).IsGood, what);
            }

            await transaction.RollbackAsync();
        }

        Assert.True((await Look(log, superuser, remembered)).IsGood);
        Assert.True((await Look(log, superuser, early)).IsGood);
    }

    private static Task<LogVerdict> Look(TreeOverLog log, NpgsqlConnection connection, LogCheckpoint? remembered) =>
        LogVerification.Run(connection, TreeOverLog.Key, log.Beside, remembered is null ? [] : [remembered], null, (_, _) => { }, CancellationToken.None);

    private static async Task<(long, bool, bool)> Flip(NpgsqlConnection superuser, Random random, long size)
    {
        var leaf = random.NextInt64(size);
        string[] changes =
        [
            """data = jsonb_set(data, '{text}', to_jsonb(coalesce(data->>'text', '') || '!'))""", """data = jsonb_set(data, '{remark}', '"x"')""", "actor", "timestamp = timestamp + interval '1 microsecond'",
            "type = 'notes.titled.v1'", "tenant_id = 'x'", "correlation_id = 'x'", "causation_id = 'x'", "id = gen_random_uuid()", """headers = '{"via": "x"}'""",
            "version = version + 1000", "stream_id = (select s.id from mt_streams s where s.id <> stream_id order by s.id limit 1), version = version + 2000",
        ];
        var change = changes[random.Next(changes.Length)];
        await Do(superuser, $"update mt_events set {(change == "actor" ? "user_name = 'x'" : change)} where seq_id = {await Position(superuser, leaf)}");
        return (leaf, true, false);
    }

    private static async Task<(long, bool, bool)> FlipTile(NpgsqlConnection superuser, Random random, long size)
    {
        var leaf = random.NextInt64(size);
        var at = ((leaf % 256) * 32) + random.Next(32);
        await Do(superuser, $"update eventfiles.log_tiles set hashes = set_byte(hashes, {at}, get_byte(hashes, {at}) # 1) where level = 0 and number = {leaf / 256}");
        return (leaf, true, false);
    }

    private static async Task<(long, bool, bool)> Drop(NpgsqlConnection superuser, Random random, long size)
    {
        var leaf = random.NextInt64(size);
        await Do(superuser, $"delete from mt_events where seq_id = {await Position(superuser, leaf)}");
        return (leaf, true, false);
    }

    // Into a number that was drawn and never used.
    private static async Task<(long, bool, bool)> Insert(NpgsqlConnection superuser, Random random, long size)
    {
        var gap = await Ask(superuser, """
            select n from generate_series(1, (select position from eventfiles.log_tree)) n
            where n not in (select seq_id from mt_events) order by random() limit 1
            """);
        var like = await Position(superuser, random.NextInt64(size));
        await Do(superuser, $"""
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, tenant_id)
            select {gap}, gen_random_uuid(), stream_id, version + 5000, data, type, timestamp, tenant_id from mt_events where seq_id = {like}
            """);
        return (await Ask(superuser, $"select count(*) from mt_events where seq_id < {gap}"), true, false);
    }

    private static async Task<(long, bool, bool)> Reorder(NpgsqlConnection superuser, Random random, long size)
    {
        var (one, other) = (random.NextInt64(size - 1), random.NextInt64(size));
        other = one == other ? one + 1 : other;
        var (at, there) = (await Position(superuser, one), await Position(superuser, other));
        await Do(superuser, $"""
            update mt_events set seq_id = -1 where seq_id = {at};
            update mt_events set seq_id = {at} where seq_id = {there};
            update mt_events set seq_id = {there} where seq_id = -1;
            """);
        return (Math.Min(one, other), true, false);
    }

    private static async Task<(long, bool, bool)> CutTail(NpgsqlConnection superuser, Random random, long size)
    {
        var left = size - random.NextInt64(1, 50);
        await Do(superuser, $"delete from mt_events where seq_id > {await Position(superuser, left - 1)}");
        return (left, true, false);
    }

    // The tree says less, and what was signed says that there was more.
    private static async Task<(long, bool, bool)> CutSigned(NpgsqlConnection superuser, Random random, long size)
    {
        var left = size - random.NextInt64(1, 50);
        var position = await Position(superuser, left - 1);
        await Do(superuser, $"delete from mt_events where seq_id > {position}; update eventfiles.log_tree set size = {left}, position = {position}");
        return (left, true, false);
    }

    // With the key: everything is made to fit a shorter history.
    private static async Task<(long, bool, bool)> RollBack(NpgsqlConnection superuser, Random random, long size)
    {
        var left = size - random.NextInt64(1, 50);
        await Do(superuser, $"delete from mt_events where seq_id > {await Position(superuser, left - 1)}");
        await SignAgain(superuser);
        return (left, true, true);
    }

    // With the key: everything is made to fit another history. Of an event with private values these may tell that it is another.
    private static async Task<(long, bool, bool)> Fork(NpgsqlConnection superuser, Random random, long size)
    {
        var (leaf, _, _) = await Flip(superuser, random, WithoutPrivate);
        await SignAgain(superuser);
        return (leaf, false, true);
    }

    private static async Task<(long, bool, bool)> FlipNote(NpgsqlConnection superuser, Random random, long size)
    {
        await Do(superuser, $"update eventfiles.log_checkpoints set note = replace(note, substring(note from '\n([A-Za-z0-9+/]{{43}}=)\n'), '{Convert.ToBase64String(new byte[32])}') where size = {size}");
        return (size - 1, false, false);
    }

    // Tree and events are whole, and proofs of two of them lead to each other's.
    private static async Task<(long, bool, bool)> SwapLeaves(NpgsqlConnection superuser, Random random, long size)
    {
        var (one, other) = (random.NextInt64(size - 1), random.NextInt64(size));
        other = one == other ? one + 1 : other;
        await Do(superuser, $"""
            update eventfiles.log_leaves set leaf = -1 where leaf = {one};
            update eventfiles.log_leaves set leaf = {one} where leaf = {other};
            update eventfiles.log_leaves set leaf = {other} where leaf = -1;
            """);
        return (Math.Min(one, other), true, false);
    }

    // What is read then is another's, or another text, or less.
    private static async Task<(long, bool, bool)> FlipPrivate(NpgsqlConnection superuser, Random random, long size)
    {
        var leaf = await PrivateLeaf(superuser, random);
        string[] changes =
        [
            """fields = convert_to(jsonb_set(convert_from(fields, 'UTF8')::jsonb, '{/remark}', '"!"')::text, 'UTF8')""",
            """fields = convert_to((convert_from(fields, 'UTF8')::jsonb - '/remark')::text, 'UTF8')""",
            """fields = convert_to((convert_from(fields, 'UTF8')::jsonb || '{"/more": "!"}')::text, 'UTF8')""",
            "fields = set_byte(fields, 0, 1)", "salt = set_byte(salt, 3, get_byte(salt, 3) # 1)", "tenant_id = 'x'",
            "fields = (select o.fields from eventfiles.event_private o where o.seq_id <> p.seq_id order by o.seq_id limit 1)",
        ];
        await Do(superuser, $"update eventfiles.event_private p set {changes[random.Next(changes.Length)]} where seq_id = {await Position(superuser, leaf)}");
        return (leaf, true, false);
    }

    // Read, it would look as if somebody had been erased.
    private static async Task<(long, bool, bool)> DropPrivate(NpgsqlConnection superuser, Random random, long size)
    {
        var leaf = await PrivateLeaf(superuser, random);
        await Do(superuser, $"delete from eventfiles.event_private where seq_id = {await Position(superuser, leaf)}");
        return (leaf, true, false);
    }

    private static async Task<long> PrivateLeaf(NpgsqlConnection superuser, Random random)
    {
        var skip = random.Next((int)await Ask(superuser, "select count(*) from eventfiles.event_private"));
        return await Ask(superuser, string.Create(CultureInfo.InvariantCulture, $"""
            select l.leaf from eventfiles.log_leaves l join eventfiles.event_private p on p.seq_id = l.position order by l.leaf offset {skip} limit 1
            """));
    }

    internal static async Task SignAgain(NpgsqlConnection superuser)
    {
        var (tree, leaves) = (new GrowingTree(), new List<SequencedLeaf>());
        await using (var command = new NpgsqlCommand($"select {PublicEvent.Columns} from mt_events e order by e.seq_id", superuser))
        {
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                leaves.Add(new SequencedLeaf(tree.Size, rows.GetInt64(0), rows.GetGuid(1)));
                tree.Append(MerkleHash.Leaf(PublicEvent.Leaf(rows)));
            }
        }

        await Do(superuser, "delete from eventfiles.log_tiles; delete from eventfiles.log_leaves; delete from eventfiles.log_checkpoints");
        await TreeRows.Keep(superuser, tree.Changed(), CancellationToken.None);
        await TreeRows.Keep(superuser, leaves, CancellationToken.None);
        var note = SignedNote.Sign(SignedNote.Checkpoint(TreeOverLog.Key.Origin, tree.Size, tree.Root()), TreeOverLog.Key);
        await TreeRows.Move(
            superuser, tree.Size, leaves[^1].Position, [new LogCheckpoint(tree.Size, tree.Root(), note)], DateTimeOffset.UnixEpoch, CancellationToken.None);
    }

    private static Task<long> Position(NpgsqlConnection superuser, long leaf) =>
        Ask(superuser, string.Create(CultureInfo.InvariantCulture, $"select position from eventfiles.log_leaves where leaf = {leaf}"));

    private static async Task<long> Ask(NpgsqlConnection superuser, string sql)
    {
        await using var command = new NpgsqlCommand(sql, superuser);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private static async Task Do(NpgsqlConnection superuser, string sql)
    {
        await using var command = new NpgsqlCommand(sql, superuser);
        await command.ExecuteNonQueryAsync();
    }
}
