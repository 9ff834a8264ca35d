using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Features.Operate;
using EventFiles.Host.Configuration;

namespace EventFiles.Host.Commands;

/// <summary><c>events archive</c>: what the server does by itself now and then, at once.</summary>
internal static class ArchiveCommand
{
    public static Command Define(Product product, WhichServer which, Option<bool> json)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Only list the streams that would be archived; exit 1 when there are any" };
        var grace = new Option<TimeSpan?>("--grace")
        {
            Description = "For how long they must have been over, such as 30.00:00:00; else as Archive:Grace says",
            HelpName = "SPAN",
        };
        grace.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<TimeSpan?>() < TimeSpan.Zero)
                given.AddError("--grace is a span of time, 0 or more.");
        });
        var command = new Command("archive", "Archive the streams that are over: nothing can be added to them, and what they tell is read as before") { dryRun, grace };
        command.SetAction((asked, cancel) => Archive(
            product, which.Read(asked), asked.GetValue(grace), asked.GetValue(dryRun), asked.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> Archive(
        Product product, Settings settings, TimeSpan? grace, bool isDryRun, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        // With what opens sealed values: a stream is judged by all that it tells.
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        var options = ArchiveOptions.From(settings.Configuration());

        var count = 0;
        await foreach (var stream in services.GetRequiredService<IArchive>().Run(grace ?? options.Grace, isDryRun, cancel))
        {
            count++;
            Console.WriteLine(json
                ? JsonSerializer.Serialize(new { stream, archived = !isDryRun }, JsonSerializerOptions.Web)
                : $"{(isDryRun ? "to archive" : "archived")}: {stream}");
        }

        if (!json)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} streams {(isDryRun ? "would be archived" : "archived")}."));
        return isDryRun && count > 0 ? 1 : 0;
    }
}
