using EventFiles.Infrastructure.ReadModels;
using EventFiles.Infrastructure.ReadModels.Redis;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class RedisViewStoreTests : ViewStoreContract, IAsyncDisposable
{
    private readonly RedisConnection connection;

    public RedisViewStoreTests(RedisFixture redis)
    {
        connection = new RedisConnection(redis.Settings, TimeProvider.System);
        Store = new RedisViewStore(connection, redis.NewPrefix());
    }

    private protected override IViewStore Store { get; }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
