using System.Text;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.LogFiles;
using EventFiles.Infrastructure.Tests.Past;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Infrastructure.Tests.LogFiles;

/// <summary>A log of some chunks, as a file and back.</summary>
public sealed class LogFileTests(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("log-file-").FullName;
    private PastStore store = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        store = new PastStore(await postgres.CreateDatabase());
        var life = new RandomLife(store, 11);
        Origin.Current = new Origin(life.Owner, "a trace", "a request");
        await life.Go(40);
        var stream = $"delete-{Guid.CreateVersion7()}";
        for (var batch = 0; batch < 5; batch++)
            await store.Append(life.Owner, [.. Enumerable.Range(0, 500).Select(number => (stream, (object)new DeleteEvent.Purged(default, number)))]);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_was_exported_is_imported_as_the_very_same_log()
    {
        await AsOwner(Database, "insert into mt_event_progression (name, last_seq_id) values ('Relay:All', 17)");
        var file = await Exported(withPersonal: true);
        await using var copy = await Imported(file);

        foreach (var table in new[] { "public.mt_streams", "public.mt_events", "eventfiles.event_private", "eventfiles.claims" })
            Assert.Equal(await Rows(store, table), await Rows(copy, table));
        Assert.Equal(17, await copy.Count("select last_seq_id from mt_event_progression where name = 'Relay:All'"));
        Assert.Equal(0, await copy.Count("select count(*) from pg_tables where schemaname = 'eventfiles' and tablename like 'import%'"));
        Assert.Equal(await Views(store), await Views(copy));

        var last = (await store.Log())[^1].Position;
        var appended = await copy.Append(new AccountId(Guid.CreateVersion7()), ($"delete-{Guid.CreateVersion7()}", new DeleteEvent.Purged(default, 0)));
        Assert.True(((Answer<Done>.Yes)appended).Position > last);
    }

    [Fact]
    public async Task Without_personal_values_the_file_holds_commitments_only_and_is_read_as_erased()
    {
        var file = await Exported(withPersonal: false);
        var text = await File.ReadAllTextAsync(file, Cancel);
        Assert.DoesNotContain("zebra", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("private\":{", text, StringComparison.Ordinal);
        Assert.Contains("zebra", await File.ReadAllTextAsync(await Exported(withPersonal: true), Cancel) + await Names(store), StringComparison.OrdinalIgnoreCase);

        await using var copy = await Imported(file);

        Assert.Equal(await Rows(store, "public.mt_events"), await Rows(copy, "public.mt_events"));
        Assert.Equal(0, await copy.Count("select count(*) from eventfiles.event_private"));
        Assert.Equal(0, await copy.Count("select count(*) from eventfiles.claims"));
        Assert.Matches(@"^(\[erased\])+$", await Names(copy));
    }

    [Fact]
    public async Task An_interrupted_export_is_continued_to_the_same_file()
    {
        var whole = await File.ReadAllBytesAsync(await Exported(withPersonal: true), Cancel);
        var chance = new Random(3);
        foreach (var cut in Enumerable.Range(0, 10).Select(_ => chance.Next(whole.Length)).Concat([0, 1, whole.Length - 1, whole.Length]))
        {
            var path = Path.Combine(folder, $"cut at {cut}");
            await File.WriteAllBytesAsync(path, whole[..cut], Cancel);
            await using var export = new LogExport(Database);

            await export.Write(path, new ExportOrder(1, WithPersonal: true), null, Cancel);

            var continued = await File.ReadAllBytesAsync(path, Cancel);
            Assert.True(whole.AsEnumerable().SequenceEqual(continued), $"cut at {cut}");
        }
    }

    [Fact]
    public async Task An_altered_file_is_not_continued_and_not_touched()
    {
        var whole = await File.ReadAllBytesAsync(await Exported(withPersonal: true), Cancel);
        var path = Path.Combine(folder, "altered");
        whole[1000] ^= 1;
        await File.WriteAllBytesAsync(path, whole[..^100], Cancel);
        await using var export = new LogExport(Database);

        await Assert.ThrowsAsync<LogFileException>(() => export.Write(path, new ExportOrder(1, WithPersonal: true), null, Cancel));
        Assert.Equal(whole[..^100], await File.ReadAllBytesAsync(path, Cancel));
    }

    [Fact]
    public async Task A_file_is_not_continued_otherwise_than_it_was_begun_nor_on_another_log()
    {
        var whole = await File.ReadAllBytesAsync(await Exported(withPersonal: true), Cancel);
        var path = Path.Combine(folder, "half");
        await File.WriteAllBytesAsync(path, whole[..(whole.Length / 2)], Cancel);
        await using var export = new LogExport(Database);
        await using var other = new PastStore(await postgres.CreateDatabase());
        await new RandomLife(other, 1).Go(30);
        await using var elsewhere = new LogExport(PostgresFixture.AsOwner(other.Database.ConnectionString));

        await Assert.ThrowsAsync<LogTransferException>(() => export.Write(path, new ExportOrder(1, WithPersonal: false), null, Cancel));
        await Assert.ThrowsAsync<LogTransferException>(() => export.Write(path, new ExportOrder(2, WithPersonal: true), null, Cancel));
        await Assert.ThrowsAsync<LogTransferException>(() => elsewhere.Write(path, new ExportOrder(1, WithPersonal: true), null, Cancel));
    }

    [Fact]
    public async Task A_flipped_bit_is_found_and_its_line_named_before_anything_is_written()
    {
        var whole = await File.ReadAllBytesAsync(await Exported(withPersonal: true), Cancel);
        await using var copy = new PastStore(await postgres.CreateDatabase());
        await using var import = Import(copy);
        var chance = new Random(5);
        for (var flip = 0; flip < 25; flip++)
        {
            var at = chance.Next(whole.Length);
            whole[at] ^= (byte)(1 << chance.Next(8));
            var line = whole.AsSpan(0, at).Count((byte)'\n') + 1;

            var refused = await Assert.ThrowsAsync<LogFileException>(() => import.Run(new MemoryStream(whole), null, Cancel));

            // A newline that came or went makes another line of it.
            Assert.InRange(refused.Line, line, line + 1);
            whole = await File.ReadAllBytesAsync(Path.Combine(folder, "True.ndjson"), Cancel);
        }

        Assert.Equal(0, await copy.Count("select count(*) from mt_events"));
        Assert.Equal(0, await copy.Count("select count(*) from pg_tables where schemaname = 'eventfiles' and tablename like 'import%'"));
    }

    [Fact]
    public async Task Lines_that_are_cut_off_missing_moved_added_or_forged_are_found()
    {
        var lines = await File.ReadAllLinesAsync(await Exported(withPersonal: true), Cancel);
        var secondEnd = Array.FindIndex(lines, line => line.StartsWith("{\"chunk\":2", StringComparison.Ordinal));
        var firstEnd = Array.FindIndex(lines, line => line.StartsWith("{\"chunk\":1", StringComparison.Ordinal));
        await using var copy = new PastStore(await postgres.CreateDatabase());
        await using var import = Import(copy);

        await Refused(1, []);
        await Refused(lines.Length - 1, lines[..^1]);
        await Refused(secondEnd, lines[..secondEnd]);
        await Refused(firstEnd, [.. lines[..9], .. lines[10..]]);
        await Refused(11, [.. lines[..9], lines[10], lines[9], .. lines[11..]]);
        await Refused(11, [.. lines[..10], lines[9], .. lines[10..]]);
        await Refused(secondEnd - firstEnd + firstEnd + 1, [.. lines[..(secondEnd + 1)], lines[secondEnd], .. lines[(secondEnd + 1)..]]);
        await Refused(firstEnd + 1, [.. lines[..9], Forged(lines[9]), .. lines[10..]]);
        await Refused(lines.Length + 1, [.. lines, lines[^1]]);
        await Refused(null, [.. lines[..(firstEnd + 1)], .. lines[(secondEnd + 1)..]]);
        await Refused(1, lines[1..]);
        Assert.Equal(0, await copy.Count("select count(*) from mt_events"));

        async Task Refused(long? line, string[] altered)
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(altered.Select(one => one + "\n")));
            var refused = await Assert.ThrowsAsync<LogFileException>(() => import.Run(new MemoryStream(bytes), null, Cancel));
            if (line is { } named)
                Assert.Equal(named, refused.Line);
        }
    }

    [Fact]
    public async Task Only_an_empty_store_is_filled_and_only_from_the_beginning_of_a_log()
    {
        await using var import = Import(store);
        await Assert.ThrowsAsync<LogTransferException>(async () =>
            await import.Run(new MemoryStream(await File.ReadAllBytesAsync(await Exported(withPersonal: true), Cancel)), null, Cancel));

        var part = new MemoryStream();
        await using var export = new LogExport(Database);
        var manifest = await export.Write(part, new ExportOrder(100, WithPersonal: true), null, Cancel);
        Assert.Equal(100, manifest.First);
        part.Position = 0;
        await using var copy = new PastStore(await postgres.CreateDatabase());
        await using var empty = Import(copy);
        await Assert.ThrowsAsync<LogTransferException>(() => empty.Run(part, null, Cancel));
    }

    [Fact]
    public async Task An_import_that_was_killed_goes_on_with_the_next_chunk()
    {
        var bytes = await File.ReadAllBytesAsync(await Exported(withPersonal: true), Cancel);
        await using var copy = new PastStore(await postgres.CreateDatabase());
        // Its connection ends in the middle of the third chunk: what PostgreSQL sees of a client that is killed.
        await AsOwner(
            copy.Database.ConnectionString,
            """
            create function public.end_here() returns trigger language plpgsql as
                'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
            create trigger end_here before insert on mt_events for each row when (new.seq_id = 2500) execute function end_here();
            """);
        await using (var killed = Import(copy))
            await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => killed.Run(new MemoryStream(bytes), null, Cancel));
        await AsOwner(copy.Database.ConnectionString, "drop trigger end_here on mt_events");

        Assert.Equal(2000, await copy.Count("select count(*) from mt_events"));
        Assert.True(await LogImport.IsUnfinished(copy.Database, Cancel));
        await using (var other = Import(copy))
            await Assert.ThrowsAsync<LogTransferException>(async () => await other.Run(File.OpenRead(await Exported(withPersonal: false)), null, Cancel));

        await using var again = Import(copy);
        await again.Run(new MemoryStream(bytes), null, Cancel);

        Assert.False(await LogImport.IsUnfinished(copy.Database, Cancel));
        foreach (var table in new[] { "public.mt_streams", "public.mt_events", "eventfiles.event_private", "eventfiles.claims" })
            Assert.Equal(await Rows(store, table), await Rows(copy, table));
    }

    [Fact]
    public async Task An_export_waits_for_writers_that_may_still_commit_before_its_end()
    {
        await using var other = new PastStore(await postgres.CreateDatabase());
        await using var slow = await other.Database.OpenConnectionAsync(Cancel);
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

        await other.Append(new AccountId(Guid.CreateVersion7()), ($"delete-{Guid.CreateVersion7()}", new DeleteEvent.Purged(default, 0)));
        await using var export = new LogExport(PostgresFixture.AsOwner(other.Database.ConnectionString));
        var exporting = export.Write(new MemoryStream(), new ExportOrder(1, WithPersonal: false), null, Cancel);
        await transaction.CommitAsync(Cancel);

        var manifest = await exporting;

        Assert.Equal((2, 1, 2), (manifest.Events, manifest.First, manifest.Last));
    }

    [Fact]
    public async Task An_empty_log_is_a_file_too()
    {
        await using var nothing = new PastStore(await postgres.CreateDatabase());
        await using var export = new LogExport(PostgresFixture.AsOwner(nothing.Database.ConnectionString));
        var file = new MemoryStream();
        await export.Write(file, new ExportOrder(1, WithPersonal: true), null, Cancel);
        await using var copy = new PastStore(await postgres.CreateDatabase());
        await using var import = Import(copy);
        file.Position = 0;

        Assert.Equal(0, (await import.Run(file, null, Cancel)).Events);
        await copy.Append(new AccountId(Guid.CreateVersion7()), ($"delete-{Guid.CreateVersion7()}", new DeleteEvent.Purged(default, 0)));
    }

    private string Database => PostgresFixture.AsOwner(store.Database.ConnectionString);

    private static Task AsOwner(string connectionString, string sql) => PostgresFixture.AsOwner(connectionString, sql);

    private static LogImport Import(PastStore into) => new(PostgresFixture.AsOwner(into.Database.ConnectionString), into.Slices);

    // The line as somebody would forge it who knows the sums of lines.
    private static string Forged(string line)
    {
        var text = line[..line.LastIndexOf(",\"sum\"", StringComparison.Ordinal)] + "}";
        return Encoding.UTF8.GetString(LogFile.Seal(Encoding.UTF8.GetBytes(text.Replace("\"version\":", "\"version\": ", StringComparison.Ordinal)))).TrimEnd('\n');
    }

    private async Task<string> Exported(bool withPersonal)
    {
        var path = Path.Combine(folder, $"{withPersonal}.ndjson");
        await using var export = new LogExport(Database);
        await export.Write(path, new ExportOrder(1, withPersonal), null, Cancel);
        return path;
    }

    private async Task<PastStore> Imported(string path)
    {
        var copy = new PastStore(await postgres.CreateDatabase());
        await using var import = Import(copy);
        await using var file = File.OpenRead(path);
        await import.Run(file, null, Cancel);
        return copy;
    }

    private static async Task<string> Rows(PastStore of, string table)
    {
        await using var command = of.Database.CreateCommand($"select coalesce(string_agg(t::text, e'\n' order by t::text collate \"C\"), '') from {table} t");
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private static async Task<string> Names(PastStore of) => string.Concat((await of.Log())
        .Select(happened => happened.Fact.GetType().GetProperty("Name")?.GetValue(happened.Fact) as string));

    // Of every kind of view all that there are, as whoever reads the whole log sees them.
    private static async Task<List<string>> Views(PastStore of)
    {
        var log = await of.Log();
        var views = new List<string>();
        foreach (var projection in of.Slices.All.SelectMany(slice => slice.Projections))
        {
            var told = new Told(projection);
            foreach (var happened in log.Where(one => projection.Facts.Contains(one.Fact.GetType())))
                told.Take(happened);
            views.AddRange(told.Keys.Order(StringComparer.Ordinal).Select(key => $"{projection.Name} {key} {told.Find(key)}"));
        }

        return views;
    }
}
