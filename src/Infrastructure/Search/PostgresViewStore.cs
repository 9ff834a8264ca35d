using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Npgsql;

namespace EventFiles.Infrastructure.Search;

/// <summary>
/// Views in the database, in generations like any others, for projections that are asked in more ways than by key and index.
/// Beside them stands what follows from each view alone: see <see cref="IBesideViews"/>.
/// </summary>
/// <param name="settings">What views are made with besides events. With others they are made anew.</param>
internal sealed class PostgresViewStore(EventPool pool, IBesideViews beside, string settings = "") : IViewStore
{
    private readonly string mark = Guid.NewGuid().ToString("N");

    public bool IsShared => true;

    public async Task<Generations> Open(IProjection projection, CancellationToken cancel)
    {
        await using var session = await Session.Begin(pool, projection, cancel);
        var former = await session.Text(
            """
            with former as (select settings from eventfiles.view_stores where projection = $1 for update),
            mine as (
                insert into eventfiles.view_stores (projection, writer, last_number, settings) values ($1, $2, 0, $3)
                on conflict (projection) do update set writer = $2, settings = $3)
            select settings from former
            """,
            mark, settings);
        if (former is not null && former != settings)
            await session.Do("delete from eventfiles.view_generations where projection = $1");
        await session.Do(
            """
            with next as (
                update eventfiles.view_stores set last_number = last_number + 1
                where projection = $1 and not exists (select from eventfiles.view_generations where projection = $1 and is_live)
                returning last_number)
            insert into eventfiles.view_generations (projection, number, version, is_live) select $1, last_number, $2, true from next
            """,
            projection.Version);
        var all = await session.Generations(this);
        await session.Commit();
        await Sweep(projection, cancel);
        var (live, isWhole) = all.First(one => one.IsLive) switch { var one => (one.Generation, one.IsWhole) };
        return new Generations(live, isWhole, all.FirstOrDefault(one => !one.IsLive).Generation);
    }

    public async Task<bool> Complete(IProjection projection, IGeneration live, CancellationToken cancel)
    {
        await using var session = await Session.Begin(pool, projection, cancel);
        var isDone = await session.IsMine(mark) && await session.Do(
            "update eventfiles.view_generations set is_whole = true where projection = $1 and number = $2 and is_live", live.Number) == 1;
        await session.Commit();
        return isDone;
    }

    public async Task<IGeneration> BeginShadow(IProjection projection, CancellationToken cancel)
    {
        await using (var session = await Session.Begin(pool, projection, cancel))
        {
            if (await session.IsMine(mark))
                return await BeginShadow(session, projection, cancel);
            if (await session.Text("select writer from eventfiles.view_stores where projection = $1") is not null)
                throw new InvalidOperationException("Another node writes these views.");
        }

        // Whoever asks before anybody has opened anything opens it.
        await Open(projection, cancel);
        return await BeginShadow(projection, cancel);
    }

    public async Task<bool> Switch(IProjection projection, IGeneration shadow, CancellationToken cancel)
    {
        await using (var session = await Session.Begin(pool, projection, cancel))
        {
            if (!await session.IsMine(mark) || await session.Text(
                    "select 'there' from eventfiles.view_generations where projection = $1 and number = $2 and not is_live", shadow.Number) is null)
                return false;
            await session.Do("delete from eventfiles.view_generations where projection = $1 and is_live");
            await session.Do("update eventfiles.view_generations set is_live = true, is_whole = true where projection = $1");
            await session.Commit();
        }

        await Sweep(projection, cancel);
        return true;
    }

    public async Task DropShadow(IProjection projection, CancellationToken cancel)
    {
        await using (var session = await Session.Begin(pool, projection, cancel))
        {
            if (await session.IsMine(mark))
                await session.Do("delete from eventfiles.view_generations where projection = $1 and not is_live");
            await session.Commit();
        }

        await Sweep(projection, cancel);
    }

    public async Task<IReadOnlyList<Standing>> Look(IReadOnlyList<IProjection> projections, CancellationToken cancel)
    {
        var found = new Dictionary<string, Standing>(StringComparer.Ordinal);
        await using var command = pool.Source.CreateCommand(
            "select projection, number, version, position, is_whole from eventfiles.view_generations where is_live and projection = any($1)");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. projections.Select(one => one.Name)] });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            found[rows.GetString(0)] = new Standing(rows.GetInt32(1), rows.GetInt32(2), rows.GetInt64(3), rows.GetBoolean(4));
        return [.. projections.Select(one => found.GetValueOrDefault(one.Name))];
    }

    public async ValueTask<TView?> Find<TView>(IProjection projection, string key, CancellationToken cancel)
        where TView : class => (await Find<TView>(projection, [key], cancel))[0];

    public async ValueTask<IReadOnlyList<TView?>> Find<TView>(IProjection projection, IReadOnlyList<string> keys, CancellationToken cancel)
        where TView : class
    {
        await using var command = pool.Source.CreateCommand(
            """
            select v.view from eventfiles.view_generations g
            cross join unnest($2) with ordinality as wanted (key, at)
            left join eventfiles.views v on v.projection = g.projection and v.generation = g.number and v.key = wanted.key
            where g.projection = $1 and g.is_live and g.is_whole order by wanted.at
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection.Name });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. keys] });
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = new List<TView?>(keys.Count);
        while (await rows.ReadAsync(cancel))
        {
            found.Add(await rows.IsDBNullAsync(0, cancel)
                ? null : (TView)CanonicalJson.Read(typeof(TView), await rows.GetFieldValueAsync<byte[]>(0, cancel)));
        }

        return found.Count == keys.Count ? found : throw new BeingBuiltException(projection.Name);
    }

    public async ValueTask<Listing<TView>> List<TView>(
        IProjection projection, string index, Place? after, int limit, bool descending, CancellationToken cancel)
        where TView : class
    {
        var (beyond, order) = descending ? ("<", "desc") : (">", "asc");
        // In one look: places and views of one moment. The row that says whether it is whole comes always.
        await using var command = pool.Source.CreateCommand(
            $"""
            select p.sort, p.key, v.view
            from eventfiles.view_generations g
            left join lateral (
                select sort, key from eventfiles.view_places
                where projection = $1 and generation = g.number and index_name = $2
                  {(after is null ? "" : $"and (sort, key) {beyond} ($4, $5)")}
                order by sort {order}, key {order} limit $3) p on true
            left join eventfiles.views v on v.projection = $1 and v.generation = g.number and v.key = p.key
            where g.projection = $1 and g.is_live and g.is_whole
            order by p.sort {order}, p.key {order}
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = index });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit + 1 });
        if (after is { } from)
        {
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = System.Text.Encoding.UTF8.GetBytes(from.Sort) });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = from.Key });
        }

        await using var rows = await command.ExecuteReaderAsync(cancel);
        var (isWhole, views, last, isMore) = (false, new List<TView>(), default(Place), false);
        while (await rows.ReadAsync(cancel))
        {
            isWhole = true;
            if (await rows.IsDBNullAsync(0, cancel))
                break;
            if (views.Count == limit)
            {
                isMore = true;
                break;
            }

            last = new Place(System.Text.Encoding.UTF8.GetString(await rows.GetFieldValueAsync<byte[]>(0, cancel)), rows.GetString(1));
            if (!await rows.IsDBNullAsync(2, cancel))
                views.Add((TView)CanonicalJson.Read(typeof(TView), await rows.GetFieldValueAsync<byte[]>(2, cancel)));
        }

        return isWhole ? new Listing<TView>(views, isMore ? last : null) : throw new BeingBuiltException(projection.Name);
    }

    internal PostgresGeneration Generation(IProjection projection, int number, int version) =>
        new(pool, beside, projection, mark, number, version);

    private async Task<IGeneration> BeginShadow(Session session, IProjection projection, CancellationToken cancel)
    {
        await session.Do("delete from eventfiles.view_generations where projection = $1 and not is_live");
        await session.Do("update eventfiles.view_stores set last_number = last_number + 1 where projection = $1");
        await session.Do(
            """
            insert into eventfiles.view_generations (projection, number, version, is_live)
            select $1, last_number, $2, false from eventfiles.view_stores where projection = $1
            """,
            projection.Version);
        var all = await session.Generations(this);
        await session.Commit();
        await Sweep(projection, cancel);
        return all.First(one => !one.IsLive).Generation;
    }

    // Readers do not see what belongs to no generation, so it may go later, and by whoever comes by.
    private async Task Sweep(IProjection projection, CancellationToken cancel)
    {
        foreach (var table in new[] { "eventfiles.views", "eventfiles.view_places" })
        {
            await using var command = pool.Source.CreateCommand(
                $"delete from {table} t where projection = $1 and generation <> all (select number from eventfiles.view_generations where projection = $1)");
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection.Name });
            command.CommandTimeout = 0; // A whole generation takes what it takes.
            await command.ExecuteNonQueryAsync(cancel);
        }

        await beside.Sweep(projection, cancel);
    }
}

/// <summary>What is kept beside views and follows from each view alone.</summary>
internal interface IBesideViews
{
    /// <summary>Writes what follows from these changes, in the transaction that writes the views.</summary>
    Task Write(NpgsqlConnection within, IProjection projection, int generation, IReadOnlyList<ViewChange> changes, CancellationToken cancel);

    /// <summary>Removes what belongs to generations that are gone.</summary>
    Task Sweep(IProjection projection, CancellationToken cancel);
}
