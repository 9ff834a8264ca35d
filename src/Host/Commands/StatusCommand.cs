using System.CommandLine;
using System.Text.Json;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Lag;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>status</c>: how much there is, and whether the subscriptions keep up.</summary>
internal static class StatusCommand
{
    public static Command Define()
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var check = new Option<bool>("--check") { Description = "Exit 1 when a reader is farther behind the log than Lag:Alarm allows" };
        var command = new Command("status", "Show how much there is and whether everything keeps up") { which.Data, which.EnvFile, json, check };
        command.SetAction((asked, cancel) => Show(which.Read(asked), asked.GetValue(json), asked.GetValue(check), cancel));
        return command;
    }

    private static async Task<int> Show(Settings settings, bool json, bool check, CancellationToken cancel)
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
        var lag = await new LagReader(database.Source).Read([], cancel);
        var late = lag.Late(LagOptions.From(settings.Configuration()).Alarm);
        var status = new ServerStatus(
            database.IsServed, rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4),
            late is not null, lag.Readers, lag.OldestWriter);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(status, JsonSerializerOptions.Web));
            return check && status.Late ? 1 : 0;
        }

        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        table.AddRow("Server", status.Running ? "running" : "not running");
        table.AddRow("Streams", $"{status.Streams:N0}");
        table.AddRow("Events", $"{status.Events:N0}");
        table.AddRow("Last position", $"{status.LastPosition:N0}");
        table.AddRow("Relay has reached", $"{status.RelayPosition:N0}");
        table.AddRow("Database", $"{status.DatabaseBytes / 1048576.0:N1} MiB");
        if (lag.Readers is [{ Seconds: var seconds, Events: var events, Reader: var reader }, ..])
            table.AddRow("Readers", late is null && events == 0 ? "up to date" : $"{reader} is {seconds:N1} s and {events:N0} events behind{(late is null ? "" : ": late")}");
        if (lag.OldestWriter is { } writer)
            table.AddRow("Oldest open transaction", $"{writer.Seconds:N1} s, {writer.State}, process {writer.ProcessId}");
        AnsiConsole.Write(table);
        return check && status.Late ? 1 : 0;
    }

    private sealed record ServerStatus(
        bool Running, long Streams, long Events, long LastPosition, long RelayPosition, long DatabaseBytes,
        bool Late, IReadOnlyList<ReaderLag> Readers, OpenWriter? OldestWriter);
}
