using System.Collections;
using System.Globalization;

namespace EventFiles.Host.Configuration;

/// <summary>A value and where it stands, for whoever has to mend it.</summary>
internal sealed record Stated(string Value, string Where);

/// <summary>
/// Where settings come from: the command line, then the environment, then a file. An empty value is none.
/// </summary>
internal sealed class SettingSources
{
    /// <summary>The file that is read when none is named.</summary>
    public const string UsualFile = ".env";

    private readonly Dictionary<string, Stated> found = new(StringComparer.Ordinal);
    private readonly HashSet<string> ofFile = new(StringComparer.Ordinal);

    private SettingSources()
    {
    }

    /// <summary>What is wrong with the file, or with the names in it and in the environment.</summary>
    public List<string> Mistakes { get; } = [];

    /// <summary>What the file says besides, as the platform's configuration writes it (<c>Upload:Life</c>).</summary>
    public IEnumerable<KeyValuePair<string, string?>> Others => ofFile
        .Where(name => !SettingNames.Known.Contains(name, StringComparer.Ordinal))
        .Select(name => KeyValuePair.Create(name.Replace("__", ":", StringComparison.Ordinal), (string?)found[name].Value));

    public Stated? this[string name] => found.GetValueOrDefault(name);

    /// <summary>Reads them all.</summary>
    /// <param name="commandLine">By variable; what was not said is null.</param>
    /// <param name="file">Null for <see cref="UsualFile"/>, if there is one.</param>
    public static SettingSources Read(IEnumerable<(SettingName Name, string Option, string? Value)> commandLine, string? file)
    {
        var sources = new SettingSources();
        foreach (var (name, option, value) in commandLine)
            sources.Add(name.Name, value, option);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            sources.Add(name, (string?)variable.Value, "the environment");
            if (name.StartsWith("EVENTFILES_", StringComparison.Ordinal))
                sources.CheckName(name, "the environment");
        }

        if (file is not null && !File.Exists(file))
            sources.Mistakes.Add($"--env-file: there is no file {file}. Example: --env-file .env");
        else if (file is not null || File.Exists(UsualFile))
            sources.AddFile(file ?? UsualFile);
        return sources;
    }

    private void Add(string name, string? value, string where)
    {
        if (!string.IsNullOrWhiteSpace(value))
            found.TryAdd(name, new Stated(value.Trim(), where));
    }

    private void AddFile(string file)
    {
        var number = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in File.ReadLines(file))
        {
            number++;
            var line = text.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var where = string.Create(CultureInfo.InvariantCulture, $"{file}, line {number}");
            if (line.StartsWith("export ", StringComparison.Ordinal))
                line = line["export ".Length..].TrimStart();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : line[..equals].TrimEnd();
            if (name.Length == 0 || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'))
            {
                // The line itself is not shown: it may be half a password.
                Mistakes.Add($"{where}: this is not NAME=value. Example: LOG_LEVEL=warning");
                continue;
            }

            if (!seen.Add(name))
                Mistakes.Add($"{where}: {name} stands there for the second time. Leave one of the two.");
            var before = found.Count;
            Add(name, Unquoted(line[(equals + 1)..].Trim()), where);
            if (found.Count > before)
                ofFile.Add(name);
            CheckName(name, where);
        }
    }

    private static string Unquoted(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;

    // A file may hold settings of other programs, but hardly under a name that differs in a letter.
    private void CheckName(string name, string where)
    {
        if (SettingNames.Known.Contains(name, StringComparer.Ordinal))
            return;
        if (SettingNames.Near(name) is { } meant)
            Mistakes.Add($"{name} ({where}): there is no such setting. Was {meant} meant?");
        else if (name.StartsWith("EVENTFILES_", StringComparison.Ordinal))
            Mistakes.Add($"{name} ({where}): there is no such setting. Those there are: eventfiles config check");
    }
}
