using Amazon.S3.Model;
using Npgsql;

[assembly: AssemblyFixture(typeof(EventFiles.Journeys.Tests.BucketFixture))]

namespace EventFiles.Journeys.Tests;

/// <summary>PostgreSQL and S3: everything else is kept by the one node on them.</summary>
public sealed class PostgresAndBucket() : RealServers("postgres,s3");

/// <summary>
/// The same server with its objects in a bucket of a real S3 server, one for all journeys that run on both kinds of storage.
/// Assembly fixtures are made for every run: this one starts nothing before the first journey asks.
/// </summary>
public sealed class BucketFixture : ServerFixture
{
    private readonly PostgresAndBucket servers = new();
    private readonly Lock gate = new();
    private Task? ready;

    /// <summary>Whoever is first starts all of it, and everybody waits until it is there.</summary>
    public Task Ready()
    {
        lock (gate)
            return ready ??= base.InitializeAsync().AsTask();
    }

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        if (ready is null)
            return;
        await base.DisposeAsync();
        await servers.DisposeAsync();
    }

    public override async Task<List<string>> ObjectsOf(Guid file)
    {
        using var bucket = servers.Bucket();
        var named = new List<string>();
        foreach (var beginning in new[] { $"raw/{file}", $"processed/{file}/" })
        {
            var list = new ListObjectsV2Request { BucketName = servers.Settings["S3_BUCKET"], Prefix = beginning };
            named.AddRange(((await bucket.ListObjectsV2Async(list)).S3Objects ?? []).Select(one => one.Key));
        }

        return named;
    }

    // What a request has brought so far stands in the row of its object.
    public override async Task Receives(long bytes)
    {
        await using var database = NpgsqlDataSource.Create(servers.Database);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await using var received = database.CreateCommand("select coalesce(max(size_bytes), 0) from eventfiles.encrypted_growths");
        while (await received.ExecuteScalarAsync(patience.Token) is not long most || most < bytes)
            await Task.Delay(50, patience.Token);
    }

    protected override async Task<Server> Launch()
    {
        await servers.InitializeAsync();
        return await Server.StartOn(servers.EnvFile);
    }
}

/// <summary>For classes on it: none of their journeys begins before it is there.</summary>
public sealed class BucketIsReady(BucketFixture bucket) : IAsyncLifetime
{
    public ValueTask InitializeAsync() => new(bucket.Ready());

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

// Each does what the class that it comes from does on a directory.
public sealed class TusInABucketJourneyTests(BucketFixture bucket) : TusJourneyTests(bucket), IClassFixture<BucketIsReady>;

public sealed class VersionsInABucketJourneyTests(BucketFixture bucket) : VersionsJourneyTests(bucket), IClassFixture<BucketIsReady>;

public sealed class FolderInABucketJourneyTests(BucketFixture bucket) : FolderJourneyTests(bucket), IClassFixture<BucketIsReady>;

public sealed class FolderTrashInABucketJourneyTests(BucketFixture bucket) : FolderTrashJourneyTests(bucket), IClassFixture<BucketIsReady>;

public sealed class HoldInABucketJourneyTests(BucketFixture bucket) : HoldJourneyTests(bucket), IClassFixture<BucketIsReady>;

public sealed class RetentionInABucketJourneyTests(BucketFixture bucket) : RetentionJourneyTests(bucket), IClassFixture<BucketIsReady>;

public sealed class CopyInABucketJourneyTests(BucketFixture bucket) : CopyJourneyTests(bucket), IClassFixture<BucketIsReady>;

public sealed class BulkInABucketJourneyTests(BucketFixture bucket) : BulkJourneyTests(bucket), IClassFixture<BucketIsReady>;

public sealed class ZipInABucketJourneyTests(BucketFixture bucket) : ZipJourneyTests(bucket), IClassFixture<BucketIsReady>;
