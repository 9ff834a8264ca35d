using Npgsql;

namespace EventFiles.Infrastructure.Backups;

/// <summary>The objects of files that were erased since a backup was made. What other files have too is not among them.</summary>
internal sealed class ErasedObjects
{
    private const string Sql =
        """
        with told as (
            select stream_id, data ->> 'storedAs' as key from public.mt_events where type in ('upload.completed.v1', 'upload.reinstated.v1')
            union all select stream_id, one ->> 'storedAs' from public.mt_events, jsonb_array_elements(data -> 'versions') one
            where type = 'upload.handed-over.v1')
        select distinct key from told where stream_id = any ($1)
        except select key from told where stream_id <> all ($1)
        """;

    private readonly IReadOnlySet<FileId> files;
    private readonly HashSet<string> originals = new(StringComparer.Ordinal);

    private ErasedObjects(IReadOnlySet<FileId> files) => this.files = files;

    /// <summary>Asks the log that was restored which originals only these files had.</summary>
    public static async Task<ErasedObjects> Of(NpgsqlDataSource database, IReadOnlySet<FileId> files, CancellationToken cancel)
    {
        var erased = new ErasedObjects(files);
        if (files.Count == 0)
            return erased;
        await using var asks = database.CreateCommand(Sql);
        asks.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. files.Select(file => $"upload-{file}")] });
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            erased.originals.Add(rows.GetString(0));
        return erased;
    }

    public bool Has(ObjectKey key) =>
        originals.Contains($"{key}") || (key.AsVariant() is { } variant && files.Contains(variant.File));
}
