using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ObjectStorage;
using EventFiles.Infrastructure.ObjectStorage.S3;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EventFiles.Infrastructure.Tests.ObjectStorage.S3;

/// <summary>One node of several on a database and a place in a bucket.</summary>
internal sealed class S3Node(string database, S3Settings settings) : IAsyncDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddLogging()
        .AddSingleton(new Slices([]))
        .AddEventStore(database)
        .AddS3Objects(settings)
        .BuildServiceProvider();

    public S3Settings Settings => settings;

    public string Database => database;

    public IObjects Objects => services.GetRequiredService<IObjects>();

    public S3Sweep Sweep => services.GetRequiredService<S3Sweep>();

    public S3Calls Calls => services.GetRequiredService<S3Calls>();

    public S3Names Names => services.GetRequiredService<S3Names>();

    public IDirectWrites? Direct => services.GetService<IDirectWrites>();

    public IPresignedReads? Presigned => services.GetService<IPresignedReads>();

    /// <summary>All that stands in the bucket under our beginning, but for the note of whose it is.</summary>
    public async Task<List<string>> NamesInBucket() =>
        await Calls.List(Names.Beginning(""), CancellationToken.None)
            .SelectMany(page => page.ToAsyncEnumerable())
            .Select(one => one.Name)
            .Where(name => name != Names.Owner)
            .ToListAsync();

    /// <summary>Objects of parts that nobody has completed.</summary>
    public async Task<int> Unfinished() => (await Calls.Unfinished(Names.Beginning(""), CancellationToken.None)).Count;

    /// <summary>Asks or changes what the rows say.</summary>
    public async Task<object?> Sql(string sql)
    {
        await using var source = NpgsqlDataSource.Create(PostgresFixture.AsOwner(database));
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();
}

/// <summary>A test's own place on a real server, and nodes on it.</summary>
public abstract class S3Tests(PostgresFixture postgres, S3Fixture s3) : IAsyncLifetime
{
    private readonly List<S3Node> nodes = [];
    private readonly List<string> others = [];
    private string database = null!;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected S3Settings Place { get; private set; } = null!;

    /// <summary>A node that the test need not share.</summary>
    private protected S3Node Node { get; private set; } = null!;

    private protected IObjects Objects => Node.Objects;

    public virtual async ValueTask InitializeAsync()
    {
        Place = await s3.Place();
        database = await s3.RentDatabase(postgres);
        Node = Another();
    }

    /// <summary>One more node.</summary>
    private protected S3Node Another(S3Settings? settings = null)
    {
        nodes.Add(new S3Node(database, settings ?? Place));
        return nodes[^1];
    }

    /// <summary>A node of another installation that was told of the same place.</summary>
    private protected async Task<S3Node> Stranger()
    {
        others.Add(await s3.RentDatabase(postgres));
        nodes.Add(new S3Node(others[^1], Place));
        // All databases of the tests are copies of one.
        await nodes[^1].Sql("update eventfiles.object_store set id = gen_random_uuid()");
        return nodes[^1];
    }

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var node in nodes)
            await node.DisposeAsync();
        foreach (var one in (string[])[database, .. others])
            s3.Return(one);
        GC.SuppressFinalize(this);
    }

    protected static async Task<byte[]> Read(IObjects objects, ObjectKey key)
    {
        await using var content = await objects.Open(key, Cancel);
        Assert.NotNull(content);
        using var all = new MemoryStream();
        await content.CopyToAsync(all, Cancel);
        return all.ToArray();
    }

    protected static string Sha256(ReadOnlySpan<byte> bytes) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

    protected static ObjectKey NewKey() => ObjectKey.Raw(NewId.Of<UploadId>(TimeProvider.System));
}
