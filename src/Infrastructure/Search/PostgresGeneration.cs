using System.Runtime.CompilerServices;
using System.Text;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Npgsql;

namespace EventFiles.Infrastructure.Search;

/// <summary>A generation in the database.</summary>
/// <param name="mark">The store's. Who has another may read and not write.</param>
internal sealed class PostgresGeneration(
    EventPool pool, IBesideViews beside, IProjection projection, string mark, int number, int version) : IGeneration
{
    private const int PageSize = 1000;

    public int Number => number;

    public int Version => version;

    public int LargestBatch => 100;

    public async ValueTask<long> Position(CancellationToken cancel)
    {
        await using var command = Command("select position from eventfiles.view_generations where projection = $1 and number = $2");
        return await command.ExecuteScalarAsync(cancel) as long? ?? 0;
    }

    public async ValueTask<object?[]> Load(IReadOnlyList<string> keys, CancellationToken cancel) => Array.ConvertAll(
        await Read(keys, cancel), stored => stored is null ? null : CanonicalJson.Read(projection.View, stored.Json));

    public async ValueTask<bool> Apply(ViewBatch batch, CancellationToken cancel)
    {
        await using var session = await Session.Begin(pool, projection, cancel);
        if (!await session.IsMine(mark) || await session.Do(
                "update eventfiles.view_generations set position = $4 where projection = $1 and number = $2 and position = $3",
                number, batch.From, batch.Upto) == 0)
            return false;
        if (batch.Changes.Count > 0)
        {
            var gone = batch.Changes.Where(change => change.View is null).Select(change => change.Key).ToArray();
            var kept = batch.Changes.Where(change => change.View is not null).ToArray();
            if (gone.Length > 0)
                await session.Do("delete from eventfiles.views where projection = $1 and generation = $2 and key = any($3)", number, gone);
            if (kept.Length > 0)
            {
                await session.Do(
                    """
                    insert into eventfiles.views (projection, generation, key, position, view)
                    select $1, $2, * from unnest($3, $4, $5)
                    on conflict (projection, generation, key) do update set position = excluded.position, view = excluded.view
                    """,
                    number, kept.Select(change => change.Key).ToArray(), kept.Select(change => change.Position).ToArray(),
                    kept.Select(change => CanonicalJson.Write(change.View!)).ToArray());
            }

            await Move(
                session, "delete from eventfiles.view_places p using unnest($3, $4, $5) as c (index_name, sort, key) where p.projection = $1 and p.generation = $2 and p.index_name = c.index_name and p.sort = c.sort and p.key = c.key",
                batch.Changes.SelectMany(change => change.Left.Except(change.Entered).Select(entry => (entry, change.Key))));
            await Move(
                session, "insert into eventfiles.view_places (projection, generation, index_name, sort, key) select $1, $2, * from unnest($3, $4, $5) on conflict do nothing",
                batch.Changes.SelectMany(change => change.Entered.Except(change.Left).Select(entry => (entry, change.Key))));
            await beside.Write(session.Connection, projection, number, batch.Changes, cancel);
        }

        await session.Commit();
        return true;
    }

    public void Publish()
    {
        // What is applied shows at once.
    }

    public async IAsyncEnumerable<StoredView> Views([EnumeratorCancellation] CancellationToken cancel)
    {
        for (var after = ""; ;)
        {
            var page = new List<StoredView>();
            await using (var command = Command(
                "select key, view, position from eventfiles.views where projection = $1 and generation = $2 and key > $3 order by key limit $4", after, PageSize))
            await using (var rows = await command.ExecuteReaderAsync(cancel))
            {
                while (await rows.ReadAsync(cancel))
                    page.Add(new StoredView(rows.GetString(0), await rows.GetFieldValueAsync<byte[]>(1, cancel), rows.GetInt64(2)));
            }

            foreach (var view in page)
                yield return view;
            if (page.Count < PageSize)
                yield break;
            after = page[^1].Key;
        }
    }

    public async IAsyncEnumerable<StoredPlace> Places([EnumeratorCancellation] CancellationToken cancel)
    {
        for (var after = new StoredPlace("", new Place("", "")); ;)
        {
            var page = new List<StoredPlace>();
            await using (var command = Command(
                """
                select index_name, sort, key from eventfiles.view_places
                where projection = $1 and generation = $2 and (index_name, sort, key) > ($3, $4, $5) order by index_name, sort, key limit $6
                """,
                after.Index, Encoding.UTF8.GetBytes(after.At.Sort), after.At.Key, PageSize))
            await using (var rows = await command.ExecuteReaderAsync(cancel))
            {
                while (await rows.ReadAsync(cancel))
                    page.Add(new StoredPlace(rows.GetString(0), new Place(Encoding.UTF8.GetString(await rows.GetFieldValueAsync<byte[]>(1, cancel)), rows.GetString(2))));
            }

            foreach (var place in page)
                yield return place;
            if (page.Count < PageSize)
                yield break;
            after = page[^1];
        }
    }

    public async ValueTask<StoredView?[]> Read(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var found = new Dictionary<string, StoredView>(StringComparer.Ordinal);
        if (keys.Count > 0)
        {
            await using var command = Command(
                "select key, view, position from eventfiles.views where projection = $1 and generation = $2 and key = any($3)", (object)keys.ToArray());
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
                found[rows.GetString(0)] = new StoredView(rows.GetString(0), await rows.GetFieldValueAsync<byte[]>(1, cancel), rows.GetInt64(2));
        }

        return [.. keys.Select(key => found.GetValueOrDefault(key))];
    }

    private async Task Move(Session session, string sql, IEnumerable<(IndexEntry Entry, string Key)> places)
    {
        var all = places.Distinct().ToList();
        if (all.Count == 0)
            return;
        await session.Do(
            sql, number, all.Select(one => one.Entry.Index).ToArray(), all.Select(one => Encoding.UTF8.GetBytes(one.Entry.Sort)).ToArray(),
            all.Select(one => one.Key).ToArray());
    }

    private NpgsqlCommand Command(string sql, params object[] arguments)
    {
        var command = pool.Source.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection.Name });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = number });
        foreach (var argument in arguments)
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }
}
