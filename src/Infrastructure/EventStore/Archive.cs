using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.EventStore;

/// <summary>
/// Follows the log for facts with which streams end, notes the streams, and archives each when the grace has passed and
/// its decider says that it is over. One that is not over yet stays noted and is asked again.
/// </summary>
internal sealed partial class Archive : IArchive
{
    private const string Checkpoint = "Archive";
    private const int PageSize = 500;

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    private const string NoteSql =
        """
        insert into eventfiles.endings (stream_id, ending, at) select * from unnest($1, $2, $3)
        on conflict (stream_id, ending) do nothing
        """;

    private const string DueSql =
        """
        select e.stream_id, e.ending, coalesce(s.version, 0), coalesce(s.is_archived, true)
        from eventfiles.endings e left join public.mt_streams s on s.id = e.stream_id
        where e.at <= $1 and (e.stream_id, e.ending) > ($2, $3) order by e.stream_id, e.ending limit $4
        """;

    private readonly EventPool pool;
    private readonly IEventFeed feed;
    private readonly EventReader reader;
    private readonly ICheckpoints checkpoints;
    private readonly StateCache memory;
    private readonly TimeProvider clock;
    private readonly ILogger<Archive> log;
    private readonly Dictionary<string, Ending> endings;
    private readonly HashSet<Type> facts;

    public Archive(
        EventPool pool, IEventFeed feed, EventReader reader, ICheckpoints checkpoints, StateCache memory, EventTypes types,
        Slices slices, TimeProvider clock, ILogger<Archive> log)
    {
        (this.pool, this.feed, this.reader, this.checkpoints) = (pool, feed, reader, checkpoints);
        (this.memory, this.clock, this.log) = (memory, clock, log);
        endings = slices.All
            .SelectMany(slice => slice.Endings.GroupBy(ending => types.Of(ending.Fact).Name, StringComparer.Ordinal)
                .SelectMany(same => same.Select((ending, at) => (Name: NameOf(slice, same.Key, at), ending))))
            .ToDictionary(one => one.Name, one => one.ending, StringComparer.Ordinal);
        facts = [.. endings.Values.Select(ending => ending.Fact)];
    }

    public async IAsyncEnumerable<string> Run(
        TimeSpan grace, bool isDryRun, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Note(cancel);
        var (until, after, done) = (clock.GetUtcNow() - grace, new Noted("", "", 0, false), "");
        while (true)
        {
            var page = await Due(until, after, cancel);
            foreach (var noted in page)
            {
                if (string.Equals(noted.Stream, done, StringComparison.Ordinal))
                    continue; // by another fact
                // One that was never begun, or is archived already.
                if (noted.IsGone)
                    await Forget(noted, cancel);
                else if (await IsOver(noted, cancel) && (isDryRun || await ArchiveOne(noted, cancel)))
                    yield return done = noted.Stream;
            }

            if (page.Count < PageSize)
                yield break;
            after = page[^1];
        }
    }

    // First the notes, then the checkpoint: after a crash in between they are taken again.
    private async Task Note(CancellationToken cancel)
    {
        var (position, last) = (await checkpoints.Load(Checkpoint, cancel), await feed.Last(cancel));
        while (position < last)
        {
            var page = await feed.After(position, PageSize, facts, LongestLook, cancel);
            if (page.Upto == position)
                continue;
            var ended = page.Events
                .SelectMany(happened => endings
                    .Where(ending => ending.Value.Fact == happened.Fact.GetType())
                    .Select(ending => (Stream: ending.Value.Stream(happened), ending.Key, happened.At)))
                .Where(one => one.Stream is not null)
                .ToList();
            await using (var command = pool.Source.CreateCommand(NoteSql))
            {
                AddEach(command, NpgsqlDbType.Text, ended.ConvertAll(one => one.Stream!));
                AddEach(command, NpgsqlDbType.Text, ended.ConvertAll(one => one.Key));
                AddEach(command, NpgsqlDbType.TimestampTz, ended.ConvertAll(one => one.At));
                await command.ExecuteNonQueryAsync(cancel);
            }

            if (!await checkpoints.Move(Checkpoint, position, page.Upto, cancel))
                return; // another node is at it
            position = page.Upto;
        }
    }

    private async Task<List<Noted>> Due(DateTimeOffset until, Noted after, CancellationToken cancel)
    {
        var page = new List<Noted>();
        await using var command = pool.Source.CreateCommand(DueSql);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = until });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after.Stream });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = after.Ending });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = PageSize });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            page.Add(new Noted(rows.GetString(0), rows.GetString(1), rows.GetInt64(2), rows.GetBoolean(3)));
        return page;
    }

    // From the log, and past the memory: what is over needs no place there.
    private async Task<bool> IsOver(Noted noted, CancellationToken cancel)
    {
        // A newer program may have noted it.
        if (!endings.TryGetValue(noted.Ending, out var ending))
            return false;
        var (state, version) = (ending.Life.Initial, 0L);
        try
        {
            await foreach (var happened in reader.Stream(noted.Stream, 0, cancel))
                (state, version) = (ending.Life.Evolve(state, happened.Fact), happened.Version);
        }
        catch (Exception why) when (why is not NpgsqlException && !cancel.IsCancellationRequested)
        {
            Unread(log, why, noted.Stream);
            return false;
        }

        return version == noted.Version && ending.Life.IsOver(state);
    }

    private async Task<bool> ArchiveOne(Noted noted, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand("select eventfiles.archive_stream($1, $2)");
        command.Parameters.Add(new NpgsqlParameter { Value = noted.Stream, NpgsqlDbType = NpgsqlDbType.Varchar });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = noted.Version });
        var isArchived = (bool)(await command.ExecuteScalarAsync(cancel))!;
        if (isArchived)
            memory.Forget(noted.Stream);
        return isArchived;
    }

    private async Task Forget(Noted noted, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand("delete from eventfiles.endings where stream_id = $1 and ending = $2");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = noted.Stream });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = noted.Ending });
        await command.ExecuteNonQueryAsync(cancel);
    }

    // One fact may end several of a slice's streams. The names are stored: the first is as ever, and further ones are counted.
    private static string NameOf(Slice slice, string fact, int at) => at == 0 ? $"{slice.Name} {fact}" : $"{slice.Name} {fact} {at + 1}";

    private static void AddEach<T>(NpgsqlCommand command, NpgsqlDbType type, List<T> values) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type });

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream} cannot be read, and so it is not archived")]
    private static partial void Unread(ILogger log, Exception why, string stream);

    private sealed record Noted(string Stream, string Ending, long Version, bool IsGone);
}
