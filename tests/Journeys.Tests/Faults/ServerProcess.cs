using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EventFiles.Journeys.Tests.Faults;

/// <summary>One process of the real servers, to be stopped for a while, or killed and started as it was.</summary>
internal sealed class ServerProcess
{
    private readonly string folder;
    private readonly string name;

    private ServerProcess(string folder, string name) => (this.folder, this.name) = (folder, name);

    /// <param name="name">As <c>eng/servers</c> notes it: <c>postgres</c>, <c>redis</c>, <c>rabbitmq</c>, <c>s3</c>.</param>
    public static ServerProcess Of(RealServers servers, string name) => new(servers.Settings["EVENTFILES_SERVERS_DIR"], name);

    private string ProcessId => File.ReadAllLines(Path.Combine(folder, "processes"))
        .Select(line => line.Split(' ')).Last(one => one[0] == name)[1];

    /// <summary>It and all that it has begun do nothing for a while, and keep their connections.</summary>
    public Task Freeze(TimeSpan span) => Freeze(() => Task.Delay(span));

    /// <summary>The same while something else is done.</summary>
    public async Task Freeze(Func<Task> meanwhile)
    {
        var all = Children(ProcessId).Append(ProcessId).ToList();
        await Signal("STOP", all);
        try
        {
            await meanwhile();
        }
        finally
        {
            await Signal("CONT", all);
        }
    }

    /// <summary>SIGKILL to one of its children: of PostgreSQL's, which then throws everybody out and recovers.</summary>
    public Task KillChild() => Signal("KILL", [Children(ProcessId).First(child => Command(child).Contains("eventfiles_app", StringComparison.Ordinal))]);

    /// <summary>SIGKILL, and after a while the same program with the same arguments as the same account.</summary>
    public Task KillAndStart(TimeSpan away)
    {
        var id = ProcessId;
        return AgainWhenGone(async () =>
        {
            await Signal("KILL", [id]);
            await Task.Delay(away);
        });
    }

    /// <summary>Starts it again, as an operator does, if what is done meanwhile has ended it.</summary>
    public async Task AgainWhenGone(Func<Task> meanwhile)
    {
        var id = ProcessId;
        var (arguments, account) = (Command(id).TrimEnd('\0').Split('\0'), Account(id));
        var (program, place) = (Program(id), Folder(id));
        // The one writes over its own title, the other needs its settings around it.
        if (name is "redis" or "rabbitmq")
            arguments = name == "redis" ? ["redis-server", Path.Combine(folder, name, "redis.conf")] : [Path.Combine(folder, name, "run")];
        await meanwhile();
        if (Program(id) is not null)
            return;
        var before = Processes().ToHashSet(StringComparer.Ordinal);
        var start = new ProcessStartInfo("setsid") { WorkingDirectory = place, UseShellExecute = false };
        string[] inItsName = Environment.UserName == "root" ? ["setpriv", $"--reuid={account}", $"--regid={account}", "--clear-groups"] : [];
        foreach (var argument in (string[])[.. inItsName, .. arguments])
            start.ArgumentList.Add(argument);
        using var started = Process.Start(start)!;
        await Again(before, program!, place!);
    }

    // Beside these servers there may be others that look the same: only this one is new.
    private async Task Again(HashSet<string> before, string program, string place)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            var now = Processes().FirstOrDefault(one => !before.Contains(one) && Program(one) == program && Folder(one) == place);
            if (now is not null)
            {
                await File.AppendAllTextAsync(Path.Combine(folder, "processes"), $"{name} {now}\n", patience.Token);
                return;
            }

            await Task.Delay(50, patience.Token);
        }
    }

    private static IEnumerable<string> Processes() => Directory.EnumerateDirectories("/proc")
        .Select(one => Path.GetFileName(one)!)
        .Where(one => int.TryParse(one, CultureInfo.InvariantCulture, out _));

    private static IEnumerable<string> Children(string parent) =>
        Processes().Where(one => Said(one, "stat").Split(") ")[^1].Split(' ') is [_, var its, ..] && its == parent);

    private static string Command(string process) => Said(process, "cmdline");

    private static string? Folder(string process) => Target(process, "cwd");

    private static string? Program(string process) => Target(process, "exe");

    private static string? Target(string process, string link)
    {
        try
        {
            return new FileInfo($"/proc/{process}/{link}").LinkTarget;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Account(string process) => Said(process, "status").Split('\n')
        .First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];

    private static string Said(string process, string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{process}/{file}"));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static async Task Signal(string signal, IEnumerable<string> processes)
    {
        using var kill = Process.Start("bash", ["-c", $"kill -{signal} {string.Join(' ', processes)}"]);
        await kill.WaitForExitAsync();
    }
}
