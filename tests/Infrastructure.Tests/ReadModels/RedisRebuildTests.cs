using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class RedisRebuildTests(PostgresFixture postgres, RedisFixture redis) : RebuildContract(postgres)
{
    private readonly string prefix = redis.NewPrefix();

    private protected override void AddViews(IServiceCollection services) =>
        services.AddRedisReadModels(redis.Settings, prefix).AddPipeline().AddInProcessMessaging();
}
