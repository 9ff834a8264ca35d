using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// Real servers of our own, started and stopped by <c>eng/servers</c> as an operator would: on free ports, with new
/// passwords, gone at the end.
/// </summary>
public class RealServers : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("eventfiles-servers-").FullName;
    private readonly string only;
    private readonly string[] options;

    /// <param name="options">Others of <c>eng/servers up</c>.</param>
    protected RealServers(string only, params string[] options) => (this.only, this.options) = (only, options);

    /// <summary>The settings of nodes on these servers.</summary>
    public string EnvFile => Path.Combine(folder, "env");

    /// <summary>The same as they stand there.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public virtual async ValueTask InitializeAsync()
    {
        await Script(["up", "--env", EnvFile, "--only", only, .. options]);
        Settings = (await File.ReadAllLinesAsync(EnvFile)).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (File.Exists(EnvFile))
            await Script("down", "--env", EnvFile);
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Sends a signal to one of the servers, by the name under which <c>eng/servers</c> remembers it.</summary>
    public async Task Signal(string name, string signal)
    {
        var all = await File.ReadAllLinesAsync(Path.Combine(Settings["EVENTFILES_SERVERS_DIR"], "processes"));
        using var kill = Process.Start("kill", [$"-{signal}", all.Select(line => line.Split(' ')).Single(line => line[0] == name)[1]]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>For Npgsql, as the owner.</summary>
    public string Database => Server.ConnectionString(Settings["DATABASE_URL"]);

    /// <summary>Looks into the object store past the program.</summary>
    public AmazonS3Client Bucket() => new(
        new BasicAWSCredentials(Settings["S3_ACCESS_KEY"], Settings["S3_SECRET_KEY"]),
        new AmazonS3Config
        {
            ServiceURL = Settings["S3_ENDPOINT"],
            ForcePathStyle = true,
            AuthenticationRegion = Settings["S3_REGION"],
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        });

    /// <summary>A settings file like these servers', with some lines said otherwise.</summary>
    public string EnvFileWith(params (string Name, string Value)[] otherwise)
    {
        var file = Path.Combine(folder, $"{Guid.NewGuid():n}.env");
        var said = otherwise.ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal);
        File.WriteAllLines(file, Settings.Where(one => !said.ContainsKey(one.Key)).Concat(said).Select(one => $"{one.Key}={one.Value}"));
        return file;
    }

    // Its servers outlive it and keep its output open: who reads that to the end waits for ever.
    private static async Task Script(params string[] arguments)
    {
        var log = Path.GetTempFileName();
        using var script = Process.Start(new ProcessStartInfo(
            "bash", ["-c", "log=$0; exec \"$@\" >\"$log\" 2>&1", log, Path.Combine(Server.Root, "eng", "servers"), .. arguments]))!;
        await script.WaitForExitAsync();
        Assert.True(script.ExitCode == 0, await File.ReadAllTextAsync(log));
        File.Delete(log);
    }
}

/// <summary>PostgreSQL alone: everything else is kept by the one node on it.</summary>
public sealed class RealPostgres() : RealServers("postgres");
