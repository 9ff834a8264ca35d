using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Features.Process;
using EventFiles.Host.Configuration;

namespace EventFiles.Host.Commands;

/// <summary><c>process rerun</c>: has variants made anew that a changed processor concerns, or that failed.</summary>
internal static class ProcessCommands
{
    private const int FilesBetweenReports = 500;

    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var where = new Option<string?>("--where")
        {
            Description = "Which, as conditions with commas between: processor=NAME, version<N, type=TYPE (such as image/*), variant=NAME, file=ID",
            HelpName = "CONDITIONS",
        };
        var stale = new Option<bool>("--stale") { Description = "Those of which today's processor would make something else" };
        var failed = new Option<bool>("--failed") { Description = "Those that failed" };
        var missing = new Option<bool>("--missing") { Description = "Those that are made of every new file today, and were not of these" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only count them" };
        where.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } text && Parse(text).Problem is { } problem)
                given.AddError(problem);
        });
        var rerun = new Command("rerun", "Make variants anew; the old ones serve until the new ones are there")
        {
            which.Data, which.EnvFile, json, where, stale, failed, missing, dryRun,
        };
        rerun.Validators.Add(asked =>
        {
            if (asked.GetResult(where) is null && !asked.GetValue(stale) && !asked.GetValue(failed) && !asked.GetValue(missing))
                asked.AddError("Say which: --where, --stale, --failed or --missing.");
        });
        rerun.SetAction((asked, cancel) =>
        {
            var (condition, file, _) = Parse(asked.GetValue(where) ?? "");
            return Rerun(
                product, which.Read(asked),
                condition with { Stale = asked.GetValue(stale), Failed = asked.GetValue(failed), Missing = asked.GetValue(missing) },
                file, asked.GetValue(dryRun), asked.GetValue(json), cancel);
        });
        return new Command("process", "What is made of files") { rerun };
    }

    private static async Task<int> Rerun(
        Product product, Settings settings, RerunWhere where, FileId? only, bool isDryRun, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        var streams = services.GetRequiredService<IStreams>();
        var reruns = services.GetRequiredService<Reruns>();

        // Found first and planned then: what is planned here is not come upon again.
        var files = new Dictionary<FileId, AccountId>();
        await foreach (var happened in streams.ReadAll(Reruns.Facts, cancel))
            Reruns.Note(files, happened);
        if (only is { } one)
            files = files.Where(each => each.Key == one).ToDictionary();

        var (seen, concerned, steps) = (0, 0, 0);
        foreach (var (file, owner) in files)
        {
            if (await reruns.NewestOf(owner, file, cancel) is { } content
                && await reruns.Plan(content, where, isDryRun, cancel) is Answer<int>.Yes(> 0 and var more, _))
            {
                (concerned, steps) = (concerned + 1, steps + more);
            }

            if (++seen % FilesBetweenReports == 0)
            {
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{seen:N0} of {files.Count:N0} files looked at, {steps:N0} variants found"));
            }
        }

        Console.WriteLine(json
            ? JsonSerializer.Serialize(new { seen, files = concerned, steps, isDryRun }, JsonSerializerOptions.Web)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{steps:N0} variants of {concerned:N0} files {(isDryRun ? "would be" : "are")} made anew; {seen:N0} files looked at."));
        if (steps > 0 && !isDryRun && !database.IsServed)
            await Console.Error.WriteLineAsync("No server runs on this database: the next one makes them.");
        return 0;
    }

    private static (RerunWhere Where, FileId? File, string? Problem) Parse(string text)
    {
        var where = new RerunWhere();
        FileId? file = null;
        foreach (var condition in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            switch (condition.Split('=', 2, StringSplitOptions.TrimEntries))
            {
                case ["processor", var name] when ProcessorRegistry.Find(name) is not null:
                    where = where with { Processor = name };
                    break;
                case ["processor", var name]:
                    return (where, file, $"There is no processor {name}.");
                case ["type", { Length: > 0 } type]:
                    where = where with { Type = type };
                    break;
                case ["variant", { Length: > 0 } variant]:
                    where = where with { Variant = variant };
                    break;
                case ["file", var id] when Guid.TryParseExact(id, "D", out var guid):
                    file = new FileId(guid);
                    break;
                case [var below] when below.StartsWith("version<", StringComparison.Ordinal)
                    && int.TryParse(below.AsSpan("version<".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && number > 0:
                    where = where with { VersionBelow = number };
                    break;
                default:
                    return (where, file, $"{condition} is no condition: processor=NAME, version<N, type=TYPE, variant=NAME or file=ID.");
            }
        }

        return (where, file, null);
    }
}
