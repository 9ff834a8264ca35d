using System.Diagnostics;

namespace EventFiles.Bench;

/// <summary>One of those that are compared: works as long as it is told, and says how much it got done.</summary>
/// <param name="Work">Throws when anything at all went wrong.</param>
internal sealed record Contestant(string Name, Func<TimeSpan, CancellationToken, Task<double>> Work)
{
    /// <summary>Processes whose time is counted, with all they start.</summary>
    public IReadOnlyList<int> Processes { get; init; } = [];

    /// <summary>It runs in this process.</summary>
    public bool IsHere { get; init; }

    /// <summary>Where it notes how long each operation took; null when only their number matters.</summary>
    public Times? Times { get; init; }
}

/// <summary>One contestant's turn in one round.</summary>
/// <param name="Operations">What it got done.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="CpuMicroseconds">Its processor time for one operation.</param>
/// <param name="OthersCores">How many cores others kept busy meanwhile.</param>
internal sealed record Turn(double Operations, double Seconds, double CpuMicroseconds, double OthersCores)
{
    public double Rate => Operations / Seconds;

    /// <summary>How long operations took, the shortest first; empty when nobody noted it.</summary>
    public IReadOnlyList<double> Milliseconds { get; init; } = [];
}

/// <summary>What is asked of the product.</summary>
/// <param name="Name">What the row is called.</param>
/// <param name="Product">The contestant that must keep up.</param>
/// <param name="Against">With whom.</param>
/// <param name="AtLeast">The product's rate over the other's; null when it is only shown.</param>
internal record Goal(string Name, string Product, string Against, double? AtLeast)
{
    /// <summary>What the rate must be besides, on any machine; null when the ratio alone counts.</summary>
    public double? LeastRate { get; init; }

    /// <summary>The product's figure in a round.</summary>
    public virtual double Figure(IReadOnlyDictionary<string, Turn> round) => round[Product].Rate;

    /// <summary>The other's.</summary>
    public virtual double AgainstFigure(IReadOnlyDictionary<string, Turn> round) => round[Against].Rate;

    /// <summary>The larger, the better for the product.</summary>
    public virtual double Ratio(IReadOnlyDictionary<string, Turn> round) => Figure(round) / AgainstFigure(round);
}

/// <summary>A time that must not be exceeded. Its figures are milliseconds.</summary>
/// <param name="Quantile">Which part of the operations must be that fast, 0 to 1.</param>
internal sealed record TimeGoal(string Name, string Product, double Quantile, double AtMostMilliseconds)
    : Goal(Name, Product, "at most", 1)
{
    public override double Figure(IReadOnlyDictionary<string, Turn> round) => Of(round[Product], Quantile);

    public override double AgainstFigure(IReadOnlyDictionary<string, Turn> round) => AtMostMilliseconds;

    public override double Ratio(IReadOnlyDictionary<string, Turn> round) => AtMostMilliseconds / Figure(round);

    /// <summary>The time within which that part of a turn's operations was done, in milliseconds.</summary>
    internal static double Of(Turn turn, double quantile)
    {
        var sorted = turn.Milliseconds;
        return sorted[Math.Min(sorted.Count - 1, (int)Math.Ceiling(sorted.Count * quantile) - 1)];
    }
}

/// <summary>A time beside another's in the same round; only shown. Its figures are milliseconds.</summary>
/// <param name="Quantile">Which part of the operations is looked at, 0 to 1.</param>
internal sealed record TimesGoal(string Name, string Product, string Against, double Quantile) : Goal(Name, Product, Against, null)
{
    public override double Figure(IReadOnlyDictionary<string, Turn> round) => TimeGoal.Of(round[Product], Quantile);

    public override double AgainstFigure(IReadOnlyDictionary<string, Turn> round) => TimeGoal.Of(round[Against], Quantile);

    public override double Ratio(IReadOnlyDictionary<string, Turn> round) => AgainstFigure(round) / Figure(round);
}

/// <summary>An amount that must not be exceeded, found before anybody took turns.</summary>
internal sealed record AmountGoal(string Name, string Product, double Amount, double AtMost) : Goal(Name, Product, "at most", 1)
{
    public override double Figure(IReadOnlyDictionary<string, Turn> round) => Amount;

    public override double AgainstFigure(IReadOnlyDictionary<string, Turn> round) => AtMost;

    public override double Ratio(IReadOnlyDictionary<string, Turn> round) => AtMost / Amount;
}

/// <summary>How a goal fared.</summary>
internal sealed record Result(
    string Name, string Product, string Against, double Rate, double AgainstRate, IReadOnlyList<double> Ratios,
    double Median, double? Goal, double CpuMicroseconds, double AgainstCpuMicroseconds, double OthersCores, string Verdict);

/// <summary>Contestants that take turns, three rounds, so that a machine in a bad mood is in it for all of them.</summary>
/// <param name="Unit">What is counted.</param>
internal sealed record Contest(string Unit, IReadOnlyList<Contestant> Contestants, IReadOnlyList<Goal> Goals)
{
    private const int Rounds = 3;
    private const double NoisyCores = 0.3;
    private const double NoisySpread = 1.5;
    private const double WorstOfGoal = 0.8;

    /// <summary>How long one turn takes.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long each warms up.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(1);

    public async Task<(IReadOnlyList<Result> Results, IReadOnlyDictionary<string, IReadOnlyList<Turn>> Turns)> Run(CancellationToken cancel)
    {
        foreach (var contestant in Contestants)
            await contestant.Work(WarmUp, cancel);

        var rounds = new List<Dictionary<string, Turn>>();
        for (var round = 0; round < Rounds; round++)
            rounds.Add(await Round(round, cancel));
        var noisiest = rounds.MaxBy(Noise)!;
        if (Noise(noisiest) > NoisyCores || Goals.Any(goal => Spread(Ratios(rounds, goal)) > NoisySpread))
            rounds[rounds.IndexOf(noisiest)] = await Round(Rounds, cancel);

        return (
            [.. Goals.Select(goal => Judge(goal, rounds))],
            Contestants.ToDictionary(one => one.Name, one => (IReadOnlyList<Turn>)[.. rounds.Select(round => round[one.Name])], StringComparer.Ordinal));
    }

    private async Task<Dictionary<string, Turn>> Round(int number, CancellationToken cancel)
    {
        var turns = new Dictionary<string, Turn>(StringComparer.Ordinal);
        // There and back, so that nobody always runs on what another has left behind.
        foreach (var contestant in number % 2 == 0 ? Contestants : Contestants.Reverse())
        {
            var before = Processors.Read(contestant.Processes, contestant.IsHere);
            contestant.Times?.Clear();
            var start = Stopwatch.GetTimestamp();
            var operations = await contestant.Work(Turn, cancel);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            var after = Processors.Read(contestant.Processes, contestant.IsHere);
            turns.Add(contestant.Name, new Turn(
                operations, seconds, (after.Mine - before.Mine).TotalMicroseconds / Math.Max(1, operations),
                Math.Max(0, (after.Others - before.Others).TotalSeconds / seconds))
            {
                Milliseconds = contestant.Times?.Sorted() ?? [],
            });
        }

        return turns;
    }

    private static Result Judge(Goal goal, List<Dictionary<string, Turn>> rounds)
    {
        var ratios = Ratios(rounds, goal);
        var median = Median(ratios);
        var isNoisy = rounds.Max(Noise) > NoisyCores || Spread(ratios) > NoisySpread;
        var rate = Median(rounds.Select(goal.Figure));
        var least = goal.AtLeast ?? 0;
        var verdict = goal is { AtLeast: null, LeastRate: null } ? "shown"
            : median >= least && ratios.Min() >= WorstOfGoal * least && !(rate < goal.LeastRate) ? "met"
            : isNoisy ? "inconclusive"
            : "missed";
        return new(
            goal.Name, goal.Product, goal.Against,
            rate, Median(rounds.Select(goal.AgainstFigure)),
            ratios, median, goal.AtLeast,
            Median(rounds.Select(round => round[goal.Product].CpuMicroseconds)),
            goal is TimeGoal or AmountGoal ? 0 : Median(rounds.Select(round => round[goal.Against].CpuMicroseconds)),
            rounds.Max(Noise), verdict);
    }

    private static double[] Ratios(List<Dictionary<string, Turn>> rounds, Goal goal) =>
        [.. rounds.Select(goal.Ratio)];

    private static double Spread(double[] ratios) => ratios.Max() / ratios.Min();

    private static double Noise(Dictionary<string, Turn> round) => round.Values.Max(turn => turn.OthersCores);

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
