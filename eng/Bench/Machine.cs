using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace EventFiles.Bench;

/// <summary>What this machine is like right now; absolute figures mean nothing without it.</summary>
/// <param name="HashMegabytesPerSecond">SHA-256 on one core.</param>
/// <param name="FsyncsPerSecond">4 KiB appended and flushed, one after the other.</param>
/// <param name="CreatesPerSecond">Empty files made, one after the other.</param>
/// <param name="OthersCores">How many cores were busy with something else before the start.</param>
internal sealed record Machine(
    int Cores, double HashMegabytesPerSecond, double FsyncsPerSecond, double CreatesPerSecond, double OthersCores, string LoadAverage)
{
    private const double QuietCores = 0.15;
    private static readonly TimeSpan Canary = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Waits a while for the machine to be quiet, then looks.</summary>
    public static async Task<Machine> Probe(string folder, TimeSpan patience, CancellationToken cancel)
    {
        var start = Stopwatch.GetTimestamp();
        double others;
        while ((others = await Others(cancel)) > QuietCores && Stopwatch.GetElapsedTime(start) < patience)
        {
        }

        return new Machine(
            Environment.ProcessorCount, Hashes(), Fsyncs(folder), Creates(folder), others,
            (await File.ReadAllTextAsync("/proc/loadavg", cancel)).Trim());
    }

    private static async Task<double> Others(CancellationToken cancel)
    {
        var before = Processors.Read([], false).Others;
        var start = Stopwatch.GetTimestamp();
        await Task.Delay(Look, cancel);
        return Math.Max(0, (Processors.Read([], false).Others - before) / Stopwatch.GetElapsedTime(start));
    }

    private static double Hashes()
    {
        var block = new byte[1 << 20];
        return PerSecond(() => SHA256.HashData(block));
    }

    private static double Fsyncs(string folder)
    {
        var block = new byte[4096];
        using var file = File.OpenHandle(Path.Combine(folder, "canary"), FileMode.Create, System.IO.FileAccess.Write);
        var offset = 0L;
        return PerSecond(() =>
        {
            RandomAccess.Write(file, block, offset);
            RandomAccess.FlushToDisk(file);
            offset += block.Length;
        });
    }

    private static double Creates(string folder)
    {
        var count = 0;
        return PerSecond(() => File.OpenHandle(
            Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"canary-{count++}")), FileMode.CreateNew, System.IO.FileAccess.Write).Dispose());
    }

    private static double PerSecond(Action act)
    {
        var start = Stopwatch.GetTimestamp();
        var count = 0;
        for (; Stopwatch.GetElapsedTime(start) < Canary; count++)
            act();
        return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
