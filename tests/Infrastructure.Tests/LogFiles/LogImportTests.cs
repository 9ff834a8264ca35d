using EventFiles.Infrastructure.LogFiles;
using EventFiles.Infrastructure.Tests.Past;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.LogFiles;

public sealed class LogImportTests(LogMove move) : IClassFixture<LogMove>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_exported_is_imported_as_the_very_same_log()
    {
        await using var copy = await move.Imported(await move.Exported());

        foreach (var table in LogMove.Tables)
            Assert.Equal(await LogMove.Rows(move.Store, table), await LogMove.Rows(copy, table));
        Assert.NotEqual("", await LogMove.Rows(copy, "eventfiles.claims"));
        Assert.Equal(17, await copy.Count("select last_seq_id from mt_event_progression where name = 'Relay:All'"));
        Assert.Equal(0, await copy.Count("select count(*) from pg_tables where schemaname = 'eventfiles' and tablename like 'import%'"));
        Assert.Equal(await LogMove.Views(move.Store), await LogMove.Views(copy));

        var last = (await move.Store.Log())[^1].Position;
        Assert.Equal(last + 1, Assert.IsType<Answer<Done>.Yes>(await LogMove.Say(copy, "and on")).Position);
        Assert.Equal(last + 1, Assert.IsType<Answer<Done>.Yes>(await LogMove.Say(move.Store, "and on")).Position);
    }

    [Fact]
    public async Task What_was_imported_is_exported_as_the_very_same_file()
    {
        var file = await move.Exported();
        await using var copy = await move.Imported(file);
        await using var export = new LogExport(PostgresFixture.AsOwner(copy.Database.ConnectionString));
        var again = move.NewFile();

        await export.Write(again, new ExportOrder(1, null, WithPrivate: true), null, Cancel);

        var (one, other) = (await File.ReadAllBytesAsync(file, Cancel), await File.ReadAllBytesAsync(again, Cancel));
        Assert.True(one.SequenceEqual(other));
    }

    [Fact]
    public async Task Without_private_values_the_log_is_the_same_and_reads_as_if_erased()
    {
        await using var copy = await move.Imported(await move.Exported(withPrivate: false));

        Assert.Equal(await LogMove.Rows(move.Store, "public.mt_events"), await LogMove.Rows(copy, "public.mt_events"));
        Assert.Equal(0, await copy.Count("select count(*) from eventfiles.event_private"));
        Assert.Equal(0, await copy.Count("select count(*) from eventfiles.claims"));
        Assert.Equal(0, await copy.Count("select count(*) from eventfiles.passwords"));
        Assert.Matches(
            @"^(\[erased\])+$",
            string.Concat((await copy.Log()).Select(happened => happened.Fact.GetType().GetProperty("Name")?.GetValue(happened.Fact) as string)));
    }

    [Fact]
    public async Task Only_an_empty_store_is_filled_and_only_from_the_beginning_of_a_log()
    {
        await using var file = File.OpenRead(await move.Exported());
        Assert.Equal(
            LogTransferException.StoreNotEmpty,
            (await Assert.ThrowsAsync<LogTransferException>(() => LogMove.Import(file, move.Store))).Code);
        await using var part = File.OpenRead(await move.Exported(from: 100));
        await using var copy = await move.Empty();
        Assert.Equal(
            LogTransferException.NotFromTheBeginning,
            (await Assert.ThrowsAsync<LogTransferException>(() => LogMove.Import(part, copy))).Code);

        // A server that ran and was told nothing leaves a note of it.
        await copy.AsOwner("insert into mt_event_progression (name, last_seq_id) values ('HighWaterMark', 0), ('Relay:All', 0)");
        await LogMove.Import(file, copy);
    }

    [Fact]
    public async Task What_is_in_order_and_yet_no_log_leaves_nothing_behind()
    {
        await using var copy = await move.Empty();
        var file = await move.Exported();

        await Refused(LogFileException.UnknownEvent, 5, 4, happened => happened with { Type = "delete.forgotten.v1" });
        await Refused(LogFileException.UnknownEvent, 5, 4, happened => happened with { Data = "[]"u8.ToArray() });
        await Refused(LogFileException.Disordered, 1200, 1198, _ => null);
        // The second chunk begins at line 1003: by then the first one is stored.
        await Refused(LogFileException.Disordered, 1003, 1001, _ => null);
        await Refused(LogFileException.UnknownEvent, 1003, 1500, happened => happened with { Data = "{\"objects\": 1, \"more\": \"\\u0000\"}"u8.ToArray() });

        // And the file as it was is still taken.
        await using var right = File.OpenRead(file);
        await LogMove.Import(right, copy);

        async Task Refused(string code, long line, int which, Func<LogEvent, LogEvent?> change)
        {
            var forged = await LogMove.Forged(file, which, change);
            var refused = await Assert.ThrowsAsync<LogFileException>(() => LogMove.Import(forged, copy));
            Assert.Equal((code, line), (refused.Code, refused.Line));
            await LogMove.AssertIsEmpty(copy);
        }
    }

    [Fact]
    public async Task What_the_log_held_and_nobody_can_read_is_taken_as_it_is_by_whoever_says_so()
    {
        await using var copy = await move.Empty();
        var broken = await LogMove.Forged(await move.Exported(), 4, happened => happened with { Data = "[7]"u8.ToArray() });
        var unknown = await LogMove.Forged(await move.Exported(), 4, happened => happened with { Type = "delete.forgotten.v1" });
        await Assert.ThrowsAsync<LogFileException>(() => LogMove.Import(unknown, copy, takesUnreadable: true));
        await Assert.ThrowsAsync<LogFileException>(() => LogMove.Import(broken, copy));

        await LogMove.Import(broken, copy, takesUnreadable: true);

        Assert.Equal(1, await copy.Count("select count(*) from mt_events where data = '[7]'"));
    }

    [Fact]
    public async Task A_file_that_was_cut_off_leaves_nothing_behind()
    {
        await using var copy = await move.Empty();
        var whole = await File.ReadAllBytesAsync(await move.Exported(), Cancel);
        foreach (var length in new[] { 0, 100, whole.Length / 2, whole.Length - 1 })
        {
            var refused = await Assert.ThrowsAsync<LogFileException>(() => LogMove.Import(new MemoryStream(whole[..length]), copy));
            Assert.Equal((LogFileException.CutOff, whole.AsSpan(0, length).Count((byte)'\n') + 1L), (refused.Code, refused.Line));
        }

        await LogMove.AssertIsEmpty(copy);
    }

    [Fact]
    public async Task An_import_that_was_killed_goes_on_with_the_next_chunk()
    {
        var (file, other) = (await move.Exported(), await move.Exported(withPrivate: false));
        await using var copy = await move.Empty();
        // Its connection ends in the middle of the third chunk: what PostgreSQL sees of a client that is killed.
        await copy.AsOwner(
            """
            create function public.end_here() returns trigger language plpgsql as
                'begin perform pg_terminate_backend(pg_backend_pid()); return new; end';
            create trigger end_here before insert on mt_events for each row when (new.seq_id = 2500) execute function end_here();
            """);
        await using var bytes = File.OpenRead(file);
        await Assert.ThrowsAnyAsync<Npgsql.NpgsqlException>(() => LogMove.Import(bytes, copy));
        await copy.AsOwner("drop trigger end_here on mt_events; drop function end_here()");

        Assert.Equal(2000, await copy.Count("select count(*) from mt_events"));
        Assert.True(await LogImport.IsUnfinished(copy.Database, Cancel));
        await using (var another = File.OpenRead(other))
        {
            Assert.Equal(
                LogTransferException.OtherImport,
                (await Assert.ThrowsAsync<LogTransferException>(() => LogMove.Import(another, copy))).Code);
        }

        await LogMove.Import(bytes, copy);

        Assert.False(await LogImport.IsUnfinished(copy.Database, Cancel));
        foreach (var table in LogMove.Tables)
            Assert.Equal(await LogMove.Rows(move.Store, table), await LogMove.Rows(copy, table));
    }

    [Fact]
    public async Task A_log_that_is_a_part_of_a_whole_counts_when_the_rest_is_there_and_its_work_is_asked_for_again()
    {
        await using var file = File.OpenRead(await move.Exported());
        await using var copy = await move.Empty();
        await using var owner = NpgsqlDataSource.Create(PostgresFixture.AsOwner(copy.Database.ConnectionString));
        var import = await LogImport.Of(file, copy.Slices, takesUnreadable: false, null, Cancel);

        await Assert.ThrowsAsync<TimeoutException>(() => import.Run(owner, Cancel, new ImportedWhole("one", _ => throw new TimeoutException())));
        Assert.True(await LogImport.IsUnfinished(owner, Cancel));
        // Neither another whole nor the log alone may end it.
        foreach (var other in new[] { new ImportedWhole("other", _ => Task.CompletedTask), null })
        {
            Assert.Equal(
                LogTransferException.OtherImport,
                (await Assert.ThrowsAsync<LogTransferException>(() => import.Run(owner, Cancel, other))).Code);
        }

        var isFilled = false;
        await import.Run(owner, Cancel, new ImportedWhole("one", async _ => isFilled = await LogImport.IsUnfinished(owner, Cancel)));
        Assert.True(isFilled);
        Assert.False(await LogImport.IsUnfinished(owner, Cancel));
        Assert.Equal(await LogMove.Rows(move.Store, "public.mt_events"), await LogMove.Rows(copy, "public.mt_events"));
        Assert.Equal(0, await copy.Count("select count(*) from mt_event_progression where name = 'Relay:All'"));
    }

    [Fact]
    public async Task An_empty_log_is_a_file_too()
    {
        await using var nothing = await move.Empty();
        await using var export = new LogExport(PostgresFixture.AsOwner(nothing.Database.ConnectionString));
        var path = move.NewFile();
        Assert.Equal(0, (await export.Write(path, new ExportOrder(1, null, WithPrivate: true), null, Cancel)).Events);

        await using var copy = await move.Imported(path);

        Assert.Equal(1, Assert.IsType<Answer<Done>.Yes>(await LogMove.Say(copy, "the first")).Position);
    }
}
