using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Search;

/// <summary>Who was given which folder, beside the views that tell it.</summary>
internal sealed class SearchFolderRows(EventPool pool) : IBesideViews
{
    public async Task Write(
        NpgsqlConnection within, IProjection projection, int generation, IReadOnlyList<ViewChange> changes, CancellationToken cancel)
    {
        if (projection.View != typeof(SearchFolderView))
            return;
        await using (var remove = new NpgsqlCommand(
            "delete from eventfiles.search_folders where generation = $1 and folder_id = any($2)", within))
        {
            remove.Parameters.Add(new NpgsqlParameter<int> { TypedValue = generation });
            remove.Parameters.Add(new NpgsqlParameter<Guid[]>
            {
                TypedValue = [.. changes.Where(change => change.View is null).Select(change => Guid.Parse(change.Key))],
            });
            await remove.ExecuteNonQueryAsync(cancel);
        }

        var kept = changes.Where(change => change.View is not null)
            .Select(change => (Folder: Guid.Parse(change.Key), View: (SearchFolderView)change.View!)).ToList();
        await using var write = new NpgsqlCommand(
            """
            insert into eventfiles.search_folders (generation, folder_id, parent_id, readers)
            select $1, r.folder_id, r.parent_id, r.readers::uuid[] from unnest($2, $3, $4) as r (folder_id, parent_id, readers)
            on conflict (generation, folder_id) do update set parent_id = excluded.parent_id, readers = excluded.readers
            """,
            within);
        write.Parameters.Add(new NpgsqlParameter<int> { TypedValue = generation });
        write.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. kept.Select(one => one.Folder)] });
        write.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. kept.Select(one => one.View.Parent.Value)] });
        // Arrays of arrays must be of one length in PostgreSQL: these travel as texts.
        write.Parameters.Add(new NpgsqlParameter
        {
            Value = kept.Select(one => $"{{{string.Join(',', one.View.Grantees)}}}").ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
        await write.ExecuteNonQueryAsync(cancel);
    }

    public async Task Sweep(IProjection projection, CancellationToken cancel)
    {
        if (projection.View != typeof(SearchFolderView))
            return;
        await using var command = pool.Source.CreateCommand(
            "delete from eventfiles.search_folders where generation <> all (select number from eventfiles.view_generations where projection = $1)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection.Name });
        command.CommandTimeout = 0; // A whole generation takes what it takes.
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>Several that keep something beside views, each of its own.</summary>
internal sealed class AllBesideViews(params IReadOnlyList<IBesideViews> all) : IBesideViews
{
    public async Task Write(
        NpgsqlConnection within, IProjection projection, int generation, IReadOnlyList<ViewChange> changes, CancellationToken cancel)
    {
        foreach (var one in all)
            await one.Write(within, projection, generation, changes, cancel);
    }

    public async Task Sweep(IProjection projection, CancellationToken cancel)
    {
        foreach (var one in all)
            await one.Sweep(projection, cancel);
    }
}
