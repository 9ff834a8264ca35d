using Npgsql;

namespace EventFiles.Journeys.Tests.Faults;

/// <summary>
/// One fault a row, each under load, and after each the auditor. The long form has more places, and repeats every row with
/// other data; ONLY_FAULT names those that shall run.
/// </summary>
[Collection(NodeFaults.Name)]
public sealed class FaultMatrixTests(ArmedNodes nodes)
{
    private static readonly int Seeds = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1" ? 5 : 1;

    private static readonly string? Only = Environment.GetEnvironmentVariable("ONLY_FAULT");

    /// <summary>The places, and at which visit: not always the first, so that the load is on.</summary>
    public static TheoryData<string, int, int> Places()
    {
        (string Place, int Time)[] always =
        [
            ("upload.sealed", 2), ("upload.before-reply", 2), ("upload.reserved", 1),
            ("upload.offset-stored", 1), ("upload.patch-before-reply", 1), ("upload.parts-joined", 1),
            ("s3.multipart-begun", 1), ("s3.part-stored", 2), ("s3.before-complete", 1), ("s3.joined", 1),
            ("encryption.end-stored", 1), ("compression.stored", 1), ("compression.recorded", 1),
            ("upload.same-bytes-found", 2), ("duplicate.begun", 1),
            ("purge.given-up", 1), ("version-purge.given-up", 1), ("purge.objects-gone", 1),
            ("handover.bytes-written", 1), ("handover.file-moved", 1), ("handover.former-bytes-gone", 1),
            ("append.sent", 9), ("append.committed", 9),
            ("relay.published", 2), ("relay.confirmed", 2),
            ("work.child-running", 1), ("work.committed", 2), ("work.not-acknowledged", 4),
            ("projection.folded", 20), ("projection.written", 20),
            ("rebuild.compared", 1), ("rebuild.switched", 1),
        ];
        (string Place, int Time)[] more =
        [
            ("upload.headers-read", 2), ("upload.patch-headers-read", 2), ("upload.patch-sealed", 1), ("upload.parts-sealed", 1),
            ("s3.announced", 1), ("s3.put-completed", 1), ("s3.growing-multipart-begun", 1),
            ("s3.growth-recorded", 1), ("s3.inside-a-part", 1), ("s3.part-recorded", 1),
            ("encryption.growth-recorded", 1), ("encryption.segments-stored", 1), ("encryption.closing", 1), ("encryption.sealed", 1),
            ("append.one-sent", 2), ("relay.read", 2), ("work.delivered", 2),
            ("compression.begun", 1), ("compression.read-back", 1), ("compression.switched", 1),
            ("work.original-open", 2), ("work.variant-stored", 2), ("work.acknowledged", 2),
            ("handover.assigned", 1), ("handover.folder-moved", 1), ("handover.page-moved", 1),
            ("version-purge.begun", 1), ("version-purge.original-gone", 1),
            ("rebuild.begun", 1), ("delete.asked", 1), ("purge.begun", 1), ("purge.one-object-gone", 1),
            ("erasure.file-step-done", 1), ("erasure.file-step-done", 2), ("erasure.file-step-done", 3), ("erasure.file-step-done", 4),
            ("erasure.step-done", 1), ("erasure.step-done", 2), ("erasure.step-done", 3), ("erasure.step-done", 4),
            ("rotation.sampled", 1), ("rotation.marked", 1),
        ];
        var places = Seeds == 1 && Only is null ? always : [.. always, .. more];
        var rows = new TheoryData<string, int, int>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            foreach (var (place, time) in places.Where(one => Only is null || Array.Exists(Only.Split(','), part => one.Place.Contains(part, StringComparison.Ordinal))))
                rows.Add(place, time, seed);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Killed_there_nothing_is_lost_doubled_or_left_behind(string place, int time, int seed)
    {
        using var person = await nodes.Register($"Olga{seed}");
        var client = new Client(person, new Random(HashCode.Combine(seed)));
        var deaths = nodes.Deaths;
        nodes.KillAt(place, time);

        await Task.WhenAll(client.Work(
            nodes.Administrator,
            erases: place.StartsWith("erasure.file", StringComparison.Ordinal),
            endsPerson: place.StartsWith("erasure.step", StringComparison.Ordinal),
            takesFolder: place == "handover.folder-moved"), nodes.KilledAndBack(place, deaths));

        await Holds(client);
    }

    [Fact]
    public async Task Killed_when_it_has_replaced_bytes_that_were_lost_by_the_same_that_came_again_all_is_there()
    {
        using var person = await nodes.Register("Olga");
        var client = new Client(person, new Random(7));
        var deaths = nodes.Deaths;

        await client.BringAgain(async () =>
        {
            await using var database = NpgsqlDataSource.Create(nodes.Database);
            await using var asks = database.CreateCommand(
                "select key || '~' || replace(write::text, '-', '') from eventfiles.object_writes where state = 'sealed' and key like 'raw/%' order by stored_at desc limit 1");
            using var bucket = nodes.Bucket();
            await bucket.DeleteObjectAsync(nodes.Settings["S3_BUCKET"], (string)(await asks.ExecuteScalarAsync())!);
            nodes.KillAt("duplicate.replaced", 1);
        });
        await nodes.KilledAndBack("duplicate.replaced", deaths);

        await Holds(client);
    }

    private async Task Holds(Client client)
    {
        try
        {
            await new Auditor(nodes).Check(client);
        }
        catch
        {
            TestContext.Current.TestOutputHelper?.WriteLine(nodes.Log);
            throw;
        }
    }
}
