using System.CommandLine;
using System.Text.Json;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>config check</c>: the settings as a start would take them, without a secret in them.</summary>
internal static class ConfigCommands
{
    public static Command Define()
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var check = new Command("check", "Print the settings that count, secrets masked; exit 2 with every mistake there is")
        {
            json,
            which.Say("--urls", SettingNames.Urls, "URLS"),
            which.Say("--role", SettingNames.NodeRole, "ROLE"),
        };
        check.SetAction(asked => Check(which.Sources(asked), asked.GetValue(json)));
        return new Command("config", "Settings") { which.Data, which.EnvFile, check };
    }

    private static int Check(SettingSources sources, bool json)
    {
        var settings = SettingsReader.Read(sources);
        var rows = SettingNames.All.Select(name => Row(name, sources)).ToList();
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(rows, JsonSerializerOptions.Web));
            return 0;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("Setting", "Value", "From");
        foreach (var row in rows)
            table.AddRow(row.Name, Markup.Escape(row.Value ?? "none"), Markup.Escape(row.From));
        AnsiConsole.Write(table);
        Console.WriteLine($"{Roles.Name(settings.Role)}: {settings.Describe()}.");
        return 0;
    }

    private static SettingRow Row(SettingName name, SettingSources sources)
    {
        var stated = sources[name.Name];
        var from = stated?.Where ?? "default";
        foreach (var alias in SettingNames.Aliases.Where(one => stated is null && one.Value == name && sources[one.Key] is not null))
            (stated, from) = (sources[alias.Key], $"{alias.Key}, {sources[alias.Key]!.Where}");
        return new(name.Name, stated is null ? name.Default : name.IsSecret ? Masked(stated.Value) : stated.Value, from);
    }

    // A URL is shown but for its password: where it leads is what one looks for.
    private static string Masked(string secret) =>
        Uri.TryCreate(secret, UriKind.Absolute, out var url) && url.UserInfo.Contains(':', StringComparison.Ordinal)
            ? $"{url.Scheme}://{url.UserInfo.Split(':')[0]}:***@{url.Authority}{url.PathAndQuery}"
            : "***";

    private sealed record SettingRow(string Name, string? Value, string From);
}
