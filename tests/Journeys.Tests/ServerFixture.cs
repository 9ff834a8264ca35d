[assembly: AssemblyFixture(typeof(EventFiles.Journeys.Tests.ServerFixture))]

namespace EventFiles.Journeys.Tests;

/// <summary>One server for all journeys that do not kill it; its first account is the administrator.</summary>
public class ServerFixture : IAsyncLifetime
{
    // Tokens are good for a quarter of an hour, and all journeys together may take longer.
    private static readonly TimeSpan SignInEvery = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource over = new();
    private readonly List<Person> before = [];
    private Task staying = Task.CompletedTask;

    public Server Server { get; private set; } = null!;

    /// <summary>Signed in newly enough for any journey.</summary>
    public Person Administrator { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Server = await Launch();
        Administrator = await Person.Register(Server.Address, "Ada");
        staying = StaySignedIn();
    }

    /// <summary>What the object store has of a file's first version and of all that was made of it, looked at past the program.</summary>
    public virtual Task<List<string>> ObjectsOf(Guid file) => Task.FromResult(
        Directory.EnumerateFiles(Path.Combine(Server.Data, "objects"), "*", SearchOption.AllDirectories)
            .Where(path => path.Contains($"{file}", StringComparison.Ordinal) || path.Contains($"{file:n}", StringComparison.Ordinal))
            // Folders that stand for a part of a key have this at their end.
            .Select(path => path.Replace("+/", "/", StringComparison.Ordinal)).ToList());

    /// <summary>Waits until an unfinished upload has brought at least so many bytes.</summary>
    public virtual Task Receives(long bytes) => Server.Receives(1, bytes);

    public virtual async ValueTask DisposeAsync()
    {
        await over.CancelAsync();
        await staying;
        foreach (var one in before.Append(Administrator))
            one.Dispose();
        over.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected virtual Task<Server> Launch() => Server.Start();

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
