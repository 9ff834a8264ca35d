using System.Text.RegularExpressions;

namespace EventFiles.Architecture.Tests;

/// <summary>ARCHITECTURE.md says which test keeps each invariant: that test must exist.</summary>
public sealed partial class PromiseTests
{
    [Fact]
    public void Every_invariant_names_a_test_that_exists()
    {
        var tests = SourceTree.CSharp("tests").SelectMany(path => TestMethod().Matches(File.ReadAllText(path)))
            .Select(method => method.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var named = TestName().Matches(File.ReadAllText(Path.Combine(SourceTree.Root, "ARCHITECTURE.md")))
            .Select(name => name.Groups["name"].Value).ToList();

        Assert.NotEmpty(named);
        Assert.Empty(named.Except(tests, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_invariant_names_a_test()
    {
        var section = File.ReadAllText(Path.Combine(SourceTree.Root, "ARCHITECTURE.md")).Split("## Invariants")[1].Split("\n## ")[0];
        Assert.All(
            section.Split('\n').Where(line => line.StartsWith("- ", StringComparison.Ordinal)),
            line => Assert.Matches(TestName(), line));
    }

    [GeneratedRegex(@"(public|private|internal) (async )?(void|Task|ValueTask)\w* (?<name>[A-Z]\w*_\w+)\(")]
    private static partial Regex TestMethod();

    [GeneratedRegex(@"`(?<name>[A-Z][a-z0-9]*_\w+)`")]
    private static partial Regex TestName();
}
