using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EventFiles.Features.Delete;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;

namespace EventFiles.Host.Commands;

/// <summary><c>storage scrub</c>: reads every object that must be there, and tells of those that are not as they were.</summary>
internal static class ScrubCommand
{
    private const double BytesPerMiB = 1 << 20;
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var json = CommandLine.Json();
        var rate = new Option<double>("--rate")
        {
            Description = "MiB/s to read at most, so that a running server keeps its disk; 0: as fast as it goes",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        };
        rate.Validators.Add(given =>
        {
            if (!(given.GetValueOrDefault<double>() >= 0))
                given.AddError("A rate is 0 or more.");
        });
        var from = new Option<long>("--from")
        {
            Description = "Begin with what the log tells of at this position: where a scrub that was stopped says that it was",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var command = new Command(
            "scrub", "Read every object and compare it with the log: what is missing, cut, altered or cannot be read is listed; exit 1 when anything is")
        {
            which.Data, which.EnvFile, json, rate, from,
        };
        command.SetAction((asked, cancel) => Scrub(
            product, which.Read(asked), asked.GetValue(rate) * BytesPerMiB, asked.GetValue(from), asked.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> Scrub(Product product, Settings settings, double bytesPerSecond, long from, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        var (objects, bytes, damaged, position, last) = (0L, 0L, 0L, from, Stopwatch.GetTimestamp());
        try
        {
            await foreach (var (told, reading) in services.GetRequiredService<StorageScrub>().Run(from, bytesPerSecond > 0 ? bytesPerSecond : null, cancel))
            {
                (objects, bytes, position) = (objects + 1, bytes + reading.ReadBytes, told.Position);
                if (reading.Damage is { } damage)
                {
                    damaged++;
                    Print(told, damage, reading.Detail, json);
                }

                if (Stopwatch.GetElapsedTime(last) < BetweenLines)
                    continue;
                last = Stopwatch.GetTimestamp();
                await Console.Error.WriteLineAsync(Sum(objects, bytes, damaged, position));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or ObjectStoreAwayException)
        {
            throw new EmbeddedException(FormattableString.Invariant(
                $"{(stopped is ObjectStoreAwayException ? stopped.Message : "Stopped.")} {Sum(objects, bytes, damaged, position)}. Go on with --from {position}"));
        }

        Console.WriteLine(json
            ? JsonSerializer.Serialize(new { objects, bytes, damaged, position }, JsonSerializerOptions.Web)
            : Sum(objects, bytes, damaged, position));
        return damaged == 0 ? 0 : 1;
    }

    private static string Sum(long objects, long bytes, long damaged, long position) => string.Create(
        CultureInfo.InvariantCulture, $"{objects:N0} objects, {bytes:N0} bytes read, {damaged:N0} damaged, up to position {position}");

    private static void Print(LoggedObject told, ObjectDamage damage, string detail, bool json)
    {
        var word = JsonNamingPolicy.KebabCaseLower.ConvertName(damage.ToString());
        Console.WriteLine(json
            ? JsonSerializer.Serialize(new { @class = word, key = told.Key.Value, told.SizeBytes, told.Position, detail, @event = told.Event }, JsonSerializerOptions.Web)
            : string.Create(CultureInfo.InvariantCulture, $"{word,-12} {told.SizeBytes,14:N0} bytes  {told.Key}  {StorageCommands.Text(told.Event)}  {detail}").TrimEnd());
    }
}
