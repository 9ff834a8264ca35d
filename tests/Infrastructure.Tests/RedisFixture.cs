using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EventFiles.Infrastructure.Tests;

/// <summary>A private Redis from the installed program, in memory only; gone at the end. Tests keep apart by prefix.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("ef-redis-");
    private int prefixes;

    /// <summary>Where it is, as the client library wants it.</summary>
    public string Settings => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Server.Port}");

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
    private Process process;

    private RedisServer(string directory, int port, Process process) =>
        (this.directory, Port, this.process) = (directory, port, process);

    public int Port { get; }

    public int ProcessId => process.Id;

    public static async Task<RedisServer> Start(string directory)
    {
        while (true)
        {
            // Somebody may take the port before the server does: then another one.
            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            var port = ((IPEndPoint)free.LocalEndpoint).Port;
            free.Stop();
            var launched = Launch(directory, port);
            if (await Answers(port, launched))
                return new RedisServer(directory, port, launched);
            launched.Dispose();
        }
    }

    /// <summary>SIGKILL, and all it held is gone.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>On the same port, empty.</summary>
    public async Task Restart()
    {
        process.Dispose();
        process = Launch(directory, Port);
        Assert.True(await Answers(Port, process), "Redis did not start again.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await Kill();
        process.Dispose();
    }

    private static Process Launch(string directory, int port) => Process.Start(new ProcessStartInfo(
        "/bin/sh",
        [
            "-c", "exec setpriv --pdeathsig KILL redis-server \"$@\" >/dev/null 2>&1 </dev/null", "redis", "--port", port.ToString(CultureInfo.InvariantCulture),
            "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "no",
        ]))!;

    private static async Task<bool> Answers(int port, Process server)
    {
        var start = Stopwatch.GetTimestamp();
        while (!server.HasExited && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60))
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                await client.GetStream().WriteAsync("INFO server\r\nQUIT\r\n"u8.ToArray());
                using var reply = new StreamReader(client.GetStream());
                return (await reply.ReadToEndAsync()).Contains($"process_id:{server.Id}\r", StringComparison.Ordinal);
            }
            catch (Exception notYet) when (notYet is SocketException or IOException)
            {
                await Task.Delay(20);
            }
        }

        return false;
    }
}
