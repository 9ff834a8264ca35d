using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Pipeline;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using static EventFiles.ShardNode.Board;

namespace EventFiles.Infrastructure.Tests.ReadModels;

public sealed class MemoryRebuildTests(PostgresFixture postgres) : RebuildContract(postgres)
{
    [Fact]
    public async Task A_wish_outlives_the_node_and_is_fulfilled_by_the_next()
    {
        var database = await Database();
        await using (var node = await Start(database: database))
        {
            await node.Show(new Pinned("1", "a"));
            await node.Spoil("1", board => board with { Name = "spoilt" });
            await node.Ask(ProjectionWish.RebuildAndCompare);
            await node.Until(one => one.State == "compared" && one.ComparedAt is not null, "the comparison");
        }

        await using var next = await Start(database: database);
        Assert.Equal(2, (await next.Until(one => one.Rebuild is null, "the rebuild")).Generation);
        Assert.Equal(["a"], (await next.Find("1"))!.Cards);
    }

    private protected override void AddViews(IServiceCollection services) =>
        services.AddMemoryReadModels().AddPipeline().AddInProcessMessaging();
}
