using System.CommandLine;
using EventFiles.Host.Configuration;

namespace EventFiles.Host.Commands;

/// <summary>The options that say which server a command is about, and what is stated of it elsewhere.</summary>
internal sealed class WhichServer
{
    private readonly List<(SettingName Name, Option<string?> Option)> options = [];

    public WhichServer()
    {
        Data = Say("--data", SettingNames.Data, "DIR");
        EnvFile = new("--env-file")
        {
            Description = $"A file with settings as NAME=value lines (default: {SettingSources.UsualFile}, if there is one); the environment goes before it",
            HelpName = "FILE",
            Recursive = true,
        };
    }

    public Option<string?> Data { get; }

    public Option<string?> EnvFile { get; }

    /// <summary>An option that goes before the environment and the file.</summary>
    public Option<string?> Say(string option, SettingName name, string helpName)
    {
        var made = new Option<string?>(option)
        {
            Description = $"{name.Purpose} (or {name.Name}{(name.Default is null ? "" : $"; default {name.Default}")})",
            HelpName = helpName,
            Recursive = true,
        };
        options.Add((name, made));
        return made;
    }

    /// <summary>All that is stated.</summary>
    public SettingSources Sources(ParseResult asked) => SettingSources.Read(
        options.Select(one => (one.Name, one.Option.Name, asked.GetValue(one.Option))), asked.GetValue(EnvFile));

    /// <summary>For a command that needs to reach the server's things.</summary>
    /// <exception cref="SettingsException">Something is wrong.</exception>
    public Settings Read(ParseResult asked) => SettingsReader.ReadForCommand(Sources(asked));
}
