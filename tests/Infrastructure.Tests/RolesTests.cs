using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Messaging;
using EventFiles.Infrastructure.Past;
using EventFiles.Infrastructure.ReadModels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EventFiles.Infrastructure.Tests;

public sealed class RolesTests
{
    [Theory]
    [InlineData(Role.Api, "PastKeepers Presence ProjectionDaemon")]
    [InlineData(Role.Worker, "Deadlines InProcessQueue Presence ProjectionDaemon QueueReports Relay Rounds SecondChances")]
    [InlineData(Role.All, "Deadlines InProcessQueue PastKeepers Presence ProjectionDaemon QueueReports Relay Rounds SecondChances")]
    public void Each_role_runs_its_parts(Role role, string parts)
    {
        var services = Everything().KeepPartsOf(role);
        Assert.Equal(parts, string.Join(' ', services
            .Where(service => service.ServiceType == typeof(IHostedService))
            .Select(service => service.ImplementationType ?? service.ImplementationFactory!.GetType().GenericTypeArguments[1])
            .Where(type => type.Namespace!.StartsWith("EventFiles", StringComparison.Ordinal))
            .Select(type => type.Name).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void A_part_that_nobody_has_placed_keeps_the_program_from_starting()
    {
        var refused = Assert.Throws<InvalidOperationException>(
            () => Everything().AddHostedService<Unplaced>().KeepPartsOf(Role.All));
        Assert.Contains(nameof(Unplaced), refused.Message, StringComparison.Ordinal);
    }

    private static IServiceCollection Everything() => new ServiceCollection()
        .AddPresence("Host=nowhere", isAlone: true)
        .AddMemoryReadModels()
        .AddPast()
        .AddInProcessMessaging();

    private sealed class Unplaced : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }
}
