using System.Globalization;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>
/// Views are what the log says and nothing else, whatever store keeps them. A failure names the seed of the history that
/// showed it: EVENTFILES_SEED lets that one happen alone.
/// </summary>
public abstract class RebuildEqualityContract(PostgresFixture postgres)
{
    private protected const int Length = 38;

    private static readonly int Histories = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1" ? 1000 : 100;

    private static readonly string? Seed = Environment.GetEnvironmentVariable("EVENTFILES_SEED");

    private protected abstract TriedViews NewViews();

    [Fact]
    public async Task Kept_built_beside_made_again_and_folded_plainly_all_views_are_the_same()
    {
        int[] seeds = Seed is null ? [.. Enumerable.Range(1, Histories)] : [int.Parse(Seed, CultureInfo.InvariantCulture)];
        var coverage = new Coverage();
        await using var trial = new Trial(await postgres.CreateDatabase(), NewViews(), coverage);
        if (await trial.Run(seeds.Select(seed => History.Of(seed, Length))) is { } difference)
            Assert.Fail($"{difference}\n{await Shortest(difference)}");

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{seeds.Length} histories, {trial.WrittenMeanwhile} positions drawn while shadows were built. {coverage}");
        if (Seed is not null)
            return;
        Assert.Empty(coverage.Gaps(trial.Slices));
        Assert.True(coverage.Refusals.Count >= 15, $"Too little was refused: {coverage}");
        Assert.True(trial.WrittenMeanwhile > 0, "Nothing was written while shadows were built.");
    }

    private protected async Task<Difference?> Alone(History history, bool builds = false, params IReadOnlyList<Slice> more)
    {
        await using var trial = new Trial(await postgres.CreateDatabase(), NewViews(), new Coverage(), more);
        return await trial.Run([history], builds: builds);
    }

    private async Task<string> Shortest(Difference difference)
    {
        if (difference.Seed is not { } seed)
            return "It belongs to no history.";
        var builds = difference.Between == Trial.WithShadow;
        var shortest = await Shrinking.Shrink(History.Of(seed, Length), async history => await Alone(history, builds) is not null);
        return shortest is null
            ? $"Alone, the history of seed {seed} does not show it: it takes others beside it."
            : $"EVENTFILES_SEED={seed} shows it. These wishes suffice:\n{string.Join('\n', shortest.Wishes)}";
    }
}
