using System.Diagnostics;

namespace EventFiles.Infrastructure.Embedded;

/// <summary>
/// Runs programs as an ordinary account when this process is root: PostgreSQL refuses root, and rightly. As anybody else
/// they simply run as that account.
/// </summary>
internal static class OrdinaryAccount
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    /// <summary>Whose files a program started here makes; null when it is our own account.</summary>
    public static string? Name { get; } = Environment.IsPrivilegedProcess ? Candidates.FirstOrDefault(Exists) : null;

    /// <summary>Gives a folder to the account.</summary>
    public static async Task Own(string folder)
    {
        if (Name is { } account)
            await Finish(new ProcessStartInfo("chown", [account, folder]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false });
    }

    /// <summary>How to start a program as the account, so that it can reach <paramref name="folder"/>.</summary>
    public static ProcessStartInfo Starting(string program, IEnumerable<string> arguments, string folder)
    {
        var start = new ProcessStartInfo
        {
            FileName = program,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        if (Name is { } account)
        {
            start.FileName = "setpriv";
            foreach (var argument in Privileges(account, folder))
                start.ArgumentList.Add(argument);
            start.ArgumentList.Add(program);
        }

        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    /// <summary>Runs a prepared program to its end.</summary>
    /// <returns>Its exit code and all that it printed.</returns>
    public static async Task<(int ExitCode, string Output)> Finish(ProcessStartInfo start)
    {
        using var process = Process.Start(start) ?? throw new EmbeddedException($"{start.FileName} cannot be started.");
        if (start.RedirectStandardInput)
            process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }

    // Of root's powers the program keeps none. Where a folder on the way is closed to others (as a home folder or a
    // temporary folder is) it keeps the one of passing through.
    private static IEnumerable<string> Privileges(string account, string folder)
    {
        var kept = IsReachable(folder) ? "-all" : "-all,+dac_read_search";
        return
        [
            $"--reuid={account}", $"--regid={Group(account)}", "--clear-groups",
            $"--inh-caps={kept}", $"--ambient-caps={kept}", $"--bounding-set={kept}", "--",
        ];
    }

    private static bool IsReachable(string folder)
    {
        for (var parent = Directory.GetParent(folder); parent is not null; parent = parent.Parent)
        {
            if (!parent.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return false;
        }

        return true;
    }

    private static bool Exists(string account) =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith(account + ":", StringComparison.Ordinal));

    private static string Group(string account) =>
        File.ReadLines("/etc/passwd").First(line => line.StartsWith(account + ":", StringComparison.Ordinal)).Split(':')[3];
}
