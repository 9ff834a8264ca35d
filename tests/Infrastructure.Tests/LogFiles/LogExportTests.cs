using System.Text;
using EventFiles.Infrastructure.LogFiles;
using EventFiles.Infrastructure.Tests.Past;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.LogFiles;

public sealed class LogExportTests(LogMove move, PostgresFixture postgres) : IClassFixture<LogMove>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_personal_or_secret_is_only_in_a_file_that_was_asked_for_with_it()
    {
        var (without, with) = (await move.Exported(withPrivate: false), await move.Exported(withPrivate: true));
        var text = await File.ReadAllTextAsync(without, Cancel);

        Assert.DoesNotContain("zebra", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("private\":{", text, StringComparison.Ordinal);
        Assert.DoesNotContain("argon2", text, StringComparison.Ordinal);
        Assert.Contains("argon2id$of two", await File.ReadAllTextAsync(with, Cancel), StringComparison.Ordinal);
        Assert.Contains(await PrivateFields(with), fields => fields.Contains("zebra", StringComparison.Ordinal));
        Assert.All([without, with], file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_file_that_was_there_before_and_open_to_others_is_closed_to_them()
    {
        var path = move.NewFile();
        await File.WriteAllBytesAsync(path, [], Cancel);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        await move.Export(path);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task An_interrupted_export_is_continued_to_the_same_file_also_when_the_log_has_grown()
    {
        var whole = await File.ReadAllBytesAsync(await move.Exported(), Cancel);
        await LogMove.Say(move.Store, "later");
        var chance = new Random(3);
        foreach (var cut in Enumerable.Range(0, 10).Select(_ => chance.Next(200, whole.Length)).Concat([whole.Length - 1, whole.Length]))
        {
            var path = move.NewFile();
            await File.WriteAllBytesAsync(path, whole[..cut], Cancel);

            await move.Export(path);

            Assert.True((await File.ReadAllBytesAsync(path, Cancel)).SequenceEqual(whole), $"cut at {cut}");
        }
    }

    [Fact]
    public async Task Whatever_a_crash_left_behind_the_last_whole_chunk_is_written_anew()
    {
        var whole = await File.ReadAllBytesAsync(await move.Exported(), Cancel);
        var upto = whole.AsSpan().IndexOf("{\"chunk\":2"u8);
        foreach (var rest in new[] { new byte[5000], [.. "nothing\n\n{}\n"u8], [0, 10, 0] })
        {
            var path = move.NewFile();
            await File.WriteAllBytesAsync(path, [.. whole[..upto], .. rest], Cancel);

            await move.Export(path);

            Assert.Equal(whole, await File.ReadAllBytesAsync(path, Cancel));
        }
    }

    [Fact]
    public async Task An_altered_file_is_not_continued_and_not_touched()
    {
        var whole = await File.ReadAllBytesAsync(await move.Exported(), Cancel);
        var path = move.NewFile();
        whole[1000] ^= 1;
        await File.WriteAllBytesAsync(path, whole[..^100], Cancel);

        await Assert.ThrowsAsync<LogFileException>(() => move.Export(path));
        Assert.Equal(whole[..^100], await File.ReadAllBytesAsync(path, Cancel));
    }

    [Fact]
    public async Task Something_else_than_a_log_file_is_not_overwritten()
    {
        var path = move.NewFile();
        await File.WriteAllTextAsync(path, "A letter to my mother.\n", Cancel);

        Assert.Equal(LogFileException.OtherFormat, (await Assert.ThrowsAsync<LogFileException>(() => move.Export(path))).Code);
        Assert.Equal("A letter to my mother.\n", await File.ReadAllTextAsync(path, Cancel));
    }

    [Fact]
    public async Task A_file_is_not_continued_otherwise_than_it_was_begun_nor_on_another_log()
    {
        var whole = await File.ReadAllBytesAsync(await move.Exported(), Cancel);
        foreach (var length in new[] { whole.Length / 2, whole.Length })
        {
            var path = move.NewFile();
            await File.WriteAllBytesAsync(path, whole[..length], Cancel);
            await using var other = new PastStore(await postgres.CreateDatabase());
            await new RandomLife(other, 1).Go(30);
            await using var elsewhere = new LogExport(PostgresFixture.AsOwner(other.Database.ConnectionString));

            await Refused(LogTransferException.OtherOrder, () => move.Export(path, withPrivate: false));
            await Refused(LogTransferException.OtherOrder, () => move.Export(path, from: 2));
            await Refused(LogTransferException.OtherOrder, () => move.Export(path, upto: 1000));
            await Refused(LogTransferException.OtherLog, () => elsewhere.Write(path, new ExportOrder(1, null, WithPrivate: true), null, Cancel));
        }
    }

    [Fact]
    public async Task A_part_is_exported_from_one_position_to_another()
    {
        var (last, path) = ((await move.Store.Log())[^1].Position, move.NewFile());

        var manifest = await move.Export(path, from: last, upto: last);

        Assert.Equal((1L, last, last, last), (manifest.Events, manifest.First, manifest.Last, manifest.Upto));
        await Refused(LogTransferException.BeyondTheEnd, () => move.Export(move.NewFile(), upto: last + 1));
    }

    // Two that commit at the same time draw their numbers in turn.
    [Fact]
    public async Task No_transaction_is_parted_by_the_end_of_a_file()
    {
        await using var store = await move.Empty();
        await LogMove.Say(store, "before");
        await store.AsOwner(
            """
            insert into mt_streams (id, version) values ('delete-a', 3), ('delete-b', 2);
            insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp) values
                (2, gen_random_uuid(), 'delete-a', 1, '{}', 'delete.purged.v1', '2030-01-01 00:00:01Z'),
                (3, gen_random_uuid(), 'delete-b', 1, '{}', 'delete.purged.v1', '2030-01-01 00:00:02Z'),
                (4, gen_random_uuid(), 'delete-a', 2, '{}', 'delete.purged.v1', '2030-01-01 00:00:01Z'),
                (6, gen_random_uuid(), 'delete-b', 2, '{}', 'delete.purged.v1', '2030-01-01 00:00:02Z'),
                (7, gen_random_uuid(), 'delete-a', 3, '{}', 'delete.purged.v1', '2030-01-01 00:00:03Z');
            select setval('mt_events_sequence', 7);
            """);
        await using var export = new LogExport(PostgresFixture.AsOwner(store.Database.ConnectionString));

        var cuts = new List<long>();
        for (var to = 1; to <= 7; to++)
            cuts.Add((await export.Write(move.NewFile(), new ExportOrder(1, to, WithPrivate: false), null, Cancel)).Upto);

        Assert.Equal([1, 1, 1, 1, 1, 6, 7], cuts);
    }

    [Fact]
    public async Task An_export_waits_for_writers_that_may_still_commit_before_its_end()
    {
        await using var store = await move.Empty();
        await using var slow = await store.Database.OpenConnectionAsync(Cancel);
        await using var transaction = await slow.BeginTransactionAsync(Cancel);
        await using (var writes = slow.CreateCommand())
        {
            writes.CommandText =
                """
                with stream as (insert into mt_streams (id, version) values ('delete-slow', 1) returning id)
                insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
                select nextval('mt_events_sequence'), gen_random_uuid(), id, 1, '{}', 'delete.purged.v1', now() from stream
                """;
            await writes.ExecuteNonQueryAsync(Cancel);
        }

        await LogMove.Say(store, "fast");
        await using var export = new LogExport(PostgresFixture.AsOwner(store.Database.ConnectionString));
        var path = move.NewFile();
        var exporting = export.Write(path, new ExportOrder(1, null, WithPrivate: false), null, Cancel);
        await Wait.Until(() => File.Exists(path), "the export has begun");
        // It asks for the locks of writers again and again.
        await using var owner = NpgsqlDataSource.Create(PostgresFixture.AsOwner(store.Database.ConnectionString));
        await Wait.Until(
            async () =>
            {
                await using var asks = owner.CreateCommand(
                    "select count(*) from pg_stat_activity where query like '%pg_locks%' and pid <> pg_backend_pid() and datname = current_database()");
                return (long)(await asks.ExecuteScalarAsync(Cancel))! > 0;
            },
            "the export waits");
        Assert.False(exporting.IsCompleted);
        await transaction.CommitAsync(Cancel);

        var manifest = await exporting;

        Assert.Equal((2L, 1L, 2L), (manifest.Events, manifest.First, manifest.Last));
    }

    private static async Task<List<string>> PrivateFields(string path)
    {
        var all = new List<string>();
        await using var file = File.OpenRead(path);
        await foreach (var chunk in new LogFileReader(file).Chunks(Cancel))
            all.AddRange(chunk.Events.Where(happened => happened.Private is not null).Select(happened => Encoding.UTF8.GetString(happened.Private!.Fields)));
        return all;
    }

    private static async Task Refused(string code, Func<Task> export) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<LogTransferException>(export)).Code);
}
