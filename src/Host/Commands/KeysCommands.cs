using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.Encryption;

namespace EventFiles.Host.Commands;

/// <summary><c>keys</c>: the eras under whose keys the keys of persons are wrapped.</summary>
internal static class KeysCommands
{
    public static Command Define() => new("keys", "The keys that wrap the keys of persons, and the end of old ones")
    {
        DefineStatus(),
        DefineRotate(),
    };

    private static Command DefineStatus()
    {
        var (which, json) = (new WhichServer(), CommandLine.Json());
        var command = new Command("status", "Show the eras, how many keys each wraps, and how many persons and files were erased; prints no key; exit 1 when one is missing")
        {
            which.Data, which.EnvFile, json,
        };
        command.SetAction((asked, cancel) => Status(which.Read(asked), asked.GetValue(json), cancel));
        return command;
    }

    private static Command DefineRotate()
    {
        var (which, json) = (new WhichServer(), CommandLine.Json());
        var command = new Command(
            "rotate",
            "Begin a new era, also beside running servers: wrap all keys of living persons anew, read a sample back from every copy, and destroy the keys of the eras before. Copies of the database from before do not open any more; run again, it goes on where it was stopped")
        {
            which.Data, which.EnvFile, json,
        };
        command.SetAction((asked, cancel) => Rotate(which.Read(asked), asked.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> Status(Settings settings, bool json, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        var keys = settings.EraKeys(mayMake: false);
        var eras = await EraStatus.Read(database.Source, keys, cancel);
        var (persons, files) = await EraStatus.Erased(database.Source, cancel);
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { keys = keys.Place, eras, erased = new { persons, files } }, JsonSerializerOptions.Web));
        }
        else
        {
            Console.WriteLine($"Era keys come from {keys.Place}.");
            foreach (var era in eras)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{era.Id}  begun {era.BegunAt:u}  wraps {era.Persons,7:N0}  {(era.DestroyedAt is { } at ? $"destroyed {at:u}" : era.IsThere ? "there" : era.Persons > 0 ? "MISSING" : "given up")}"));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Erased: {persons:N0} persons, {files:N0} single files."));
        }

        return eras.All(era => era.DestroyedAt is not null || era.IsThere || era.Persons == 0) ? 0 : 1;
    }

    private static async Task<int> Rotate(Settings settings, bool json, CancellationToken cancel)
    {
        if (!settings.IsEncrypting)
            throw new EmbeddedException("ENCRYPTION is off here: there is nothing to rotate.");
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var rotation = new KeyRotation(database.ConnectionString, settings.EraKeys(mayMake: true));
        RotatedKeys done;
        try
        {
            done = await rotation.Run(
                json ? null : count => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count:N0} keys wrapped anew")), cancel);
        }
        catch (IOException failure)
        {
            throw new EmbeddedException(failure.Message);
        }

        Console.WriteLine(json
            ? JsonSerializer.Serialize(done, JsonSerializerOptions.Web)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Era {done.Era} has begun: {done.Wrapped:N0} keys wrapped anew, {done.Sampled:N0} read back, {done.Destroyed.Count} eras destroyed.")
            + (done.Left.Count == 0 ? "" : " The secret from before is used by nothing any more: take ENCRYPTION_KEY_PREVIOUS out of the settings of all nodes, destroy it wherever it is, and run this again."));
        return 0;
    }
}
