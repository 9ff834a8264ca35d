using System.Net;
using System.Text.Json;
using Npgsql;

namespace EventFiles.Journeys.Tests.Faults;

/// <summary>Checks what must hold after every fault, by the log, by the API and by the operator's commands.</summary>
internal sealed class Auditor(ArmedNodes nodes)
{
    // Each would be there twice if an effect had happened twice.
    private static readonly (string What, string Type, string Key)[] OnceEach =
    [
        ("completion of an upload", "upload.completed.v1", "upload"),
        ("use of a part", "upload.consumed.v1", "upload"),
        ("charge for an upload", "quota.charged.v1", "upload"),
        ("sharing by an upload", "quota.shared.v1", "upload"),
        ("success of a step", "process.step-succeeded.v1", "job"),
        ("compression", "quota.compressed.v1", "stored"),
        ("purge of a file", "delete.purged.v1", "file"),
        ("return of a file's space", "quota.freed.v1", "file"),
    ];

    // Space is set aside for the uploads that are under way, and for no other.
    private const string UnequalSpace =
        """
        with space as (
            select distinct on (data->>'upload') data->>'upload' as upload, type from mt_events
            where type in ('quota.reserved.v1', 'quota.released.v1', 'quota.charged.v1', 'quota.shared.v1') order by 1, seq_id desc),
        uploads as (
            select distinct on (data->>'upload') data->>'upload' as upload, type from mt_events
            where type in ('upload.begun.v1', 'upload.part-begun.v1', 'upload.completed.v1', 'upload.abandoned.v1', 'upload.redirected.v1',
                'upload.consumed.v1') order by 1, seq_id desc),
        reserved as (select upload from space where type = 'quota.reserved.v1'),
        under_way as (select upload from uploads where type in ('upload.begun.v1', 'upload.part-begun.v1'))
        (select upload from reserved except select upload from under_way)
        union all (select upload from under_way except select upload from reserved)
        """;

    /// <summary>Waits for the end of all work, and then everything must be right.</summary>
    public async Task Check(Client client)
    {
        await Settled(client);
        foreach (var erasure in client.Endings)
            await new Client(nodes.Administrator, new Random(1)).Until($"api/erasures/{erasure}", IsErased);
        foreach (var promise in client.Kept)
            Assert.Equal(promise.Sha256, await client.Digest(promise.File));
        foreach (var file in client.Gone)
            await client.Send(() => new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content"), HttpStatusCode.NotFound);
        await Quota(client);
        await Log();
        await Task.WhenAll(Storage(), Bucket(), Views());
    }

    // Nothing is in progress for ever, whatever happened.
    private static async Task Settled(Client client)
    {
        foreach (var file in client.Kept)
            await client.Until($"api/files/{file.File}/status", seen => seen.GetProperty("status").GetString() is not ("uploading" or "processing"));
        await client.Until("api/quota/explain?limit=1", seen => seen.GetProperty("breakdown").GetProperty("leavingBytes").GetInt64() == 0);
        foreach (var erasure in client.Erasures)
            await client.Until($"api/erasures/{erasure}", IsErased);
        foreach (var file in client.Gone)
        {
            await client.Until(
                $"api/files/{file}/history",
                history => history.GetProperty("items").EnumerateArray()
                    .Any(one => one.GetProperty("what").GetString()!.Contains("purged", StringComparison.Ordinal)));
        }
    }

    // Eras end by themselves meanwhile.
    private static bool IsErased(JsonElement erasure) => erasure.GetProperty("status").GetString() is "erased" or "done";

    // What is used is what the living files hold; what several share, once. Of the same bytes that came at the same moment, or
    // while no view told that they were there, each may have its own.
    private static async Task Quota(Client client)
    {
        var (all, least) = (
            client.Kept.Sum(promise => promise.SizeBytes), client.Kept.DistinctBy(promise => promise.Sha256).Sum(promise => promise.SizeBytes));
        var made = (await client.Read("api/quota/explain?limit=1")).GetProperty("breakdown");
        long Bytes(string of) => made.GetProperty(of).GetInt64();
        Assert.Equal(all, Bytes("currentBytes") + Bytes("formerBytes") + Bytes("trashBytes") + Bytes("leavingBytes"));
        var seen = await client.Read("api/quota");
        Assert.Equal(
            (all - Bytes("sharedBytes"), client.Kept.Count), (seen.GetProperty("usedBytes").GetInt64(), seen.GetProperty("files").GetInt32()));
        Assert.InRange(all - Bytes("sharedBytes"), least, all);
        var listed = (await client.Read("api/folders/root/children?limit=100")).GetProperty("items").EnumerateArray();
        Assert.Equal(
            client.Kept.Select(promise => promise.Folder ?? promise.File).Order(), listed.Select(entry => entry.Id()).Order());
    }

    private async Task Log()
    {
        await using var database = NpgsqlDataSource.Create(nodes.Database);
        Assert.Empty(await Rows(database, """
            select s.id from mt_streams s
            left join (select stream_id, count(*) n, min(version) low, max(version) high from mt_events group by stream_id) e on e.stream_id = s.id
            where e.low is distinct from 1 or e.high is distinct from e.n or e.high is distinct from s.version
            """));
        foreach (var (what, type, key) in OnceEach)
        {
            var twice = await Rows(database, $"select data->>'{key}' from mt_events where type = '{type}' group by 1 having count(*) > 1");
            Assert.True(twice.Count == 0, $"There is a second {what}: {string.Join(", ", twice)}");
        }

        // The tree agrees with all events, and what stands beside them with what was signed of it.
        var (code, output, error) = await nodes.Command("log", "verify");
        Assert.True(code == 0, output + error);
        Assert.Empty(await Rows(database, UnequalSpace));
        Assert.Empty(await Rows(database, "select work || ' ' || error from eventfiles.dead_letters"));
        Assert.Empty(await Rows(database, "select subscriber || ' ' || error from eventfiles.parked_events"));
    }

    // After one reconcile there is nothing that nobody stands for, and nothing that stands for nothing. What ends in the moment
    // between the two commands, as an upload that the kill cut off does after two minutes, is the next one's to remove.
    private async Task Storage()
    {
        var found = "";
        for (var round = 0; round < 2; round++)
        {
            var (code, output, error) = await nodes.Command("storage", "reconcile", "--apply");
            if (code == 1)
                (code, output, error) = await nodes.Command("storage", "reconcile");
            if (code == 0)
                return;
            found += output + error;
        }

        Assert.Fail(found);
    }

    // Whatever stands in the bucket, whole or in parts, a row tells of it: nothing can be left there for ever.
    private async Task Bucket()
    {
        var bucket = nodes.Settings["S3_BUCKET"];
        using var s3 = nodes.Bucket();
        var objects = await s3.Paginators.ListObjectsV2(new() { BucketName = bucket }).S3Objects.ToListAsync();
        var parts = await s3.ListMultipartUploadsAsync(bucket);
        var writes = objects.Select(one => one.Key).Concat((parts.MultipartUploads ?? []).Select(one => one.Key))
            .Where(name => name != "~eventfiles").Select(name => name[(name.LastIndexOf('~') + 1)..][..32]).ToHashSet();
        await using var database = NpgsqlDataSource.Create(nodes.Database);
        writes.ExceptWith(await Rows(database, "select replace(write::text, '-', '') from eventfiles.object_writes"));
        Assert.True(writes.Count == 0, $"No row tells of {string.Join(", ", writes)}.");
    }

    // Every view is what a replay makes of the log.
    private async Task Views()
    {
        var (code, output, error) = await nodes.Command("projections", "rebuild", "--all", "--diff", "--json");
        Assert.True(code == 0, output + error);
        using var rows = JsonDocument.Parse(output);
        Assert.All(rows.RootElement.EnumerateArray(), one => Assert.Equal(0, one.GetProperty("differences").GetInt32()));
    }

    private static async Task<List<string>> Rows(NpgsqlDataSource database, string sql)
    {
        await using var asks = database.CreateCommand(sql);
        await using var rows = await asks.ExecuteReaderAsync();
        var all = new List<string>();
        while (await rows.ReadAsync())
            all.Add(rows.GetString(0));
        return all;
    }
}
