using System.Diagnostics;

namespace EventFiles.Journeys.Tests.Faults;

/// <summary>
/// Such nodes and servers on machines that can be spoilt: the nodes' clocks can be set, and where this is root, PostgreSQL's
/// disk and that of the nodes' temporary files are small enough to be filled.
/// </summary>
public sealed class FragileServers : ArmedNodes
{
    private readonly string folder = Directory.CreateTempSubdirectory("eventfiles-fragile-").FullName;

    public FragileServers() : base(HasDisks ? ["--disk", "1024"] : [])
    {
    }

    /// <summary>Only root can make disks.</summary>
    public static bool HasDisks => Environment.IsPrivilegedProcess;

    /// <summary>Where PostgreSQL has its data.</summary>
    public string DatabaseDisk => Path.Combine(Settings["EVENTFILES_SERVERS_DIR"], "postgres");

    /// <summary>Where nodes keep for a moment what is on its way to the object store.</summary>
    public string NodeDisk => Path.Combine(folder, "temporary");

    public override async ValueTask InitializeAsync()
    {
        SetClock("api", "+0");
        SetClock("worker", "+0");
        Directory.CreateDirectory(NodeDisk);
        if (HasDisks)
            await SmallDisk.Mount(NodeDisk, 256);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (HasDisks)
            await SmallDisk.Unmount(NodeDisk);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Sets the clock of the machine that a node is on; how fast it goes stays as it is.</summary>
    /// <param name="ahead">Of the real time: <c>+1d</c>, <c>-1h</c>.</param>
    public void SetClock(string role, string ahead)
    {
        // Whoever reads it meanwhile finds the one or the other.
        File.WriteAllText(ClockOf(role) + ".new", ahead);
        File.Move(ClockOf(role) + ".new", ClockOf(role), overwrite: true);
    }

    // The clock that counts how much time has passed is that of the kernel: nobody can set it. What waits for a time on that
    // clock is told a time on that clock; with the library's own correction for older systems it never waits at all.
    protected override (string Name, string Value)[] Around(string role) =>
    [
        ("LD_PRELOAD", Directory.EnumerateDirectories("/usr/lib").Select(one => Path.Combine(one, "faketime", "libfaketimeMT.so.1")).First(File.Exists)),
        ("FAKETIME_TIMESTAMP_FILE", ClockOf(role)), ("FAKETIME_CACHE_DURATION", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ("FAKETIME_FORCE_MONOTONIC_FIX", "0"),
        ("TMPDIR", NodeDisk), ("Encryption__Era", "1.00:00:00"),
    ];

    private string ClockOf(string role) => Path.Combine(folder, $"clock-{role}");
}

/// <summary>A disk in memory that can be filled.</summary>
internal static class SmallDisk
{
    public static Task Mount(string folder, int mebibytes) => Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "eventfiles", folder);

    public static Task Unmount(string folder) => Run("umount", "-l", folder);

    /// <summary>Leaves not a byte on it while something is done.</summary>
    public static async Task Fill(string folder, Func<Task> meanwhile)
    {
        var filler = Path.Combine(folder, "filler");
        try
        {
            using (var file = File.OpenHandle(filler, FileMode.Create, System.IO.FileAccess.Write))
            {
                var offset = 0L;
                for (var step = 1 << 20; step > 0; step /= 16)
                    offset = Fill(file, offset, new byte[step]);
            }

            await meanwhile();
        }
        finally
        {
            File.Delete(filler);
        }
    }

    private static long Fill(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, byte[] bytes)
    {
        try
        {
            for (; ; offset += bytes.Length)
                RandomAccess.Write(file, bytes, offset);
        }
        catch (IOException)
        {
            return RandomAccess.GetLength(file);
        }
    }

    private static async Task Run(string program, params string[] arguments)
    {
        using var one = Process.Start(program, arguments);
        await one.WaitForExitAsync();
        Assert.Equal(0, one.ExitCode);
    }
}
