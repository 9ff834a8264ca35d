using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// The walls around a child, as the command line that it is started with: programs of util-linux set limits and put the
/// next one in their place, so that only one process stays (two with bubblewrap). No shell reads anything.
/// </summary>
/// <param name="Walls">What stands between the limits and the program.</param>
/// <param name="FileBytes">How large a file may be that a child allows itself to write; 0 for none at all.</param>
internal sealed record Sandbox(IReadOnlyList<string> Walls, long FileBytes)
{
    private const string HeapBytesHex = "6000000";
    private const int ProbeMilliseconds = 5000;

    /// <summary>The child is two processes, of which the first only waits for the second.</summary>
    public bool HasKeeper => Walls.Count > 0 && Walls[0] is "bwrap";

    /// <summary>The strongest walls that this machine and account permit, found by trying.</summary>
    public static Sandbox Strongest(ChildOptions options, long fileBytes) =>
        Candidates(options).Select(walls => new Sandbox(walls, fileBytes))
            .FirstOrDefault(sandbox => (options.UsesBubblewrap || !sandbox.HasKeeper) && sandbox.Works(options))
        ?? throw new TransientException("No child process can be started: are setsid, prlimit and setpriv installed?");

    /// <summary>The whole command for the child.</summary>
    public ProcessStartInfo Around(ChildOptions options, string program, IEnumerable<string> arguments)
    {
        // A session of its own: a signal from the terminal reaches the parent alone, and the group dies as one.
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        string[] limits =
        [
            "prlimit",
            "--core=0",
            string.Create(CultureInfo.InvariantCulture, $"--fsize=0:{FileBytes}"),
            "--nofile=256",
            string.Create(CultureInfo.InvariantCulture, $"--data={options.MemoryBytes}"),
        ];
        foreach (var word in (IEnumerable<string>)[.. limits, .. Walls, program, .. arguments])
            start.ArgumentList.Add(word);

        // Nothing of the parent's environment: it may hold passwords.
        start.Environment.Clear();
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return start;
    }

    private static readonly Dictionary<string, string?> Environment = new(StringComparer.Ordinal)
    {
        ["PATH"] = InstalledTools.Path,
        ["LANG"] = "C.UTF-8",
        ["HOME"] = "/nonexistent",
        ["VIPS_BLOCK_UNTRUSTED"] = "1",
        ["VIPS_CONCURRENCY"] = "1",
        // libvips would put large pictures into temporary files, which the limit on file size forbids.
        ["VIPS_DISC_THRESHOLD"] = "100g",
        ["MALLOC_ARENA_MAX"] = "2",
        ["DOTNET_GCHeapHardLimit"] = HeapBytesHex,
        ["DOTNET_gcServer"] = "0",
        ["DOTNET_gcConcurrent"] = "0",
        ["DOTNET_EnableDiagnostics"] = "0",
        // Its double mapping needs a file that may grow.
        ["DOTNET_EnableWriteXorExecute"] = "0",
        ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1",
        ["DOTNET_NOLOGO"] = "1",
    };

    private static IEnumerable<IReadOnlyList<string>> Candidates(ChildOptions options)
    {
        // A file system with programs, libraries and fonts only, no network, no other processes, no privileges.
        yield return
        [
            "bwrap", "--unshare-all", "--die-with-parent", "--uid", "65534", "--gid", "65534",
            "--ro-bind", "/usr", "/usr", "--ro-bind-try", "/bin", "/bin", "--ro-bind-try", "/lib", "/lib",
            "--ro-bind-try", "/lib64", "/lib64", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache",
            "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/fonts", "/etc/fonts",
            "--ro-bind-try", "/var/cache/fontconfig", "/var/cache/fontconfig",
            .. Folders(options).SelectMany(folder => (string[])["--ro-bind", folder, folder]),
            "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/", "--chdir", "/",
        ];
        string[] alone = ["setpriv", "--pdeathsig", "KILL", "--no-new-privs"];
        yield return [.. alone, "unshare", "--net"];
        yield return [.. alone, "unshare", "--net", "--map-current-user"];
        yield return alone;
    }

    // What the program is made of, where that is not below /usr.
    private static IEnumerable<string> Folders(ChildOptions options) =>
        options.Arguments.Prepend(options.FileName)
            .Where(word => Path.IsPathRooted(word) && File.Exists(word))
            .Select(word => Path.GetDirectoryName(word)!)
            .Append(AppContext.BaseDirectory)
            .Append(Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../..")))
            .Select(Path.TrimEndingDirectorySeparator)
            .Where(folder => folder is not "/usr" && !folder.StartsWith("/usr/", StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal);

    private bool Works(ChildOptions options)
    {
        try
        {
            using var probe = Process.Start(Around(options, "true", []))!;
            if (probe.WaitForExit(ProbeMilliseconds))
                return probe.ExitCode == 0;
            probe.Kill(entireProcessTree: true);
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
