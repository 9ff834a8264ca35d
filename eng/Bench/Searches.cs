using System.Diagnostics;
using System.Globalization;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Search;
using Npgsql;

namespace EventFiles.Bench;

/// <summary>
/// How long the index takes to find, by how much is in it: a person with a tenth of all files, or two hundred at least, looks
/// for rare words, common ones, phrases and beginnings. With EVENTFILES_LONG=1 also in a million files.
/// </summary>
internal static class Searches
{
    private const int Vocabulary = 20_000;
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(4);

    // Words of a file are drawn so that the first ones are in many files and the last ones in few, as in a language.
    private const string FillSql =
        """
        insert into eventfiles.search_rows (
            generation, file_id, owner_id, readers, tags, name, folder_id, content_type, size_bytes, modified_at, version, is_trashed, document)
        select 1, gen_random_uuid(), owner, array[owner], '{}', 'w', owner, 'text/plain', 1000, now(), 1, false, to_tsvector('simple', words)
        from (
            select lpad(to_hex(n % $3), 32, '0')::uuid as owner, string_agg('w' || floor($2 * power(random(), 3))::int, ' ') as words
            from generate_series($1::int, $1 + $4 - 1) as n, generate_series(1, 40) as word group by n) made
        """;

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        int[] sizes = Environment.GetEnvironmentVariable("EVENTFILES_LONG") is "1" ? [10_000, 100_000, 1_000_000] : [10_000, 100_000];
        var pools = new List<EventPool>();
        var all = new List<Contestant>();
        foreach (var size in sizes)
        {
            var pool = new EventPool(await arena.NewDatabase(string.Create(CultureInfo.InvariantCulture, $"search{size}"), cancel));
            pools.Add(pool);
            var owners = Math.Min(10, size / 200);
            await Fill(pool, size, owners, cancel);
            all.Add(Looking(string.Create(CultureInfo.InvariantCulture, $"search in {size:N0}"), pool, owners) with { Processes = [arena.PostgresId], IsHere = true });
        }

        return new Prepared(
            new Contest("searches/s", all, [.. all.Select(one => new TimeGoal($"{one.Name}, p95 in ms", one.Name, 0.95, AtMostMilliseconds: 50))])
            {
                Turn = Turn,
            },
            async _ =>
            {
                foreach (var pool in pools)
                    await pool.DisposeAsync();
            });
    }

    private static async Task Fill(EventPool pool, int size, int owners, CancellationToken cancel)
    {
        const int Batch = 20_000;
        await Do(pool, "insert into eventfiles.view_generations (projection, number, version, is_live, is_whole) values ('search', 1, 1, true, true)", cancel);
        for (var from = 1; from <= size; from += Batch)
        {
            await using var fill = pool.Source.CreateCommand(FillSql);
            fill.CommandTimeout = 0;
            fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = from });
            fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Vocabulary });
            fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = owners });
            fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Math.Min(Batch, size - from + 1) });
            await fill.ExecuteNonQueryAsync(cancel);
        }

        await Do(pool, "vacuum analyze eventfiles.search_rows", cancel);
    }

    private static Contestant Looking(string name, EventPool pool, int owners)
    {
        var (index, times) = (new PostgresSearchIndex(pool, "simple"), new Times());
        return new Contestant(name, (time, cancel) => Load.Run(
            2, time,
            async worker =>
            {
                var chance = Random.Shared;
                var reader = new AccountId(Guid.ParseExact(chance.Next(owners).ToString("x32", CultureInfo.InvariantCulture), "N"));
                var begun = Stopwatch.GetTimestamp();
                await index.Find(new SearchQuery(reader, [], Question(chance), []), null, 50, cancel);
                times.Add(Stopwatch.GetElapsedTime(begun));
            },
            cancel))
        {
            Times = times,
        };
    }

    private static SearchTerm[] Question(Random chance)
    {
        string Word() => string.Create(CultureInfo.InvariantCulture, $"w{(int)(Vocabulary * Math.Pow(chance.NextDouble(), 3))}");
        return chance.Next(4) switch
        {
            0 => [new([Word()], false, false)],
            1 => [new([Word()], false, false), new([Word()], false, false)],
            2 => [new([Word(), Word()], false, false)],
            _ => [new([Word()], true, false)],
        };
    }

    private static async Task Do(EventPool pool, string sql, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(sql);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancel);
    }
}
