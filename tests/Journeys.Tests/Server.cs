using System.Diagnostics;
using System.Reflection;
using Npgsql;

namespace EventFiles.Journeys.Tests;

/// <summary>The real program, as a process of its own on a data folder of its own; can be killed and started again.</summary>
public sealed class Server : IAsyncDisposable
{
    private readonly bool ownsFolder;
    private readonly (string Name, string Value)[] environment;
    private readonly string[] options;
    private readonly System.Text.StringBuilder log = new();
    private string program = HostDll;
    private Process? process;

    private Server(string data, bool ownsFolder, (string Name, string Value)[] environment, params string[] options)
    {
        Data = data;
        this.ownsFolder = ownsFolder;
        this.environment = environment;
        this.options = options;
    }

    public static string Root { get; } = Path.GetFullPath(Metadata("Root"));

    public static string HostDll { get; } = Path.GetFullPath(Metadata("Host"));

    // Only who runs it has it.
    public static string ArmedDll => Path.GetFullPath(Metadata("ArmedHost"));

    /// <summary>Whether the process has ended by itself or by somebody else.</summary>
    public bool HasEnded => process is { HasExited: true };

    public string Data { get; }

    /// <summary>The most memory that the process has had since its start.</summary>
    public long PeakBytes => 1024 * Status("VmHWM");

    public int Threads => (int)Status("Threads");

    /// <summary>What tells a command which server it is about.</summary>
    public string[] Where => options is ["--env-file", var file, ..] ? ["--data", Data, "--env-file", file] : ["--data", Data];

    public Uri Address { get; private set; } = new("http://unset");

    public string Log
    {
        get
        {
            lock (log)
                return log.ToString();
        }
    }

    /// <param name="environment">Settings, for the server and the commands that are run for it.</param>
    public static async Task<Server> Start(string? data = null, params (string Name, string Value)[] environment)
    {
        var server = new Server(
            data ?? Directory.CreateTempSubdirectory("eventfiles-journey-").FullName, data is null, environment);
        await server.Launch("http://127.0.0.1:0");
        return server;
    }

    /// <summary>A node on the servers of a settings file; what it keeps to itself is in a folder of its own.</summary>
    public static async Task<Server> StartOn(string envFile, string role = "all", string? data = null, string urls = "http://127.0.0.1:0")
    {
        var server = new Server(
            data ?? Directory.CreateTempSubdirectory("eventfiles-journey-").FullName, data is null, [], "--env-file", envFile, "--role", role);
        await server.Launch(urls);
        return server;
    }

    /// <summary>The same in the build that a test can kill at a named place; see <c>KillPoint</c>.</summary>
    public static async Task<Server> StartArmed(string envFile, string role, params (string Name, string Value)[] environment)
    {
        var server = new Server(
            Directory.CreateTempSubdirectory("eventfiles-journey-").FullName, true, environment, "--env-file", envFile, "--role", role)
        {
            program = ArmedDll,
        };
        await server.Launch("http://127.0.0.1:0");
        return server;
    }

    /// <summary>Runs any command of the program to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> Run(params string[] arguments) => Run(Starting(arguments, []));

    /// <summary>The same with some variables set.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunWith(
        (string Name, string Value)[] environment, params string[] arguments) => Run(Starting(arguments, environment));

    /// <summary>Runs any command of the program to its end, with this server's settings.</summary>
    public Task<(int ExitCode, string Output, string Error)> RunHere(params string[] arguments) =>
        Run(Starting(arguments, environment));

    private static async Task<(int ExitCode, string Output, string Error)> Run(ProcessStartInfo start)
    {
        using var command = Process.Start(start)!;
        // A command that should have ended and goes on fails its test, and holds up no other.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var kill = patience.Token.Register(command.Kill);
        var error = command.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await command.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await command.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (command.ExitCode, output, await error);
    }

    /// <summary>
    /// Log and object store come to agree (what is due may still be about to be removed, or brought back), and every byte is as
    /// it was stored.
    /// </summary>
    /// <param name="envFile">The settings of the servers that it is on; null for its own.</param>
    public async Task Agrees(string? envFile = null)
    {
        string[] where = ["--data", Data, .. envFile is null ? Array.Empty<string>() : ["--env-file", envFile]];
        var since = Stopwatch.GetTimestamp();
        (int ExitCode, string Output, string Error) seen;
        do
            seen = await RunHere(["storage", "reconcile", "--json", .. where]);
        while (seen.ExitCode == 1 && Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(3));
        Assert.True(seen.ExitCode == 0, seen.Output + seen.Error);
        var scrubbed = await RunHere(["storage", "scrub", "--json", "--rate", "0", .. where]);
        Assert.True(scrubbed.ExitCode == 0, scrubbed.Output + scrubbed.Error);
    }

    /// <summary>Of the server's database, as the role that the server has.</summary>
    public async Task<string> ConnectionString() => ConnectionString((await Run("db", "url", "--data", Data)).Output);

    /// <summary>Of the database that a URL names; connections are the test's own and end with it.</summary>
    public static string ConnectionString(string url)
    {
        var address = new Uri(url.Trim());
        var account = address.UserInfo.Split(':');
        return new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port,
            Username = account[0],
            Password = account[1],
            Database = address.AbsolutePath.Trim('/'),
            Pooling = false,
        }.ConnectionString;
    }

    /// <summary>Begins any command of the program; whoever asks waits for its end, or brings it about.</summary>
    public static Process Begin(params string[] arguments) => Process.Start(Starting(arguments, []))!;

    /// <summary>SIGKILL: nothing in the program gets to say goodbye.</summary>
    public async Task Kill()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>On the same folder and at the same address, as a supervisor would do it.</summary>
    public Task Restart() => Launch(Address.ToString());

    /// <summary>Waits until so many unfinished uploads have brought at least so many bytes each.</summary>
    public async Task Receives(int uploads, long bytes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (Growing().Count(length => length >= bytes) < uploads)
            await Task.Delay(20, patience.Token);
    }

    /// <summary>Waits until an upload in a single request has brought at least so many bytes.</summary>
    public async Task Takes(long bytes)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var incoming = new DirectoryInfo(Path.Combine(Data, "objects", "incoming"));
        while (!incoming.EnumerateFiles("*", SearchOption.AllDirectories).Any(file => file.Exists && file.Length >= bytes))
            await Task.Delay(20, patience.Token);
    }

    /// <summary>SIGTERM, and waits for the clean end.</summary>
    public async Task<int> Stop()
    {
        await Terminate();
        return await Ended();
    }

    /// <summary>SIGTERM, and waits for nothing.</summary>
    public async Task Terminate()
    {
        using var signal = Process.Start("kill", ["-TERM", $"{process!.Id}"]);
        await signal.WaitForExitAsync();
    }

    /// <summary>Waits for the end, whatever it comes from.</summary>
    public async Task<int> Ended()
    {
        await process!.WaitForExitAsync();
        var code = process.ExitCode;
        process.Dispose();
        process = null;
        return code;
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await Stop();
        if (ownsFolder)
            Directory.Delete(Data, recursive: true);
    }

    private static ProcessStartInfo Starting(
        IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, string? program = null)
    {
        var start = new ProcessStartInfo("dotnet", [program ?? HostDll, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // These live for seconds: what the runtime spends to make them faster later (a third of all they take) is lost.
        start.Environment["DOTNET_TC_CallCountThreshold"] = "2000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        // As eng/run and the image start it.
        start.Environment["DOTNET_GCgen0size"] = "0x1000000";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }

    private long Status(string name) => long.Parse(
        File.ReadLines($"/proc/{process!.Id}/status").Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..]
            .Replace("kB", "", StringComparison.Ordinal),
        System.Globalization.CultureInfo.InvariantCulture);

    private static string Metadata(string key) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(one => one.Key == key).Value!;

    // What a request has brought so far is told to nobody before the request ends: only the disk shows it.
    private IEnumerable<long> Growing() =>
        new DirectoryInfo(Path.Combine(Data, "objects")).EnumerateFiles("*~growing", SearchOption.AllDirectories)
            .Select(file => file.Exists ? file.Length : 0);

    private async Task Launch(string urls)
    {
        process = Process.Start(Starting(["serve", "--urls", urls, "--data", Data, .. options], environment, program))!;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (log)
                log.Append(line.Data).Append('\n');
        };
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Page: ", StringComparison.Ordinal) || line.StartsWith("Health: ", StringComparison.Ordinal))
            {
                Address = new Uri(new Uri(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim()), "/");
                return;
            }
        }

        await process.WaitForExitAsync();
        throw new InvalidOperationException($"The server did not start: {Log}");
    }
}
