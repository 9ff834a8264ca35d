[assembly: AssemblyFixture(typeof(EventFiles.Journeys.Tests.ServerFixture))]

namespace EventFiles.Journeys.Tests;

/// <summary>One server for all journeys that do not kill it; its first account is the administrator.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    // Tokens are good for a quarter of an hour, and all journeys together may take longer.
    private static readonly TimeSpan SignInEvery = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource over = new();
    private readonly List<Person> before = [];
    private Task staying = Task.CompletedTask;

    public Server Server { get; private set; } = null!;

    /// <summary>Signed in newly enough for any journey.</summary>
    public Person Administrator { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await Server.Start();
        Administrator = await Person.Register(Server.Address, "Ada");
        staying = StaySignedIn();
    }

    public async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await staying;
        foreach (var one in before.Append(Administrator))
            one.Dispose();
        over.Dispose();
        await Server.DisposeAsync();
    }

    private async Task StaySignedIn()
    {
        using var again = new PeriodicTimer(SignInEvery);
        try
        {
            while (await again.WaitForNextTickAsync(over.Token))
            {
                before.Add(Administrator);
                Administrator = await Administrator.SignInAt(Server.Address);
            }
        }
        catch (OperationCanceledException)
        {
            // All journeys are over.
        }
    }
}
