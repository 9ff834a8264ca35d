using System.CommandLine;
using System.Text.Json;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Encryption;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Lag;
using EventFiles.Infrastructure.Messaging;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary>
/// <c>status</c>: one screen. Which nodes run, how much there is and where, what waits, and whether all readers keep up.
/// </summary>
internal static class StatusCommand
{
    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var check = new Option<bool>("--check") { Description = "Exit 1 when a reader is farther behind the log than Lag:Alarm allows" };
        var command = new Command("status", "Show which nodes run, how much there is and whether everything keeps up") { which.Data, which.EnvFile, json, check };
        command.SetAction((asked, cancel) => Show(product, which.Read(asked), asked.GetValue(json), asked.GetValue(check), cancel));
        return command;
    }

    private static async Task<int> Show(Product product, Settings settings, bool json, bool check, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        var status = await Read(product, settings, database, cancel);
        if (json)
            Console.WriteLine(JsonSerializer.Serialize(status, JsonSerializerOptions.Web));
        else
            Print(status);
        return check && status.Late ? 1 : 0;
    }

    private static async Task<ServerStatus> Read(Product product, Settings settings, OperatorDatabase database, CancellationToken cancel)
    {
        var lag = await new LagReader(database.Source).Read([], cancel);
        var late = lag.Late(LagOptions.From(settings.Configuration()).Alarm) is not null;
        var nodes = await RunningNodes.On(database.Source, cancel);
        var queues = await new QueueRegister(database.Source).List(cancel);
        var totals = await StoredTotals.Read(database.Source, product.Slices, cancel);
        var place = settings.S3 is { } s3 ? $"bucket {s3.Bucket} at {s3.Endpoint.Authority}" : "folder";
        await using var asks = database.Source.CreateCommand(
            """
            select
              (select count(*) from mt_streams),
              (select count(*) from mt_events),
              (select coalesce(max(seq_id), 0) from mt_events),
              (select coalesce(max(last_seq_id), 0) from mt_event_progression where name = 'Relay:All'),
              pg_database_size(current_database()),
              (select max(version) from eventfiles.schema_version)
            """);
        await using var row = await asks.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return new ServerStatus(
            database.IsServed, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), late,
            lag.Readers, lag.OldestWriter, RunningNodes.Version, row.GetInt32(5), nodes, queues,
            await EncryptionStatus.Read(database.Source, settings.EraKeys(mayMake: false), settings.IsEncrypting, cancel),
            settings.Accounts.SendsMail,
            new Storage(settings.S3 is null ? "directory" : "s3", place, totals.Originals, totals.Variants, totals.InFlight));
    }

    private static void Print(ServerStatus status)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "");
        table.AddRow("Server", status.Running ? "running" : "not running");
        foreach (var node in status.Nodes)
            table.AddRow("Node", $"{node.Id}  {node.Role}, version {Markup.Escape(node.Version)}, since {node.Since:u}");
        table.AddRow("Versions", $"program {status.Version}, schema {status.SchemaVersion}");
        table.AddRow("Streams", $"{status.Streams:N0}");
        table.AddRow("Events", $"{status.Events:N0}");
        table.AddRow("Last position", $"{status.LastPosition:N0}");
        table.AddRow("Relay has reached", $"{status.RelayPosition:N0}");
        table.AddRow("Database", Size(status.DatabaseBytes));
        if (status.Readers is [{ Seconds: var seconds, Events: var events, Reader: var reader }, ..])
            table.AddRow("Readers", !status.Late && events == 0 ? "up to date" : $"{reader} is {seconds:N1} s and {events:N0} events behind{(status.Late ? ": late" : "")}");
        if (status.OldestWriter is { } writer)
            table.AddRow("Oldest open transaction", $"{writer.Seconds:N1} s, {writer.State}, process {writer.ProcessId}");
        table.AddRow("Objects", Markup.Escape(status.Storage.Place));
        table.AddRow("  originals", Stock(status.Storage.Originals));
        table.AddRow("  variants", Stock(status.Storage.Variants));
        table.AddRow("  uploads in flight", Stock(status.Storage.InFlight));
        table.AddRow("Encryption", Markup.Escape(Encryption(status.Encryption)));
        table.AddRow("Mail", status.SendsMail ? "on" : "off: see accounts letters");
        AnsiConsole.Write(table);
        QueueCommands.Print(status.Queues, json: false);
    }

    private static string Stock(Stock stock) => $"{stock.Objects:N0} of {Size(stock.Bytes)}";

    private static string Encryption(EncryptionStatus status) =>
        $"{(status.IsOn ? "on" : "off")}, keys of {status.Persons:N0} wrapped in {status.Eras:N0} {(status.Eras == 1 ? "era" : "eras")}, era keys from {status.Keys}"
        + (status.MissingEras.Count == 0 ? "" : $"; LOST, and what they protect is closed: {string.Join(", ", status.MissingEras)}");

    private static string Size(long bytes) => $"{bytes / 1048576.0:N1} MiB";

    private sealed record ServerStatus(
        bool Running, long Streams, long Events, long LastPosition, long RelayPosition, long DatabaseBytes,
        bool Late, IReadOnlyList<ReaderLag> Readers, OpenWriter? OldestWriter, string Version, int SchemaVersion,
        IReadOnlyList<RunningNode> Nodes, IReadOnlyList<QueueStatus> Queues,
        EncryptionStatus Encryption, bool SendsMail, Storage Storage);

    /// <summary>Where objects are, and how many by the log.</summary>
    private sealed record Storage(string Kind, string Place, Stock Originals, Stock Variants, Stock InFlight);
}
