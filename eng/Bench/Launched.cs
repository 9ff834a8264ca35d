using System.Diagnostics;
using System.Text;

namespace EventFiles.Bench;

/// <summary>
/// A program that serves on a port of its own choice and prints <c>Page: URL</c>. It is stopped with us, however we end:
/// the shell that watches over it sees its input close.
/// </summary>
internal sealed class Launched : IAsyncDisposable
{
    private const string Watch =
        """
        "$@" </dev/null & server=$!
        (read -r _; kill -TERM $server) <&3 & watcher=$!
        wait $server; code=$?
        kill $watcher 2>/dev/null
        exit $code
        """;

    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(40);

    private readonly Process watcher;
    private readonly Task<string> said;

    private Launched(Process process, Task<string> log, Uri address) => (watcher, said, Address) = (process, log, address);

    public Uri Address { get; }

    public int Id => watcher.Id;

    public static async Task<Launched> Start(params string[] command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec 3<&0\n" + Watch, "watch", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Ours are no settings of the product, which refuses what it does not know.
        foreach (var ours in start.Environment.Keys.Where(name => name.StartsWith("EVENTFILES_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(ours);
        // As eng/run and the image start it.
        start.Environment["DOTNET_GCgen0size"] = "0x1000000";
        var process = Process.Start(start)!;
        var log = Tail(process.StandardError);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Page: ", StringComparison.Ordinal))
            {
                _ = Tail(process.StandardOutput);
                return new Launched(process, log, new Uri(line["Page: ".Length..].Trim()));
            }
        }

        throw new BenchException($"{string.Join(' ', command)} did not start:\n{await log}");
    }

    public async ValueTask DisposeAsync()
    {
        watcher.StandardInput.Close();
        try
        {
            await watcher.WaitForExitAsync().WaitAsync(StopWithin);
        }
        catch (TimeoutException)
        {
            watcher.Kill(entireProcessTree: true);
        }

        watcher.Dispose();
    }

    /// <summary>The last that the program said on its standard error; it must have ended.</summary>
    public Task<string> Log() => said;

    private static async Task<string> Tail(StreamReader from)
    {
        const int Kept = 8192;
        var tail = new StringBuilder();
        while (await from.ReadLineAsync() is { } line)
        {
            tail.AppendLine(line);
            if (tail.Length > 2 * Kept)
                tail.Remove(0, tail.Length - Kept);
        }

        return tail.ToString();
    }
}

/// <summary>The measurement cannot go on, for a reason that a person can mend.</summary>
internal sealed class BenchException(string message) : Exception(message);
