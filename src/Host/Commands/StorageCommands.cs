using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Features.Delete;
using EventFiles.Host.Configuration;

namespace EventFiles.Host.Commands;

/// <summary>
/// <c>storage reconcile</c>: what log and object store disagree about. Beside a running server only what is older than
/// the grace counts; without one, nobody stores anything and everything counts. <c>storage scrub</c>: see <see cref="ScrubCommand"/>.
/// </summary>
internal static class StorageCommands
{
    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var apply = new Option<bool>("--apply") { Description = "Remove the objects that nothing in the log stands for" };
        var reconcile = new Command(
            "reconcile", "List the objects nothing stands for and the files whose object is missing; exit 1 when there are any")
        {
            which.Data, which.EnvFile, json, apply,
        };
        reconcile.SetAction((asked, cancel) => Reconcile(
            product, which.Read(asked), asked.GetValue(apply), asked.GetValue(json), cancel));
        return new Command("storage", "The bytes of files") { reconcile, ScrubCommand.Define(product) };
    }

    private static async Task<int> Reconcile(Product product, Settings settings, bool apply, bool json, CancellationToken cancel)
    {
        Origin.Current = Origin.Current with { Via = "operator" };
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        var check = services.GetRequiredService<StorageCheck>();
        var now = TimeProvider.System.GetUtcNow();
        var storedBefore = database.IsServed ? now - services.GetRequiredService<StorageOptions>().Grace : now;

        var (found, removed) = (0, 0);
        await foreach (var one in check.Unclaimed(storedBefore, cancel))
        {
            var isRemoved = apply && await check.Remove(one, cancel);
            (found, removed) = (found + 1, removed + (isRemoved ? 1 : 0));
            Print(one, isRemoved, now, json);
        }

        await foreach (var one in check.Missing(cancel))
        {
            found++;
            Print(one, false, now, json);
        }

        if (!json)
        {
            Console.WriteLine(found == 0
                ? "Log and object store agree."
                : string.Create(CultureInfo.InvariantCulture, $"{found} found, {removed} removed."));
        }

        return found == 0 ? 0 : 1;
    }

    private static void Print(StorageFinding found, bool isRemoved, DateTimeOffset now, bool json)
    {
        var (fault, (key, sizeBytes, storedAt), told) = found;
        var ageSeconds = (long)(now - storedAt).TotalSeconds;
        var word = JsonNamingPolicy.KebabCaseLower.ConvertName(fault.ToString());
        Console.WriteLine(json
            ? JsonSerializer.Serialize(
                new { @class = word, key = key.Value, sizeBytes, storedAt, ageSeconds, removed = isRemoved, @event = told },
                JsonSerializerOptions.Web)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{word,-10} {sizeBytes,14:N0} bytes {Age(now - storedAt),8} {key}{(isRemoved ? "  removed" : "")}  {Text(told)}"));
    }

    /// <summary>The event that is responsible, as people look it up.</summary>
    internal static string Text(NamedEvent? told) => told is null
        ? "no event tells of it"
        : string.Create(CultureInfo.InvariantCulture, $"{told.Type} at position {told.Position} ({told.Id}) of {told.Stream}");

    private static string Age(TimeSpan age) =>
        age.TotalDays >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalDays:N0} d")
        : age.TotalHours >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalHours:N0} h")
        : age.TotalMinutes >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{age.TotalMinutes:N0} min")
        : string.Create(CultureInfo.InvariantCulture, $"{age.TotalSeconds:N0} s");
}
