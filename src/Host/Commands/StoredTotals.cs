using Npgsql;
using DeleteEvent = EventFiles.Features.Delete.DeleteEvent;
using ProcessEvent = EventFiles.Features.Process.ProcessEvent;
using QuotaEvent = EventFiles.Features.Quota.QuotaEvent;
using UploadEvent = EventFiles.Features.Upload.UploadEvent;
using VersionEvent = EventFiles.Features.Files.VersionEvent;

namespace EventFiles.Host.Commands;

/// <summary>How much of one sort there is.</summary>
internal sealed record Stock(long Objects, long Bytes);

/// <summary>What the object store holds as the log has it: nothing is asked of the store itself.</summary>
/// <param name="Originals">Every version of every file that is not gone for good, the trash included; what several have once.</param>
/// <param name="Variants">What processors made of them.</param>
/// <param name="InFlight">Uploads that have not ended, with the bytes that they announced, at first or later.</param>
internal sealed record StoredTotals(Stock Originals, Stock Variants, Stock InFlight)
{
    /// <summary>Adds it up in the database: one pass over the log, and no event comes here.</summary>
    /// <param name="slices">Know the names under which facts are stored.</param>
    public static async Task<StoredTotals> Read(NpgsqlDataSource database, Slices slices, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(slices);
        await using var asks = database.CreateCommand(
            """
            with facts as materialized (
                select type, data, seq_id from public.mt_events where type in ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ),
            gone as (select data ->> 'file' as file from facts where type = $6),
            freed as (select data ->> 'upload' as upload from facts where type = $7),
            purged as (select data ->> 'file' as file, data -> 'version' as version from facts where type = $8),
            originals as (
                select distinct on (data ->> 'storedAs') (data ->> 'sizeBytes')::bigint as bytes from facts
                where type = $1 and not exists (select from gone where gone.file = facts.data ->> 'file')
                    and not exists (select from freed where freed.upload = facts.data ->> 'upload')
            ),
            variants as (
                select distinct on (data ->> 'file', data -> 'made' -> 'version', data -> 'made' ->> 'name')
                    (data -> 'made' ->> 'sizeBytes')::bigint as bytes
                from facts where type = $2 and not exists (select from gone where gone.file = facts.data ->> 'file')
                    and not exists (
                        select from purged
                        where purged.file = facts.data ->> 'file' and purged.version = facts.data -> 'made' -> 'version')
                order by data ->> 'file', data -> 'made' -> 'version', data -> 'made' ->> 'name', seq_id desc
            ),
            ended as (select data ->> 'upload' as upload from facts where type in ($1, $4, $5, $10)),
            announced as (select data ->> 'upload' as upload, (data ->> 'sizeBytes')::bigint as bytes from facts where type = $11),
            flying as (
                select coalesce(
                    (data ->> 'sizeBytes')::bigint,
                    (select max(bytes) from announced where announced.upload = facts.data ->> 'upload'), 0) as bytes
                from facts
                where type in ($3, $9) and not exists (select from ended where ended.upload = facts.data ->> 'upload')
            )
            select (select count(*) from originals), (select coalesce(sum(bytes), 0)::bigint from originals),
                (select count(*) from variants), (select coalesce(sum(bytes), 0)::bigint from variants),
                (select count(*) from flying), (select coalesce(sum(bytes), 0)::bigint from flying)
            """);
        Type[] facts =
        [
            typeof(UploadEvent.Completed), typeof(ProcessEvent.StepSucceeded), typeof(UploadEvent.Begun),
            typeof(UploadEvent.Abandoned), typeof(UploadEvent.Redirected), typeof(DeleteEvent.Purged),
            typeof(QuotaEvent.UploadFreed), typeof(VersionEvent.Purged),
            typeof(UploadEvent.PartBegun), typeof(UploadEvent.Consumed), typeof(UploadEvent.LengthAnnounced),
        ];
        foreach (var fact in facts)
            asks.Parameters.AddWithValue(NameOf(slices, fact));
        await using var row = await asks.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return new StoredTotals(Of(row, 0), Of(row, 2), Of(row, 4));
    }

    // Today's name. A fact that gets another shape must be asked for by both: here nobody upcasts.
    private static string NameOf(Slices slices, Type fact) =>
        slices.All.SelectMany(slice => slice.Stored).Single(stored => stored.Value == fact).Key;

    private static Stock Of(NpgsqlDataReader row, int column) => new(row.GetInt64(column), row.GetInt64(column + 1));
}
