using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace EventFiles.Journeys.Tests;

/// <summary>The program takes what compose.yml tells its nodes.</summary>
public sealed partial class ComposeSettingsJourneyTests
{
    [Theory]
    [InlineData("api")]
    [InlineData("worker")]
    public async Task What_compose_tells_a_node_is_accepted_as_it_stands(string role)
    {
        var settings = Settings();
        Assert.True(settings.Length > 20);
        var (code, output, error) = await Server.RunWith([.. settings, ("EVENTFILES_ROLE", role)], "config", "check");
        Assert.True(code == 0, output + error);
    }

    [Fact]
    public async Task A_mistake_there_would_be_seen()
    {
        var settings = Settings().Select(one => one.Name == "WORKER_CONCURRENCY" ? (one.Name, "many") : one).ToArray();
        var (code, _, error) = await Server.RunWith(settings, "config", "check");
        Assert.Equal(2, code);
        Assert.Contains("WORKER_CONCURRENCY", error, StringComparison.Ordinal);
    }

    // What is left out has the value that compose.yml gives it, and what must be filled in is.
    private static (string Name, string Value)[] Settings()
    {
        var compose = File.ReadAllText(Path.Combine(Server.Root, "compose.yml"));
        var block = Block().Match(compose).Groups["lines"].Value;
        return [.. Line().Matches(block).Select(line => (
            line.Groups["name"].Value,
            Variable().Replace(line.Groups["value"].Value.Trim('"'), one => one.Groups["otherwise"].Success ? one.Groups["otherwise"].Value : Secret(one.Groups["name"].Value))))];
    }

    private static string Secret(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    [GeneratedRegex(@"(?m)^x-settings: &settings\n(?<lines>(?:  [^\n]*\n)+)")]
    private static partial Regex Block();

    [GeneratedRegex(@"(?m)^  (?<name>[A-Za-z0-9_]+): (?<value>.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"\$\{(?<name>[A-Z0-9_]+)(?::-(?<otherwise>[^}]*)|:\?[^}]*)?\}")]
    private static partial Regex Variable();
}
