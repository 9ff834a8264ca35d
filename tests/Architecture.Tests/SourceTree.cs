using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace EventFiles.Architecture.Tests;

/// <summary>The project's own files.</summary>
internal static partial class SourceTree
{
    public static string Root { get; } = Find();

    public static string Features { get; } = Path.Combine(Root, "src", "Features");

    /// <summary>The folders of Features but for the vocabulary they share.</summary>
    public static IReadOnlyList<string> Slices { get; } =
    [
        .. Directory.GetDirectories(Features).Select(Path.GetFileName).OfType<string>()
            .Where(name => name is not ("Vocabulary" or "bin" or "obj")).Order(StringComparer.Ordinal),
    ];

    /// <summary>Every slice and the names of the types that it declares.</summary>
    public static IReadOnlyDictionary<string, string[]> Types { get; } = Slices.ToDictionary(
        slice => slice,
        slice => CSharp("src", "Features", slice)
            .SelectMany(path => Declaration().Matches(File.ReadAllText(path)))
            .Select(declared => declared.Groups["name"].Value).Distinct().ToArray());

    public static IEnumerable<string> CSharp(params string[] under) =>
        Directory.EnumerateFiles(Path.Combine([Root, .. under]), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    [GeneratedRegex(@"\b(class|record|struct|interface|enum)\s+(struct\s+)?(?<name>[A-Z]\w*)")]
    private static partial Regex Declaration();

    private static string Find([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
