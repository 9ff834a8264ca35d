using EventFiles.Infrastructure.LogFiles;
using EventFiles.Infrastructure.Tests.Past;
using Npgsql;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;

namespace EventFiles.Infrastructure.Tests.LogFiles;

/// <summary>A store that lived for a while, and what becomes of its log as a file.</summary>
public sealed class LogMove(PostgresFixture postgres) : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("log-move-").FullName;
    private int files;

    public static readonly IReadOnlyList<string> Tables =
        ["public.mt_streams", "public.mt_events", "eventfiles.event_private", "eventfiles.claims", "eventfiles.passwords"];

    internal PastStore Store { get; private set; } = null!;

    private string Database => PostgresFixture.AsOwner(Store.Database.ConnectionString);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Some chunks of events, among them a life of files and folders.</summary>
    public async ValueTask InitializeAsync()
    {
        var store = Store = new PastStore(await postgres.CreateDatabase());
        var life = new RandomLife(store, 11);
        Origin.Current = new Origin(life.Owner, "a trace", "a request");
        await life.Go(60);
        var stream = $"delete-{Guid.CreateVersion7()}";
        for (var batch = 0; batch < 5; batch++)
            await store.Append(life.Owner, [.. Enumerable.Range(0, 500).Select(number => (stream, (object)new DeleteEvent.Purged(default, number)))]);
        // Numbers that nobody used, as after a roll-back; what a server notes; a password.
        await store.AsOwner(
            """
            select nextval('mt_events_sequence') from generate_series(1, 5);
            insert into mt_event_progression (name, last_seq_id) values ('Relay:All', 17), ('HighWaterMark', 40);
            insert into eventfiles.passwords (holder, hash) values ('account-1', '$argon2id$of one'), ('account-2', '$argon2id$of two');
            """);
        await Say(store, "after a gap");
        await store.AsOwner("select eventfiles.archive_stream(id, version) from (select id, version from mt_streams order by id limit 7) as few");
    }

    /// <summary>A path in a folder that goes with this.</summary>
    public string NewFile() => Path.Combine(folder, $"{++files}.ndjson");

    public async Task<string> Exported(bool withPrivate = true, long from = 1, long? upto = null)
    {
        var path = NewFile();
        await Export(path, withPrivate, from, upto);
        return path;
    }

    public async Task<LogManifest> Export(string path, bool withPrivate = true, long from = 1, long? upto = null)
    {
        await using var export = new LogExport(Database);
        return await export.Write(path, new ExportOrder(from, upto, withPrivate), null, Cancel);
    }

    internal async Task<PastStore> Empty() => new(await postgres.CreateDatabase());

    internal async Task<PastStore> Imported(string path)
    {
        var copy = await Empty();
        await using var file = File.OpenRead(path);
        await Import(file, copy);
        return copy;
    }

    internal static async Task<LogManifest> Import(Stream file, PastStore into, bool takesUnreadable = false)
    {
        var import = await LogImport.Of(file, into.Slices, takesUnreadable, null, Cancel);
        await using var owner = NpgsqlDataSource.Create(PostgresFixture.AsOwner(into.Database.ConnectionString));
        await import.Run(owner, Cancel);
        return import.Manifest;
    }

    /// <summary>The same file with another event in it, or without it, all sums right.</summary>
    /// <param name="which">The event's number, from 1.</param>
    internal static async Task<MemoryStream> Forged(string path, int which, Func<LogEvent, LogEvent?> change)
    {
        var number = 0;
        await using var file = File.OpenRead(path);
        var (reader, forged, writer) = (new LogFileReader(file), new MemoryStream(), default(LogFileWriter));
        await foreach (var chunk in reader.Chunks(Cancel))
        {
            writer ??= await LogFileWriter.Begin(forged, reader.Header!, Cancel);
            foreach (var happened in chunk.Events)
            {
                if ((++number == which ? change(happened) : happened) is { } told)
                    await writer.Add(told, Cancel);
            }

            await writer.Add(chunk.Passwords, Cancel);
        }

        await writer!.End(reader.Header!.Upto, Cancel);
        return forged;
    }

    internal static Task<Answer<Done>> Say(PastStore store, string what) => store.Append(
        new AccountId(Guid.CreateVersion7()), ($"delete-{Guid.CreateVersion7()}", new DeleteEvent.Purged(default, what.Length)));

    /// <summary>All rows, in an order of their own.</summary>
    internal static async Task<string> Rows(PastStore of, string table)
    {
        await using var command = of.Database.CreateCommand($"select coalesce(string_agg(t::text, e'\n' order by t::text collate \"C\"), '') from {table} t");
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }

    /// <summary>Of every kind of view all that there are, as whoever reads the whole log sees them.</summary>
    internal static async Task<List<string>> Views(PastStore of)
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

    /// <summary>Nothing at all, and no trace of an import.</summary>
    internal static async Task AssertIsEmpty(PastStore store)
    {
        foreach (var table in Tables)
            Assert.Equal("", await Rows(store, table));
        Assert.Equal(0, await store.Count("select count(*) from pg_tables where schemaname = 'eventfiles' and tablename like 'import%'"));
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}
