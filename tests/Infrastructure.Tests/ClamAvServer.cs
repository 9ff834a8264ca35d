using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EventFiles.Infrastructure.Tests;

/// <summary>
/// A private clamd from the installed program, with signatures of the tests' own: of the EICAR test file, and of
/// <see cref="Marker"/>.
/// </summary>
public sealed class ClamAvServer : IAsyncDisposable
{
    /// <summary>Bytes that clamd is told to find, wherever they stand.</summary>
    public const string Marker = "EVENTFILES-MADE-UP-VIRUS-0001";

    /// <summary>Bytes that it finds once <see cref="Learn"/> was called.</summary>
    public const string LaterMarker = "EVENTFILES-MADE-UP-VIRUS-0002";

    /// <summary>The largest stream that it takes.</summary>
    public const int LargestBytes = 2 * 1024 * 1024;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ef-clamd-");
    private Process process = null!;

    private ClamAvServer(int port) => Port = port;

    /// <summary>The test file that every scanner finds (eicar.org), made when it is needed: this source is none.</summary>
    public static byte[] Eicar => Encoding.ASCII.GetBytes(@"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");

    public int Port { get; }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{Port}");

    public string SocketUrl => $"unix:{Path.Combine(folder.FullName, "clamd.sock")}";

    public static async Task<ClamAvServer> Start()
    {
        var server = new ClamAvServer(FreePorts.Next());
        server.folder.CreateSubdirectory("db");
        server.folder.CreateSubdirectory("tmp");
        await server.Write("eicar", Encoding.ASCII.GetString(Eicar));
        await server.Write("marker", Marker);
        await File.WriteAllTextAsync(
            Path.Combine(server.folder.FullName, "clamd.conf"),
            $"""
            Foreground yes
            DatabaseDirectory {server.folder.FullName}/db
            TemporaryDirectory {server.folder.FullName}/tmp
            LocalSocket {server.folder.FullName}/clamd.sock
            TCPSocket {server.Port}
            TCPAddr 127.0.0.1
            MaxThreads 4
            StreamMaxLength 2M
            SelfCheck 0
            OfficialDatabaseOnly no
            AlertExceedsMax yes
            ConcurrentDatabaseReload no

            """);
        await server.Restart();
        return server;
    }

    /// <summary>One more signature. Only official ones have a number, so what it says of itself stays the same.</summary>
    public async Task Learn()
    {
        await Write("later", LaterMarker);
        Assert.Equal("RELOADING", await Ask("zRELOAD\0"));
        // It takes in what is new before it looks at anything more: so its next answer is one of what it learnt.
        Assert.EndsWith(" FOUND", await Look(LaterMarker), StringComparison.Ordinal);
    }

    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task Restart()
    {
        process = Process.Start(new ProcessStartInfo(
            "/bin/sh", ["-c", "PATH=$PATH:/usr/sbin; exec clamd -c \"$0\" >/dev/null 2>&1 </dev/null", Path.Combine(folder.FullName, "clamd.conf")]))!;
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(20))
        {
            try
            {
                if (await Ask("zPING\0") == "PONG")
                    return;
            }
            catch (SocketException) when (!process.HasExited && Stopwatch.GetElapsedTime(since) < TimeSpan.FromMinutes(3))
            {
                // Not yet.
            }
        }
    }

    /// <summary>SIGSTOP: it answers nobody, and its connections stay.</summary>
    public Task Freeze() => Signal("-STOP");

    public Task Thaw() => Signal("-CONT");

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private Task Write(string name, string bytes) => File.WriteAllTextAsync(
        Path.Combine(folder.FullName, "db", $"{name}.ldb"),
        $"Local.{name};Engine:51-255,Target:0;0;{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(bytes))}\n");

    // One chunk behind its length, and the end.
    private Task<string> Look(string bytes) =>
        Ask([.. "zINSTREAM\0"u8, 0, 0, 0, (byte)bytes.Length, .. Encoding.ASCII.GetBytes(bytes), 0, 0, 0, 0]);

    private Task<string> Ask(string words) => Ask(Encoding.ASCII.GetBytes(words));

    private async Task<string> Ask(byte[] words)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await client.GetStream().WriteAsync(words);
        using var reply = new StreamReader(client.GetStream());
        return (await reply.ReadToEndAsync()).TrimEnd('\0', '\n');
    }

    private async Task Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
