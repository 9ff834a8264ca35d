using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.LogFiles;
using Npgsql;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary><c>events export</c> and <c>events import</c>: the log as a file that proves itself whole.</summary>
internal static class LogFileCommands
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    public static Command Export(Option<string> data, Option<bool> json)
    {
        var to = new Option<string?>("--out")
        {
            Description = "The file to write, or a folder to write events.ndjson in; one that was interrupted is continued. Else to the output",
            HelpName = "FILE|DIR",
        };
        var from = new Option<long>("--from") { Description = "Begin at this position; only a file from 1 on can be imported", DefaultValueFactory = _ => 1, HelpName = "N" };
        from.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<long>() < 1)
                given.AddError("A position is 1 or more.");
        });
        var personal = new Option<bool>("--personal") { Description = "With names, addresses and all that is personal; else with the commitments to them only" };
        var command = new Command("export", "Write the log to a file with checksums, up to where it is settled now") { to, from, personal };
        command.SetAction((asked, cancel) => Export(
            asked.GetRequiredValue(data), asked.GetValue(to), new ExportOrder(asked.GetValue(from), asked.GetValue(personal)),
            asked.GetValue(json), cancel));
        return command;
    }

    public static Command Import(Product product, Option<string> data, Option<bool> json)
    {
        var from = new Argument<FileInfo>("file") { Description = "A file that events export wrote, from position 1 on" };
        var command = new Command("import", "Fill the empty store of a data folder from a file; one that was interrupted is continued") { from };
        command.SetAction((asked, cancel) => Import(
            product, asked.GetRequiredValue(data), asked.GetRequiredValue(from), asked.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> Export(string data, string? to, ExportOrder order, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(data, cancel);
        await using var export = new LogExport(database.ConnectionString);
        if (to is null)
        {
            await using var output = Console.OpenStandardOutput();
            await export.Write(output, order, progress: null, cancel);
            return 0;
        }

        var path = Directory.Exists(to) ? Path.Combine(to, "events.ndjson") : to;
        return await Showing(json, async progress =>
        {
            var manifest = await export.Write(path, order, progress, cancel);
            return (manifest, $"{path} holds {Events(manifest)}, complete up to position {manifest.Upto}.");
        });
    }

    private static async Task<int> Import(Product product, string data, FileInfo from, bool json, CancellationToken cancel)
    {
        if (!from.Exists)
            throw new EmbeddedException($"There is no file {from.FullName}.");
        using var folder = DataFolder.Take(data);
        await using var database = await PrivatePostgres.Start(folder.Postgres, cancel);
        await using (var owner = NpgsqlDataSource.Create(database.ConnectionString))
            await EventStoreSchema.Migrate(owner, PrivatePostgres.ApplicationRole, cancel);
        await using var import = new LogImport(database.ConnectionString, product.Slices);
        return await Showing(json, async progress =>
        {
            await using var file = from.OpenRead();
            var manifest = await import.Run(file, progress, cancel);
            return (manifest, $"{folder.Path} holds {Events(manifest)}.");
        });
    }

    private static string Events(LogManifest manifest) => string.Create(
        CultureInfo.InvariantCulture, $"{manifest.Events} events of {manifest.Streams} streams, {manifest.Private} with personal values");

    private static async Task<int> Showing(bool json, Func<Action<long, long>, Task<(LogManifest Manifest, string Said)>> work)
    {
        try
        {
            var (manifest, said) = Console.IsOutputRedirected
                ? await work(json ? (_, _) => { } : Lines())
                : await AnsiConsole.Progress()
                    .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                    .StartAsync(progress => work(Bar(progress)));
            Console.WriteLine(json ? JsonSerializer.Serialize(manifest, JsonSerializerOptions.Web) : said);
            return 0;
        }
        catch (Exception refused) when (refused is LogFileException or LogTransferException)
        {
            await Console.Error.WriteLineAsync(refused.Message);
            return 1;
        }
    }

    private static Action<long, long> Lines()
    {
        var last = Stopwatch.GetTimestamp();
        return (done, of) =>
        {
            if (Stopwatch.GetElapsedTime(last) < BetweenLines)
                return;
            last = Stopwatch.GetTimestamp();
            Console.WriteLine(of > 0 ? $"{done} of {of}" : $"{done} verified");
        };
    }

    private static Action<long, long> Bar(ProgressContext progress)
    {
        ProgressTask? verifying = null, writing = null;
        return (done, of) =>
        {
            if (of == 0)
            {
                verifying ??= progress.AddTask("Verifying");
                verifying.IsIndeterminate = true;
                verifying.Value = done;
                return;
            }

            verifying?.StopTask();
            writing ??= progress.AddTask("Events", maxValue: of);
            writing.Value = done;
        };
    }
}
