using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.ReadModels.Redis;

namespace EventFiles.Infrastructure.Tests.Equality;

public sealed class RedisRebuildEqualityTests(PostgresFixture postgres) : RebuildEqualityContract(postgres), IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("ef-redis-");
    private RedisServer server = null!;
    private int trials;

    public async ValueTask InitializeAsync() => server = await RedisServer.Start(directory.FullName);

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        directory.Delete(recursive: true);
    }

    // A Redis of its own, so that it can be emptied as in life: it is killed.
    private protected override TriedViews NewViews()
    {
        var settings = new RedisSettings(RedisAddress.Parse(server.Url), TimeSpan.FromSeconds(60));
        var prefix = $"trial{++trials}";
        return new TriedViews(all => all.AddRedisReadModels(settings, prefix), async () =>
        {
            await server.Kill();
            await server.Restart();
        });
    }
}
