using System.Text.RegularExpressions;

namespace EventFiles.Architecture.Tests;

/// <summary>What ARCHITECTURE.md promises of the source, as a function from one file to complaints.</summary>
internal static partial class SliceRules
{
    /// <summary>Complaints about a file of a slice.</summary>
    /// <param name="slices">Every slice and the names of its types.</param>
    /// <param name="slice">The one that the file is in.</param>
    public static IEnumerable<string> Complaints(
        IReadOnlyDictionary<string, string[]> slices, string slice, string file, string text)
    {
        text = LineComment().Replace(text, "");

        var stranger = MentionOf(slices.Where(other => other.Key != slice));
        foreach (var line in text.Split('\n'))
        {
            if (stranger.IsMatch(line) && !EventAlias().IsMatch(line) && !line.TrimStart().StartsWith("namespace ", StringComparison.Ordinal))
                yield return $"{slice}/{file} may know another slice only by its events: {line.Trim()}";
        }

        foreach (Match foreign in Machinery().Matches(text))
            yield return $"{slice}/{file} names machinery that belongs behind a port: {foreign.Value}";

        if (!file.EndsWith("Endpoint.cs", StringComparison.Ordinal))
        {
            foreach (Match http in Status().Matches(text))
                yield return $"{slice}/{file} speaks HTTP, which only an endpoint does: {http.Value}";
        }

        if (Pure().IsMatch(file))
        {
            foreach (Match impurity in Impurity().Matches(text))
                yield return $"{slice}/{file} must be pure, but says {impurity.Value}";
        }
    }

    /// <summary>Complaints about a slice's role files: the nouns may differ, the roles may not.</summary>
    public static IEnumerable<string> RoleComplaints(string slice, IReadOnlyCollection<string> files)
    {
        foreach (var role in new[] { "Endpoint", "Handler", "Slice" })
        {
            if (!files.Any(file => file.EndsWith(role + ".cs", StringComparison.Ordinal)))
                yield return $"{slice} has no {role} file";
        }

        if (!files.Contains(slice + "Slice.cs"))
            yield return $"{slice} has no table of contents {slice}Slice.cs";
        if (files.Any(file => file.EndsWith("Command.cs", StringComparison.Ordinal))
            && !files.Any(file => file.EndsWith("Decider.cs", StringComparison.Ordinal)))
            yield return $"{slice} has wishes and nobody who decides them";
    }

    /// <summary>Complaints about the names of types.</summary>
    public static IEnumerable<string> NameComplaints(string file, string text) =>
        Vague().Matches(text).Select(vague => $"{file} has a type whose name says nothing: {vague.Groups["name"].Value}");

    // The whole name and the short one that nested namespaces allow both count. A property may be called Files: only
    // what is followed by one of the slice's types is the slice.
    private static Regex MentionOf(IEnumerable<KeyValuePair<string, string[]>> others) => new(
        string.Join('|', others.Select(other =>
            $@"EventFiles\.Features\.{other.Key}\b|(?<![\w.]){other.Key}\.({string.Join('|', other.Value)})\b")),
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    [GeneratedRegex(@"^using (?<name>\w+Event) = EventFiles\.Features\.\w+\.\k<name>;\s*$")]
    private static partial Regex EventAlias();

    [GeneratedRegex(@"^\s*///?.*$", RegexOptions.Multiline)]
    private static partial Regex LineComment();

    [GeneratedRegex(@"\b(Npgsql|Dapper|RabbitMQ|StackExchange|Amazon|IDbConnection|SqlCommand|FileStream|File\.Open\w*|Directory\.\w+)\b")]
    private static partial Regex Machinery();

    [GeneratedRegex(@"\b(StatusCodes|IResult|HttpContext|HttpRequest|HttpResponse|TypedResults)\b")]
    private static partial Regex Status();

    [GeneratedRegex(@"(Decider|Projection|Event|Command)\.cs$")]
    private static partial Regex Pure();

    [GeneratedRegex(@"\b(await|Task|DateTime\.\w+|DateTimeOffset\.(Utc)?Now|TimeProvider|Guid\.(New|Create)\w+|NewId|Random|RandomNumberGenerator|ILogger\w*)\b")]
    private static partial Regex Impurity();

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+(struct\s+)?(?<name>\w*(Manager|Helper|Helpers|Util|Utils|Utilities|Common|Base|Data|Info))\b")]
    private static partial Regex Vague();
}
