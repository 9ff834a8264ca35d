using System.CommandLine;
using System.Text.Json;
using EventFiles.Host.Configuration;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>status</c>: how much there is, and whether the subscriptions keep up.</summary>
internal static class StatusCommand
{
    public static Command Define()
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var command = new Command("status", "Show how much there is and whether everything keeps up") { which.Data, which.EnvFile, json };
        command.SetAction((asked, cancel) => Show(which.Read(asked), asked.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> Show(Settings settings, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var asks = database.Source.CreateCommand(
            """
            select
              (select count(*) from mt_streams),
              (select count(*) from mt_events),
              (select coalesce(max(seq_id), 0) from mt_events),
              (select coalesce(max(last_seq_id), 0) from mt_event_progression where name = 'Relay:All'),
              pg_database_size(current_database())
            """);
        await using var rows = await asks.ExecuteReaderAsync(cancel);
        await rows.ReadAsync(cancel);
        var status = new ServerStatus(
            database.IsServed, rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4));
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(status, JsonSerializerOptions.Web));
            return 0;
        }

        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        table.AddRow("Server", status.Running ? "running" : "not running");
        table.AddRow("Streams", $"{status.Streams:N0}");
        table.AddRow("Events", $"{status.Events:N0}");
        table.AddRow("Last position", $"{status.LastPosition:N0}");
        table.AddRow("Relay has reached", $"{status.RelayPosition:N0}");
        table.AddRow("Database", $"{status.DatabaseBytes / 1048576.0:N1} MiB");
        AnsiConsole.Write(table);
        return 0;
    }

    private sealed record ServerStatus(
        bool Running, long Streams, long Events, long LastPosition, long RelayPosition, long DatabaseBytes);
}
