using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ReadModels;
using Npgsql;
using NpgsqlTypes;

namespace EventFiles.Infrastructure.Search;

/// <summary>What is searched in, of each view of a file.</summary>
/// <param name="language">A text search configuration of the server's: <c>simple</c>, <c>german</c>.</param>
internal sealed class SearchRows(EventPool pool, string language) : IBesideViews
{
    /// <summary>
    /// Whoever writes rows has a share of this lock, whoever keeps a text has it alone: a row that is made while its text comes
    /// has it in any order.
    /// </summary>
    public const long Lock = 0x5EA2C4;

    private const string WriteSql =
        """
        insert into eventfiles.search_rows (
            generation, file_id, owner_id, readers, tags, name, folder_id, content_type, size_bytes, modified_at, version, is_trashed,
            text_key, document)
        select $1, r.file_id, r.owner_id, r.readers::uuid[], r.tags::uuid[], r.name, r.folder_id, r.content_type, r.size_bytes,
            r.modified_at, r.version, r.is_trashed, r.text_key,
            setweight(to_tsvector($2::text::regconfig, r.name), 'A') || coalesce((
                select to_tsvector($2::text::regconfig, t.folded) from eventfiles.search_texts t
                where t.file_id = r.file_id and t.version = r.version), '')
        from unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) as r (
            file_id, owner_id, readers, tags, name, folder_id, content_type, size_bytes, modified_at, version, is_trashed, text_key)
        on conflict (generation, file_id) do update set
            owner_id = excluded.owner_id, readers = excluded.readers, tags = excluded.tags, name = excluded.name,
            folder_id = excluded.folder_id, content_type = excluded.content_type, size_bytes = excluded.size_bytes,
            modified_at = excluded.modified_at, version = excluded.version, is_trashed = excluded.is_trashed,
            text_key = excluded.text_key, document = excluded.document
        """;

    public async Task Write(
        NpgsqlConnection within, IProjection projection, int generation, IReadOnlyList<ViewChange> changes, CancellationToken cancel)
    {
        if (projection.View != typeof(SearchView))
            return;
        await using var share = new NpgsqlCommand("select pg_advisory_xact_lock_shared($1)", within);
        share.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Lock });
        await share.ExecuteNonQueryAsync(cancel);

        var gone = changes.Where(change => change.View is null).Select(change => Guid.Parse(change.Key)).ToArray();
        if (gone.Length > 0)
        {
            // There is no way back from a deletion: its text goes in whatever generation it is heard of first.
            await using var remove = new NpgsqlCommand(
                """
                with texts as (delete from eventfiles.search_texts where file_id = any($2))
                delete from eventfiles.search_rows where generation = $1 and file_id = any($2)
                """,
                within);
            remove.Parameters.Add(new NpgsqlParameter<int> { TypedValue = generation });
            remove.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = gone });
            await remove.ExecuteNonQueryAsync(cancel);
        }

        var kept = changes.Select(change => change.View).OfType<SearchView>().ToList();
        if (kept.Count == 0)
            return;
        await using var write = new NpgsqlCommand(WriteSql, within);
        write.Parameters.Add(new NpgsqlParameter<int> { TypedValue = generation });
        write.Parameters.Add(new NpgsqlParameter<string> { TypedValue = language });
        Add(write, NpgsqlDbType.Uuid, kept, view => view.File.Value);
        Add(write, NpgsqlDbType.Uuid, kept, view => view.Owner.Value);
        // Arrays of arrays must be of one length in PostgreSQL: these travel as texts.
        Add(write, NpgsqlDbType.Text, kept, view => Ids(view.Grantees.Prepend(view.Owner.Value)));
        Add(write, NpgsqlDbType.Text, kept, view => Ids(view.Tags.Select(one => one.Value)));
        Add(write, NpgsqlDbType.Text, kept, view => SearchFold.Of(view.Name));
        Add(write, NpgsqlDbType.Uuid, kept, view => view.Folder.Value);
        Add(write, NpgsqlDbType.Text, kept, view => view.ContentType);
        Add(write, NpgsqlDbType.Bigint, kept, view => view.SizeBytes);
        Add(write, NpgsqlDbType.TimestampTz, kept, view => view.ModifiedAt.UtcDateTime);
        Add(write, NpgsqlDbType.Integer, kept, view => view.Version);
        Add(write, NpgsqlDbType.Boolean, kept, view => view.IsTrashed);
        Add(write, NpgsqlDbType.Text, kept, view => view.CurrentText()?.Value);
        await write.ExecuteNonQueryAsync(cancel);
    }

    public async Task Sweep(IProjection projection, CancellationToken cancel)
    {
        if (projection.View != typeof(SearchView))
            return;
        await using var command = pool.Source.CreateCommand(
            "delete from eventfiles.search_rows where generation <> all (select number from eventfiles.view_generations where projection = $1)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = projection.Name });
        command.CommandTimeout = 0; // A whole generation takes what it takes.
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static string Ids(IEnumerable<Guid> ids) => $"{{{string.Join(',', ids)}}}";

    private static void Add<TValue>(NpgsqlCommand command, NpgsqlDbType type, List<SearchView> views, Func<SearchView, TValue> of) =>
        command.Parameters.Add(new NpgsqlParameter { Value = views.Select(of).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });
}
