using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Features.Scan;
using EventFiles.Host.Configuration;

namespace EventFiles.Host.Commands;

/// <summary><c>scan status</c>: what the virus scanner has said. <c>scan rescan</c>: it is to look at everything again.</summary>
internal static class ScanCommands
{
    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var older = new Option<bool>("--older-than-signatures") { Description = "Only what was scanned with other signatures than the scanner has now" };
        var status = new Command("status", "Show how many versions are clean, infected and not scanned, and which are closed; exit 1 when any is infected")
        {
            which.Data, which.EnvFile, json,
        };
        status.SetAction((asked, cancel) => Status(product, which.Read(asked), asked.GetValue(json), cancel));
        var rescan = new Command("rescan", "Have every version looked at again, some at a time, by the nodes that run or will")
        {
            which.Data, which.EnvFile, older,
        };
        rescan.SetAction((asked, cancel) => Rescan(product, which.Read(asked), asked.GetValue(older), cancel));
        return new Command("scan", "The virus scanner") { status, rescan };
    }

    private static async Task<int> Status(Product product, Settings settings, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        var tally = new ScanTally();
        await foreach (var happened in services.GetRequiredService<IStreams>().ReadAll(ScanTally.Facts, cancel))
            tally.Hear(happened);

        var closed = tally.Closed.OrderBy(one => one.At).ToList();
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    scanner = settings.ClamAv?.ToString(),
                    policy = settings.ScanPolicy.ToString().ToLowerInvariant(),
                    versions = tally.ByVerdict.ToDictionary(one => JsonNamingPolicy.CamelCase.ConvertName(one.Key.ToString()), one => one.Value),
                    overdue = tally.Overdue,
                    signatures = tally.BySignatures,
                    closed,
                },
                JsonSerializerOptions.Web));
        }
        else
        {
            Console.WriteLine($"Scanner: {settings.ClamAv?.ToString() ?? "none"}, policy {settings.ScanPolicy.ToString().ToLowerInvariant()}");
            foreach (var (verdict, count) in tally.ByVerdict)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{JsonNamingPolicy.CamelCase.ConvertName(verdict.ToString()),-12} {count,10:N0} versions"));
            if (tally.Overdue > 0)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tally.Overdue:N0} of them wait longer than they should: is the scanner away?"));
            foreach (var (signatures, count) in tally.BySignatures)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"scanned with {signatures}: {count:N0}"));
            foreach (var one in closed)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{one.Verdict,-12} {one.At:yyyy-MM-dd HH:mm:ss}  {one.FileId} version {one.Version}  {one.Detail}"));
        }

        return closed.Any(one => one.Verdict == ScanVerdict.Infected) ? 1 : 0;
    }

    private static async Task<int> Rescan(Product product, Settings settings, bool onlyOlder, CancellationToken cancel)
    {
        Origin.Current = Origin.Current with { Via = "operator" };
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        await services.GetRequiredService<IStreams>().Transact<Done>(
            async transaction => await transaction.Decide(
                RescanDecider.Stream, RescanDecider.Decider, new RescanCommand.Order(onlyOlder)) is { } no ? no : new Done(),
            cancel);
        Console.WriteLine(settings.ScanPolicy == ScanPolicy.Off && !database.IsServed
            ? "Ordered. It begins when a node runs that has a scanner."
            : "Ordered. Nodes with a scanner look at some versions each minute, those first that were looked at longest ago.");
        return 0;
    }
}
