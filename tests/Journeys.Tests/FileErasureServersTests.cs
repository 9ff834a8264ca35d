using System.Text;
using Amazon.S3.Model;
using Npgsql;
using StackExchange.Redis;

namespace EventFiles.Journeys.Tests;

/// <summary>The drill for one file where each thing lies on a server of its own: PostgreSQL, Redis, RabbitMQ and S3.</summary>
public sealed class FileErasureServersTests(EveryServer servers) : IClassFixture<EveryServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_real_servers_nothing_of_it_is_left_in_any_of_them()
    {
        var env = servers.EnvFileWith(("Erasure__SettleAfter", "00:00:00"), ("Erasure__Every", "00:00:01"), ("Erasure__RebuildEvery", "00:00:00"));
        await using var node = await Server.StartOn(env, "api");
        await using var worker = await Server.StartOn(env, "worker");
        using var olga = await Person.Register(node.Address, "Olga");
        using var ravi = await Person.Register(node.Address, "Ravi");
        var file = await FileErasureJourneyTests.MarkedFile.Live(olga, ravi);
        string[] canaries = [.. file.Canaries];
        using var redis = await ConnectionMultiplexer.ConnectAsync(Options());
        // Whoever looks finds it as long as it is there.
        Assert.Contains(await InRedis(redis), text => text.Contains(canaries[^2], StringComparison.Ordinal));

        await file.Erase(olga);
        await Drill.AssertProven(node.Address, await file.Receipt(node.Address, "A"));

        await using (var database = NpgsqlDataSource.Create(servers.Database))
        {
            await Drill.AssertTablesTellNothing(database, canaries);
            // One is the twin's as well.
            Assert.Equal(1, await Drill.Count(database, $"select count(*) from eventfiles.object_writes w where exists (select from mt_events where stream_id = 'upload-{file.Id}' and data ? 'upload' and starts_with(w.key, 'raw/' || (data ->> 'upload')))"));
            Assert.Equal(0, await Drill.Count(database, $"select count(*) from eventfiles.object_writes where key like 'variants/{file.Id}/%'"));
        }

        // Whom it was offered to is invited still: that is the person's, not the file's.
        Assert.All(await InRedis(redis), text => Assert.All(canaries.Where(canary => !canary.EndsWith("offered", StringComparison.Ordinal)), canary => Assert.DoesNotContain(canary, text, StringComparison.OrdinalIgnoreCase)));
        var kept = servers.Settings["EVENTFILES_SERVERS_DIR"];
        Assert.Empty(Drill.FilesWith(Path.Combine(kept, "rabbitmq"), canaries));
        Assert.Empty(Drill.FilesWith(Path.Combine(kept, "postgres"), [.. file.Sealed]));
        Assert.All(await InBucket(), text => Assert.All(canaries, canary => Assert.DoesNotContain(canary, text, StringComparison.Ordinal)));
        Assert.All(canaries, canary => Assert.DoesNotContain(canary, node.Log + worker.Log, StringComparison.Ordinal));
        await file.CannotComeBack(olga, ravi);
        await file.SiblingsAreWhole(olga);
    }

    // Every value, whatever it is kept as.
    private static async Task<List<string>> InRedis(ConnectionMultiplexer redis)
    {
        var (all, database) = (new List<string>(), redis.GetDatabase());
        foreach (var key in ((RedisResult[])(await database.ExecuteAsync("KEYS", "*"))!).Select(key => (RedisKey)key.ToString()!))
        {
            all.Add(key.ToString());
            var values = await database.KeyTypeAsync(key) switch
            {
                RedisType.String => [await database.StringGetAsync(key)],
                RedisType.Hash => (await database.HashGetAllAsync(key)).SelectMany(one => new[] { one.Name, one.Value }),
                RedisType.SortedSet => await database.SortedSetRangeByRankAsync(key),
                RedisType.Set => await database.SetMembersAsync(key),
                RedisType.List => await database.ListRangeAsync(key),
                _ => [],
            };
            all.AddRange(values.Select(value => Encoding.UTF8.GetString((byte[]?)value ?? [])));
        }

        return all;
    }

    private async Task<List<string>> InBucket()
    {
        using var bucket = servers.Bucket();
        var all = new List<string>();
        var listed = await bucket.ListObjectsV2Async(new ListObjectsV2Request { BucketName = servers.Settings["S3_BUCKET"] }, Cancel);
        foreach (var one in listed.S3Objects)
        {
            using var content = await bucket.GetObjectAsync(one.BucketName ?? servers.Settings["S3_BUCKET"], one.Key, Cancel);
            using var bytes = new MemoryStream();
            await content.ResponseStream.CopyToAsync(bytes, Cancel);
            all.Add(one.Key + Encoding.Latin1.GetString(bytes.ToArray()));
        }

        return all;
    }

    private ConfigurationOptions Options()
    {
        var url = new Uri(servers.Settings["REDIS_URL"]);
        return new ConfigurationOptions { EndPoints = { { url.Host, url.Port } }, Password = url.UserInfo.TrimStart(':') };
    }
}
