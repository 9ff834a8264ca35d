using EventFiles.Infrastructure.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Infrastructure.Tests.Messaging.Rabbit;

[Collection(RabbitCollection.Name)]
public sealed class RabbitQueueContractTests(PostgresFixture postgres, RabbitFixture rabbit) : WorkQueueContract(postgres)
{
    private string url = "";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        url = await rabbit.CreateHost();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await rabbit.DeleteHost(url);
    }

    private protected override void Wire(IServiceCollection services, MessagingSettings? settings) =>
        services.AddRabbitMessaging(url, settings);
}
