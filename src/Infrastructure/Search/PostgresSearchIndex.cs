using System.Globalization;
using System.Text;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Infrastructure.Search;

/// <summary>Searches with PostgreSQL's own text search: one index over who may read, what fits and which tags are on it.</summary>
internal sealed class PostgresSearchIndex(EventPool pool, string language) : ISearchIndex
{
    // So many are ranked at most: what has more hits is a bad question, and its answer comes in time nevertheless.
    private const int Ranked = 2000;

    // Further in, a text is not looked at for what a hit is shown with.
    private const int ShownLetters = 64 * 1024;

    // PostgreSQL keeps a megabyte of positions for each document.
    private const int FoldedLetters = 320 * 1024;

    public bool IsStemming => language != "simple";

    public async Task<IReadOnlyList<SearchHit>> Find(SearchQuery query, SearchHit? after, int limit, CancellationToken cancel)
    {
        var where = new StringBuilder();
        await using var command = pool.Source.CreateCommand();
        string Parameter<TValue>(TValue value)
        {
            command.Parameters.Add(new NpgsqlParameter<TValue> { TypedValue = value });
            return string.Create(CultureInfo.InvariantCulture, $"${command.Parameters.Count}");
        }

        void And(string condition) => where.Append(" and ").Append(condition);

        var readers = Parameter<Guid[]>([query.Reader.Value, .. query.Groups.Select(one => one.Value)]);
        And(query.IsTrashed ? $"r.is_trashed and r.owner_id = {Parameter(query.Reader.Value)}" : "not r.is_trashed");
        var rank = "0::real";
        if (query.Terms.Count > 0)
        {
            var asked = $"to_tsquery({Parameter(language)}::text::regconfig, {Parameter(Text(query.Terms))})";
            And(query.Tags.Count == 0
                ? $"r.document @@ {asked}"
                : $"(r.document @@ {asked} or r.tags && {Parameter<Guid[]>([.. query.Tags.Select(tag => tag.Value)])})");
            rank = $"ts_rank(r.document, {asked})";
        }

        if (query.Tag is { } tag)
            And($"r.tags @> {Parameter<Guid[]>([tag.Value])}");
        if (query.Owner is { } owner)
            And($"r.owner_id = {Parameter(owner.Value)}");
        if (query.Folders is { } folders)
            And($"r.folder_id = any({Parameter<Guid[]>([.. folders.Select(one => one.Value)])})");
        if (query.Type is { } type)
            And(type.Contains('/', StringComparison.Ordinal) ? $"r.content_type = {Parameter(type)}" : $"starts_with(r.content_type, {Parameter(type + "/")})");
        if (query.MinBytes is { } min)
            And($"r.size_bytes >= {Parameter(min)}");
        if (query.MaxBytes is { } max)
            And($"r.size_bytes <= {Parameter(max)}");
        if (query.ModifiedFrom is { } from)
            And($"r.modified_at >= {Parameter(from.UtcDateTime)}");
        if (query.ModifiedBefore is { } before)
            And($"r.modified_at < {Parameter(before.UtcDateTime)}");
        // Ids bear the time at which a file began: of equally good ones the newer come first. Folders that were given to the
        // reader are found with all below them in the same question; whoever was given none pays for the look alone.
        command.CommandText =
            $"""
            with recursive given as (
                select f.folder_id from eventfiles.search_folders f
                where f.generation = ({Live(SearchFolderView.Projection)}) and f.readers && {readers}
                union
                select f.folder_id from eventfiles.search_folders f join given g on f.parent_id = g.folder_id
                where f.generation = ({Live(SearchFolderView.Projection)}))
            select file_id, rank from (
                (select r.file_id, {rank} as rank from eventfiles.search_rows r
                where r.generation = ({Live(SearchView.Projection)}) and r.readers && {readers}{where}
                limit {Ranked})
                union
                (select r.file_id, {rank} as rank from eventfiles.search_rows r
                where exists (select from given) and r.folder_id = any(array(select folder_id from given))
                    and r.generation = ({Live(SearchView.Projection)}){where}
                limit {Ranked})) found
            {(after is { } last ? $"where (rank, file_id) < ({Parameter(last.Rank)}, {Parameter(last.File.Value)})" : "")}
            order by rank desc, file_id desc limit {Parameter(limit)}
            """;
        var hits = new List<SearchHit>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            hits.Add(new SearchHit(new FileId(rows.GetGuid(0)), rows.GetFloat(1)));
        return hits;
    }

    public async Task KeepText(AccountId owner, FileId file, int version, string text, CancellationToken cancel)
    {
        var folded = SearchFold.Of(text);
        await using var connection = await pool.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var alone = new NpgsqlCommand("select pg_advisory_xact_lock($1)", connection))
        {
            alone.Parameters.Add(new NpgsqlParameter<long> { TypedValue = SearchRows.Lock });
            await alone.ExecuteNonQueryAsync(cancel);
        }

        // Work begins where views show its fact: whoever has no row by now is gone.
        await using (var keep = new NpgsqlCommand(
            """
            insert into eventfiles.search_texts (file_id, owner_id, version, body, folded)
            select $1, coalesce((select owner_id from eventfiles.search_rows where file_id = $1 order by generation desc limit 1), $2), $3, $4, $5
            where exists (select from eventfiles.search_rows where file_id = $1)
            on conflict (file_id) do update
            set owner_id = excluded.owner_id, version = excluded.version, body = excluded.body, folded = excluded.folded
            where search_texts.version <= excluded.version
            """,
            connection))
        {
            keep.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Value });
            keep.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = owner.Value });
            keep.Parameters.Add(new NpgsqlParameter<int> { TypedValue = version });
            keep.Parameters.Add(new NpgsqlParameter<string> { TypedValue = text });
            keep.Parameters.Add(new NpgsqlParameter<string> { TypedValue = folded[..Math.Min(folded.Length, FoldedLetters)] });
            await keep.ExecuteNonQueryAsync(cancel);
        }

        await using (var show = new NpgsqlCommand(
            """
            update eventfiles.search_rows r set document =
                setweight(to_tsvector($2::text::regconfig, r.name), 'A') || to_tsvector($2::text::regconfig, t.folded)
            from eventfiles.search_texts t where r.file_id = $1 and t.file_id = $1 and t.version = r.version
            """,
            connection))
        {
            show.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Value });
            show.Parameters.Add(new NpgsqlParameter<string> { TypedValue = language });
            await show.ExecuteNonQueryAsync(cancel);
        }

        await transaction.CommitAsync(cancel);
    }

    public async Task<bool> HasText(FileId file, int version, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(
            "select exists (select from eventfiles.search_texts where file_id = $1 and version = $2)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = version });
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    public async Task<string?> TextOf(FileId file, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(
            """
            select left(t.body, $2) from eventfiles.search_texts t
            where t.file_id = $1 and exists (select from eventfiles.search_rows r where r.file_id = $1 and r.version = t.version)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = file.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = ShownLetters });
        return await command.ExecuteScalarAsync(cancel) as string;
    }

    public async Task<IReadOnlyList<MissingText>> Missing(int limit, CancellationToken cancel)
    {
        await using var command = pool.Source.CreateCommand(
            """
            select r.owner_id, r.file_id, r.version, r.text_key from eventfiles.search_rows r
            where r.text_key is not null
                and r.generation = (select number from eventfiles.view_generations where projection = 'search' and is_live)
                and not exists (select from eventfiles.search_texts t where t.file_id = r.file_id and t.version = r.version)
            order by random()
            limit $1
            """);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        var missing = new List<MissingText>();
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            missing.Add(new MissingText(new AccountId(rows.GetGuid(0)), new FileId(rows.GetGuid(1)), rows.GetInt32(2), new ObjectKey(rows.GetString(3))));
        return missing;
    }

    private static string Live(string projection) =>
        $"select number from eventfiles.view_generations where projection = '{projection}' and is_live and is_whole";

    // Words are letters and digits only, so nothing in them means anything here.
    private static string Text(IReadOnlyList<SearchTerm> terms) => string.Join(" & ", terms.Select(term =>
    {
        var phrase = string.Join(" <-> ", term.Words.Select((word, at) => $"{word}{(term.IsPrefix && at == term.Words.Count - 1 ? ":*" : "")}"));
        return term.IsExcluded ? $"!({phrase})" : $"({phrase})";
    }));
}
