[assembly: AssemblyFixture(typeof(EventFiles.Journeys.Tests.ServerFixture))]

namespace EventFiles.Journeys.Tests;

/// <summary>One server for all journeys that do not kill it; its first account is the administrator.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public Server Server { get; private set; } = null!;

    public Person Administrator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await Server.Start();
        Administrator = await Person.Register(Server.Address, "Ada");
    }

    public async ValueTask DisposeAsync()
    {
        Administrator.Dispose();
        await Server.DisposeAsync();
    }
}
