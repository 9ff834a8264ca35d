using System.Globalization;
using System.Text.Json;

namespace EventFiles.Bench;

/// <summary>Prints what was measured, and writes it down for machines.</summary>
internal sealed class Report(Machine machine)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
    private readonly List<object> contests = [];

    public bool AllMet { get; private set; } = true;

    public static void Print(Machine machine)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{machine.Cores} cores; SHA-256 {machine.HashMegabytesPerSecond:F0} MB/s; {machine.FsyncsPerSecond:F0} fsyncs/s; "
            + $"{machine.CreatesPerSecond:F0} creates/s; {machine.OthersCores:F2} cores busy with something else; load {machine.LoadAverage}"));
        if (machine.OthersCores > 0.3)
            Console.WriteLine("The machine is not quiet: expect rows to be inconclusive.");
    }

    public static void Header() =>
        Console.WriteLine(
            $"{"",-34} {"per second",10} {"against",22} {"per second",10} {"rounds",-16} {"median",6} {"goal",5} {"CPU µs",7} {"theirs",7} {"others",6}  verdict");

    public void Add(string name, Contest contest, IReadOnlyList<Result> results, IReadOnlyDictionary<string, IReadOnlyList<Turn>> turns)
    {
        foreach (var row in results)
        {
            var rounds = string.Join(' ', row.Ratios.Select(ratio => ratio.ToString("F2", CultureInfo.InvariantCulture)));
            Say($"{row.Name,-34} {row.Rate,10:N1} {row.Against,22} {row.AgainstRate,10:N1} {rounds,-16} {row.Median,6:F2} {row.Goal,5:F2} {row.CpuMicroseconds,7:F0} {row.AgainstCpuMicroseconds,7:F0} {row.OthersCores,6:F2}  {row.Verdict}");
            AllMet &= row.Verdict is "met" or "shown";
        }

        contests.Add(new { name, contest.Unit, results, turns });
    }

    public void Fail(string name, string why)
    {
        Say($"{name,-34} failed: {why}");
        AllMet = false;
        contests.Add(new { name, failed = why });
    }

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(new { at = DateTimeOffset.UtcNow, machine, contests }, Json));

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
