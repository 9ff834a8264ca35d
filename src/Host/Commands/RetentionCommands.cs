using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Features.Retention;
using EventFiles.Host.Configuration;

namespace EventFiles.Host.Commands;

/// <summary><c>retention simulate</c>: what a rule would have deleted, had it been a folder's from the beginning.</summary>
internal static class RetentionCommands
{
    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var folder = new Option<Guid>("--folder") { Description = "The folder's id; an account's id for all that it has", HelpName = "ID", Required = true };
        var deleteAfter = Days("--delete-after", "Delete files so many days after their last change");
        var since = new Option<string>("--since")
        {
            Description = "What the days are counted from: modified (the last version) or created (the first)",
            DefaultValueFactory = _ => "modified",
            HelpName = "CLOCK",
        };
        since.AcceptOnlyFromAmong("modified", "created");
        var keepAtLeast = Days("--keep-at-least", "Delete no file or version for good before so many days");
        var emptyTrash = Days("--empty-trash", "Delete files so many days after they were thrown away");
        var keepVersions = Days("--keep-versions", "Keep so many of a file's versions, the newest", "N");
        var keepVersionDays = Days("--keep-version-days", "Keep versions that are younger, too");
        var asOf = new Option<string?>("--as-of")
        {
            Description = "Until when: a time in RFC 3339, also to come, or a position in the log; now by default",
            HelpName = "TIME",
        };
        asOf.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<string?>() is { } text && AsOf.Parse(text) is null)
                given.AddError(PastRejection.Unreadable.Detail.Replace("asOf", "--as-of", StringComparison.Ordinal));
        });
        var simulate = new Command(
            "simulate", "Replay a rule over history and list what it would have deleted, and when; changes nothing")
        {
            which.Data, which.EnvFile, json, folder, deleteAfter, since, keepAtLeast, keepVersions, keepVersionDays, emptyTrash, asOf,
        };
        simulate.Validators.Add(asked =>
        {
            if (asked.GetResult(deleteAfter) is null && asked.GetResult(keepVersions) is null && asked.GetResult(keepVersionDays) is null
                && asked.GetResult(emptyTrash) is null)
                asked.AddError("Name a rule that deletes: --delete-after, --keep-versions, --keep-version-days or --empty-trash.");
            if (asked.GetValue(deleteAfter) < asked.GetValue(keepAtLeast))
                asked.AddError(RetentionRejection.Contradiction.Detail);
        });
        simulate.SetAction((asked, cancel) => Simulate(
            product, which.Read(asked), new FolderId(asked.GetRequiredValue(folder)),
            new RetentionRule(
                asked.GetValue(deleteAfter), asked.GetValue(since) == "created" ? RetentionClock.Created : RetentionClock.Modified,
                asked.GetValue(keepAtLeast), asked.GetValue(keepVersions), asked.GetValue(keepVersionDays), asked.GetValue(emptyTrash)),
            asked.GetValue(asOf) is { } text ? AsOf.Parse(text) : null, asked.GetValue(json), cancel));
        return new Command("retention", "How long files stay") { simulate };
    }

    private static Option<int?> Days(string name, string description, string helpName = "DAYS")
    {
        var option = new Option<int?>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int?>() is < 1 or > 36_525)
                given.AddError($"{name} is a number from 1 to 36525.");
        });
        return option;
    }

    private static async Task<int> Simulate(
        Product product, Settings settings, FolderId folder, RetentionRule rule, AsOf? asOf, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        var simulation = new RetentionSimulation(folder, rule);
        var end = asOf?.Time ?? TimeProvider.System.GetUtcNow();
        var events = services.GetRequiredService<IStreams>().ReadAll(RetentionSimulation.Facts, cancel);
        await foreach (var happened in events.WithCancellation(cancel))
        {
            if (happened.Position > asOf?.Position)
                break;
            if (asOf?.Position is not null)
                end = happened.At;
            // What is stamped later than asked for has not happened then.
            if (asOf?.Time is null || happened.At <= end)
                simulation.Hear(happened);
        }

        var found = simulation.Until(end);
        foreach (var one in found)
        {
            Console.WriteLine(json
                ? JsonSerializer.Serialize(
                    new { at = one.At, file = one.File, version = one.Version, bytes = one.Bytes, changedLater = one.ChangedLater },
                    JsonSerializerOptions.Web)
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"{one.At:yyyy-MM-dd HH:mm:ss}  {one.File}  {(one.Version is { } number ? $"version {number}" : "whole file"),-12} {one.Bytes,14:N0} bytes{(one.ChangedLater ? "  was used later" : "")}"));
        }

        if (!json)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{found.Count(one => one.Version is null)} files and {found.Count(one => one.Version is not null)} versions would have been deleted by {end:yyyy-MM-dd HH:mm:ss}, {found.Sum(one => one.Bytes):N0} bytes."));
        }

        return 0;
    }
}
