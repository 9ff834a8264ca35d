using System.Globalization;

namespace EventFiles.Bench;

/// <summary>Processor time used so far, by whom. The kernel counts in hundredths of a second.</summary>
/// <param name="Mine">By the processes asked for.</param>
/// <param name="Others">By everything that this measurement did not start.</param>
internal sealed record Processors(TimeSpan Mine, TimeSpan Others)
{
    private const double TicksPerSecond = 100;
    private const int KernelThreads = 2;

    /// <summary>Looks at every process once.</summary>
    /// <param name="trees">Processes that count with all they started.</param>
    /// <param name="self">Whether this process counts, without what it started.</param>
    public static Processors Read(IReadOnlyCollection<int> trees, bool self)
    {
        var all = Directory.GetDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? Stat(id) : null)
            .OfType<Process>().ToDictionary(process => process.Id);
        var (mine, ours, kernel) = (0L, 0L, 0L);
        foreach (var process in all.Values)
        {
            if (Descends(all, process, trees) || (self && process.Id == Environment.ProcessId))
                mine += process.Ticks;
            if (Descends(all, process, [Environment.ProcessId]))
                ours += process.Ticks;
            else if (process.Parent == KernelThreads)
                kernel += process.Ticks;
        }

        return new(TimeSpan.FromSeconds(mine / TicksPerSecond), TimeSpan.FromSeconds((Machine() - ours - kernel) / TicksPerSecond));
    }

    private static bool Descends(Dictionary<int, Process> all, Process process, IReadOnlyCollection<int> roots)
    {
        for (var at = process; at is not null; at = all.GetValueOrDefault(at.Parent))
        {
            if (roots.Contains(at.Id))
                return true;
        }

        return false;
    }

    // User, nice, system: idle and waiting are not used, interrupts belong to nobody.
    private static long Machine() => File.ReadLines("/proc/stat").First()
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..4]
        .Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture));

    private static Process? Stat(int id)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            // The name stands in parentheses and may hold spaces.
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            // 1: parent; 11 to 14: its own time and that of the children it has waited for.
            return new(id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private sealed record Process(int Id, int Parent, long Ticks);
}
