using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EventFiles.Infrastructure.ReadModels.Redis;

namespace EventFiles.Infrastructure.Tests;

/// <summary>A private Redis from the installed program, in memory only; gone at the end. Tests keep apart by prefix.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("ef-redis-");
    private int prefixes;

    public string Url => Server.Url;

    /// <summary>For who does not test what a slow server does: the machine may be busy with other things.</summary>
    internal RedisSettings Settings => new(RedisAddress.Parse(Url), TimeSpan.FromSeconds(60));

    internal RedisServer Server { get; private set; } = null!;

    public string NewPrefix() => string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref prefixes)}");

    public async ValueTask InitializeAsync() => Server = await RedisServer.Start(directory.FullName);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        directory.Delete(recursive: true);
    }
}

/// <summary>One redis-server.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string directory;
    private readonly string[] options;
    private Process process;

    private RedisServer(string directory, int port, string[] options, Process process) =>
        (this.directory, Port, this.options, this.process) = (directory, port, options, process);

    public int Port { get; }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{Port}");

    public int ProcessId => process.Id;

    public static async Task<RedisServer> Start(string directory, params string[] options)
    {
        for (var attempt = 0; attempt < 10; attempt++)
        {
            // Somebody may take the port before the server does: then another one.
            var port = FreePorts.Next();
            var server = new RedisServer(directory, port, options, Launch(directory, port, options));
            if (await Answers(port, server.process))
                return server;
            await server.DisposeAsync();
        }

        throw new InvalidOperationException("Redis does not start.");
    }

    /// <summary>SIGKILL, and all it held is gone.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>On the same port; empty, unless it was told to save.</summary>
    public async Task Restart()
    {
        process.Dispose();
        process = Launch(directory, Port, options);
        Assert.True(await Answers(Port, process), "Redis did not start again.");
    }

    /// <summary>SIGSTOP: it answers nobody, and its connections stay.</summary>
    public Task Freeze() => Signals.Freeze(process.Id);

    public Task Thaw() => Signals.Send("-CONT", process.Id);

    /// <summary>Does what an operator might type, and gives what that prints.</summary>
    public async Task<string> Do(params string[] words)
    {
        using var typed = Process.Start(new ProcessStartInfo("redis-cli", ["-p", Port.ToString(CultureInfo.InvariantCulture), .. words])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var said = (await typed.StandardOutput.ReadToEndAsync()).Trim();
        await typed.WaitForExitAsync();
        return said;
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static Process Launch(string directory, int port, string[] options)
    {
        var launched = Process.Start(new ProcessStartInfo(
            "/bin/sh",
            [
                "-c", "exec redis-server \"$@\" >/dev/null 2>&1 </dev/null", "redis", "--port", port.ToString(CultureInfo.InvariantCulture),
                "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "no", .. options,
            ]))!;
        Signals.EndWithUs(launched);
        return launched;
    }

    private static async Task<bool> Answers(int port, Process server)
    {
        var start = Stopwatch.GetTimestamp();
        while (!server.HasExited && Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(3))
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                await client.GetStream().WriteAsync("INFO server\r\nQUIT\r\n"u8.ToArray());
                using var reply = new StreamReader(client.GetStream());
                var said = await reply.ReadToEndAsync();
                // One that wants a password says no more, and one that did not get its port has ended.
                return said.Contains($"process_id:{server.Id}\r", StringComparison.Ordinal)
                    || (said.StartsWith("-NOAUTH", StringComparison.Ordinal) && !server.HasExited);
            }
            catch (Exception notYet) when (notYet is SocketException or IOException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }
}

/// <summary>What makes another process stop, go on and end.</summary>
internal static class Signals
{
    /// <summary>
    /// Its process is killed when this one ends, however. The kernel would do that by itself when the thread that started
    /// it ends, which in a pool may be long before.
    /// </summary>
    public static void EndWithUs(Process process)
    {
        var watch = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "read -r _ || kill -KILL $0", process.Id.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        })!;
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
        {
            watch.StandardInput.WriteLine("It has ended by itself, and its number may be another's.");
            watch.StandardInput.Close();
            watch.Dispose();
        };
    }

    /// <summary>SIGSTOP, and waits for all threads to stand still: on a busy machine one may run on after the signal was sent.</summary>
    public static async Task Freeze(int process)
    {
        await Send("-STOP", process);
        await Wait.Until(() => Directory.GetDirectories($"/proc/{process}/task").All(StandsStill), "the standstill");
    }

    // The state stands behind the name, which may hold anything.
    private static bool StandsStill(string thread) =>
        File.ReadAllText(Path.Combine(thread, "stat")) is var state && state[state.LastIndexOf(')') + 2] is 'T';

    public static async Task Send(string signal, int process)
    {
        using var kill = Process.Start("kill", [signal, process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
