using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.LogFiles;
using Npgsql;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary>
/// <c>events tail</c> and <c>events show</c>: the log as it stands, personal fields as their commitments. An operator
/// needs no more to see what happened, and a terminal is no place for names.
/// </summary>
internal static class EventsCommands
{
    private const string Columns = "seq_id, stream_id, version, type, timestamp, data::text, user_name, correlation_id, causation_id, headers::text";

    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        json.Recursive = true;
        var stream = new Argument<string>("stream") { Description = "The stream's name, such as quota-0197…" };
        var show = new Command("show", "Print one stream from its beginning") { stream };
        show.SetAction((asked, cancel) => Show(
            which.Read(asked), asked.GetRequiredValue(stream), asked.GetValue(json), cancel));
        var last = new Option<int>("--last") { Description = "How many to begin with", DefaultValueFactory = _ => 20, HelpName = "N" };
        var follow = new Option<bool>("--follow") { Description = "Go on printing what is appended, until interrupted" };
        var tail = new Command("tail", "Print the newest events") { last, follow };
        tail.SetAction((asked, cancel) => Tail(
            which.Read(asked), asked.GetValue(last), asked.GetValue(follow), asked.GetValue(json), cancel));
        return new Command("events", "The event log")
        {
            which.Data, which.EnvFile, json, show, tail,
            LogFileCommands.Export(product, which, json), LogFileCommands.Import(product, which, json), ArchiveCommand.Define(product, which, json),
        };
    }

    private static async Task<int> Show(Settings settings, string stream, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        var asks = database.Source.CreateCommand($"select {Columns} from mt_events where stream_id = $1 order by version");
        asks.Parameters.Add(new() { Value = stream });
        if (await Print(asks, json, cancel))
            return 0;
        await Console.Error.WriteLineAsync($"There is no stream {stream}.");
        return 1;
    }

    private static async Task<int> Tail(Settings settings, int last, bool follow, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        if (!follow)
        {
            await Print(Newest(database.Source, last, long.MaxValue), json, cancel);
            return 0;
        }

        await using var log = new LogTail(database.ConnectionString);
        try
        {
            for (var printed = -1L; ;)
            {
                var settled = await log.Beyond(printed, cancel);
                await Print(printed < 0 ? Newest(database.Source, last, settled) : Between(database.Source, printed, settled), json, cancel);
                printed = settled;
            }
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
    }

    private static NpgsqlCommand Newest(NpgsqlDataSource log, int count, long upto)
    {
        var asks = log.CreateCommand(
            $"select * from (select {Columns} from mt_events where seq_id <= $2 order by seq_id desc limit $1) newest order by seq_id");
        asks.Parameters.Add(new() { Value = count });
        asks.Parameters.Add(new() { Value = upto });
        return asks;
    }

    private static NpgsqlCommand Between(NpgsqlDataSource log, long after, long upto)
    {
        var asks = log.CreateCommand($"select {Columns} from mt_events where seq_id > $1 and seq_id <= $2 order by seq_id");
        asks.Parameters.Add(new() { Value = after });
        asks.Parameters.Add(new() { Value = upto });
        return asks;
    }

    // Whether there was anything.
    private static async Task<bool> Print(NpgsqlCommand asks, bool json, CancellationToken cancel)
    {
        var isAny = false;
        await using var command = asks;
        await using var rows = await command.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
        {
            isAny = true;
            var position = rows.GetInt64(0);
            var (stream, version, type, at, body) = (
                rows.GetString(1), rows.GetInt64(2), rows.GetString(3), rows.GetDateTime(4), rows.GetString(5));
            if (json)
            {
                using var parsed = JsonDocument.Parse(body);
                Console.WriteLine(JsonSerializer.Serialize(
                    new
                    {
                        position,
                        stream,
                        version,
                        type,
                        at,
                        data = parsed.RootElement,
                        actor = rows[6] as string,
                        correlationId = rows[7] as string,
                        causationId = rows[8] as string,
                        headers = rows[9] is string headers ? JsonDocument.Parse(headers).RootElement : default(JsonElement?),
                    },
                    JsonSerializerOptions.Web));
                continue;
            }

            if (Console.IsOutputRedirected)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{position} {at:O} {type} {stream} #{version} {body}"));
                continue;
            }

            AnsiConsole.MarkupLineInterpolated(
                CultureInfo.InvariantCulture,
                $"[grey]{position,8} {at:yyyy-MM-dd HH:mm:ss.fff}[/] [bold]{type}[/] {stream} [grey]#{version}[/] {body}");
        }

        return isAny;
    }
}
