using System.Collections.Concurrent;
using System.Diagnostics;
using EventFiles.Infrastructure.ObjectStorage.S3;

namespace EventFiles.Infrastructure.Tests;

/// <summary>
/// A private Ceph gateway, started by <c>eng/servers</c> when the first test asks for it. It ends with the tests, also when
/// they are killed: who stops it waits for the end of a pipe that this process holds.
/// </summary>
public sealed class S3Fixture : IAsyncLifetime
{
    private const int Starts = 3;
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(3);

    private readonly string folder = Directory.CreateTempSubdirectory("ef-s3-").FullName;
    private readonly SemaphoreSlim one = new(1);
    private readonly ConcurrentBag<string> free = [];
    private Process? guard;
    private Dictionary<string, string>? variables;

    private string Settings => Path.Combine(folder, "settings.env");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Settings for a place in the bucket that nobody else uses.</summary>
    internal async Task<S3Settings> Place()
    {
        await one.WaitAsync();
        try
        {
            for (var starts = 1; variables is null; starts++)
                variables = await TryStart() ?? (starts < Starts ? null : throw new InvalidOperationException("The S3 server did not start."));
        }
        finally
        {
            one.Release();
        }

        return new S3Settings
        {
            Endpoint = new Uri(variables["S3_ENDPOINT"]),
            Region = variables["S3_REGION"],
            AccessKey = variables["S3_ACCESS_KEY"],
            SecretKey = variables["S3_SECRET_KEY"],
            Bucket = variables["S3_BUCKET"],
            Prefix = $"{Guid.NewGuid():n}/",
        };
    }

    /// <summary>A database in which nothing is stored, for as long as the test runs.</summary>
    internal async Task<string> RentDatabase(PostgresFixture postgres)
    {
        if (!free.TryTake(out var database))
            return await postgres.CreateDatabase();
        await PostgresFixture.AsOwner(database, "truncate eventfiles.object_writes, eventfiles.encrypted_growths, eventfiles.subject_keys, eventfiles.era_keys cascade");
        return database;
    }

    internal void Return(string database) => free.Add(database);

    public async ValueTask DisposeAsync()
    {
        if (guard is not null)
        {
            guard.StandardInput.Close();
            await guard.WaitForExitAsync();
            guard.Dispose();
        }

        Directory.Delete(folder, recursive: true);
        one.Dispose();
    }

    private async Task<Dictionary<string, string>?> TryStart()
    {
        var servers = Path.Combine(Root(), "eng", "servers");
        using (var up = Start(servers, "up", "--only", "s3", "--env", Settings))
        {
            using var limit = new CancellationTokenSource(LongestStart);
            await up.WaitForExitAsync(limit.Token);
            if (up.ExitCode != 0)
                return null;
        }

        // In a session of its own: what ends the tests by their group leaves it alone.
        guard = Start("setsid", "/bin/sh", "-c", "read end; exec \"$0\" down --env \"$1\"", servers, Settings);
        return (await File.ReadAllLinesAsync(Settings)).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
    }

    private static Process Start(string name, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardInput = true, UseShellExecute = false })
        ?? throw new InvalidOperationException($"{name} did not start.");

    /// <summary>The folder of the solution.</summary>
    internal static string Root()
    {
        var above = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(above.FullName, "EventFiles.sln")))
            above = above.Parent ?? throw new InvalidOperationException("There is no EventFiles.sln above the tests.");
        return above.FullName;
    }
}
