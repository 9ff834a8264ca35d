using System.Text.RegularExpressions;

namespace EventFiles.Architecture.Tests;

/// <summary>As much of compose.yml as the rules need: its parts and what each is made of, anchors included.</summary>
internal sealed partial class ComposeFile
{
    private readonly Dictionary<string, string> anchors = [];

    public ComposeFile(string text)
    {
        text = Comment().Replace(text, "");
        Text = text;
        foreach (Match part in TopPart().Matches(text))
        {
            foreach (Match anchor in Anchor().Matches(part.Value))
                anchors[anchor.Groups["name"].Value] = part.Value;
        }

        var services = TopPart().Matches(text).Single(part => part.Value.StartsWith("services:", StringComparison.Ordinal)).Value;
        foreach (Match service in Service().Matches(services))
        {
            foreach (Match anchor in Anchor().Matches(service.Value))
                anchors[anchor.Groups["name"].Value] = service.Value;
        }

        Services = Service().Matches(services).ToDictionary(service => service.Groups["name"].Value, service => Whole(service.Value));
    }

    public string Text { get; }

    /// <summary>Each service with all that its anchors bring; what it says itself comes first.</summary>
    public IReadOnlyDictionary<string, string> Services { get; }

    /// <summary>The variables that a node gets.</summary>
    public IReadOnlySet<string> Given(string service) => Environment(Services[service]);

    /// <summary>The names that somebody may fill in.</summary>
    public static IReadOnlySet<string> Asked(string text) =>
        Variable().Matches(text).Select(variable => variable.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>The first value of a key in a service.</summary>
    public string? Value(string service, string key) =>
        Regex.Match(Services[service], $@"(?m)^ +{Regex.Escape(key)}: *(?<value>.*)$") is { Success: true } found ? found.Groups["value"].Value.Trim() : null;

    private string Whole(string block)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Add(block);

        string Add(string part) => part + string.Concat(
            Reference().Matches(part).Select(one => one.Groups["name"].Value)
                .Where(name => seen.Add(name)).Select(name => "\n" + Add(anchors[name])));
    }

    private static HashSet<string> Environment(string whole) =>
        Key().Matches(whole).Select(key => key.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"(?m)^\S[^\n]*:[^\n]*\n(?:(?:[ ][^\n]*)?\n)*")]
    private static partial Regex TopPart();

    [GeneratedRegex(@"(?m)^  (?<name>[a-z][a-z0-9-]*):[^\n]*\n(?:(?:   [^\n]*)?\n)*")]
    private static partial Regex Service();

    [GeneratedRegex(@"&(?<name>[a-z][a-z-]*)\b")]
    private static partial Regex Anchor();

    [GeneratedRegex(@"(?<=[:\s])\*(?<name>[a-z][a-z-]*)\b")]
    private static partial Regex Reference();

    // Capital letters, or a section of the program's configuration: Upload__Life.
    [GeneratedRegex(@"(?m)(?:^ +|[{,] *)(?<name>[A-Z][A-Z0-9_]+|[A-Z][a-z]+__[A-Za-z]+): ")]
    private static partial Regex Key();

    [GeneratedRegex(@"\$\{(?<name>[A-Z][A-Z0-9_]*)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(?m)^ *#.*$")]
    private static partial Regex Comment();
}
