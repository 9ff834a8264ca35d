using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EventFiles.Host.Configuration;
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

    public static Command Export(Product product, WhichServer which, Option<bool> json)
    {
        var file = new Argument<FileInfo>("file") { Description = "The file to write, for its owner's eyes only; one that was interrupted is continued", HelpName = "FILE" };
        var from = Position("--from", "Begin at this position; only a file from 1 on can be imported", _ => 1);
        var to = Position("--to", "End at this position, or at the last one before it that parts no transaction; else where the log is settled now", null);
        var all = new Option<bool>("--private")
        {
            Description = "With names, addresses, all that is personal, and the hashes of passwords, as a restore needs it; else with commitments to what is personal, as an auditor needs it",
        };
        var command = new Command("export", "Write the log to a file with checksums. It never holds the contents of files nor the server's keys: backup copies all of it")
        {
            file, from, to, all,
        };
        command.Validators.Add(asked =>
        {
            if (asked.GetValue(to) < asked.GetValue(from))
                asked.AddError("--to is before --from.");
        });
        command.SetAction((asked, cancel) => Export(
            product, which.Read(asked), asked.GetRequiredValue(file).FullName,
            new ExportOrder(asked.GetValue(from) ?? 1, asked.GetValue(to), asked.GetValue(all)), asked.GetValue(json), cancel));
        return command;
    }

    public static Command Import(Product product, WhichServer which, Option<bool> json)
    {
        var file = new Argument<FileInfo>("file") { Description = "What events export wrote, from position 1 on", HelpName = "FILE" };
        var unreadable = new Option<bool>("--with-unreadable")
        {
            Description = "Take events that this program knows and cannot read as they are, as the log held them; else the first one is named and nothing is imported",
        };
        var command = new Command(
            "import",
            "Fill an empty store from a file, while no server runs on it; what was interrupted is continued. From a file without private values nobody can sign in, and names are gone")
        {
            file, unreadable,
        };
        command.SetAction((asked, cancel) => Import(
            product, which.Read(asked), asked.GetRequiredValue(file), asked.GetValue(unreadable), asked.GetValue(json), cancel));
        return command;
    }

    /// <summary>Nothing is done on half a log but finishing it.</summary>
    /// <exception cref="EmbeddedException">An import was interrupted here.</exception>
    public static async Task CheckIsWhole(NpgsqlDataSource database, string place, CancellationToken cancel)
    {
        if (await LogImport.IsUnfinished(database, cancel))
            throw new EmbeddedException($"An import into {place} was interrupted. Run it again first: eventfiles events import FILE, or eventfiles restore DIR");
    }

    private static Option<long?> Position(string name, string description, Func<System.CommandLine.Parsing.ArgumentResult, long?>? otherwise)
    {
        var option = new Option<long?>(name) { Description = description, HelpName = "N", DefaultValueFactory = otherwise };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<long?>() < 1)
                given.AddError("A position is 1 or more.");
        });
        return option;
    }

    private static async Task<int> Export(Product product, Settings settings, string path, ExportOrder order, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        await using var export = new LogExport(database.ConnectionString, services.GetRequiredService<PrivateKeys>());
        return await Showing(json, async progress =>
        {
            var manifest = await export.Write(path, order, progress, cancel);
            return (manifest, FormattableString.Invariant($"{path} is complete up to position {manifest.Upto}: {Content(manifest)}."));
        });
    }

    private static Task<int> Import(
        Product product, Settings settings, FileInfo from, bool takesUnreadable, bool json, CancellationToken cancel)
    {
        if (!from.Exists)
            throw new EmbeddedException($"There is no file {from.FullName}.");
        return Showing(json, async progress =>
        {
            await using var file = from.OpenRead();
            var import = await LogImport.Of(file, product.Slices, takesUnreadable, progress, cancel);
            await using var database = await OperatorDatabase.OpenToFill(settings, cancel);
            await using var services = BareStore.Of(product, settings, database.ConnectionString, isGuest: false);
            await import.Run(database.Source, cancel, keys: services.GetRequiredService<PrivateKeys>());
            return (import.Manifest, $"{Ground.Place(settings)} holds {Content(import.Manifest)}.");
        });
    }

    private static string Content(LogManifest manifest) => string.Create(
        CultureInfo.InvariantCulture,
        $"{manifest.Events} events of {manifest.Streams} streams, {manifest.Private} with personal values, and {manifest.Passwords} password hashes");

    private static Task<int> Showing(bool json, Func<Action<long, long>, Task<(LogManifest Manifest, string Said)>> work) => Refusals.Tell(json, async () =>
    {
        var (manifest, said) = json ? await work((_, _) => { })
            : Console.IsOutputRedirected ? await work(Lines())
            : await AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(progress => work(Bar(progress)));
        Console.WriteLine(json ? JsonSerializer.Serialize(manifest, JsonSerializerOptions.Web) : said);
        return 0;
    });

    private static Action<long, long> Lines()
    {
        var last = Stopwatch.GetTimestamp();
        return (done, of) =>
        {
            if (Stopwatch.GetElapsedTime(last) < BetweenLines)
                return;
            last = Stopwatch.GetTimestamp();
            Console.WriteLine(of > 0 ? FormattableString.Invariant($"{done} of {of}") : FormattableString.Invariant($"{done} verified"));
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
