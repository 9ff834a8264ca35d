using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Backups;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Host.Commands;

/// <summary><c>backup</c> and <c>restore</c>: a whole store as a folder, and back.</summary>
internal static class BackupCommands
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    public static Command DefineBackup(Product product)
    {
        var (which, json) = (new WhichServer(), CommandLine.Json());
        var folder = Folder("The folder for the backup; one that holds a former backup is brought up to date, and only what is new is copied");
        var command = new Command(
            "backup",
            "Copy the log with all that is personal, every object and the keys into a folder, also while a server runs; exit 1 when the store has lost objects. The folder is as confidential as the server. JWT_SECRET is never in it")
        {
            folder, which.Data, which.EnvFile, json,
        };
        command.SetAction((asked, cancel) => Backup(
            product, which.Read(asked), asked.GetRequiredValue(folder).FullName, asked.GetValue(json), cancel));
        return command;
    }

    public static Command DefineRestore(Product product)
    {
        var (which, json) = (new WhichServer(), CommandLine.Json());
        var folder = Folder("What backup has made");
        var command = new Command(
            "restore",
            "Verify a backup, and fill an empty data folder or an empty database and object store from it; what was interrupted is continued. Then start the server: views are built anew")
        {
            folder, which.Data, which.EnvFile, json,
        };
        command.SetAction((asked, cancel) => Restore(
            product, which.Read(asked), asked.GetRequiredValue(folder).FullName, asked.GetValue(json), cancel));
        return command;
    }

    private static Argument<DirectoryInfo> Folder(string description) => new("folder") { Description = description, HelpName = "DIR" };

    private static Task<int> Backup(Product product, Settings settings, string path, bool json, CancellationToken cancel) => Refusals.Tell(json, async () =>
    {
        await using var database = await OperatorDatabase.Open(settings, cancel);
        await using var services = BareStore.Of(product, settings, database.ConnectionString, database.IsServed);
        var backup = new Backup(
            database.ConnectionString, services.GetRequiredService<PrivateKeys>(), services.GetRequiredService<ILoggedObjects>(), services.GetRequiredService<IObjects>(), TimeProvider.System);
        var manifest = await backup.Run(
            path, settings.IsEmbedded ? DataFolder.KeysIn(settings.DataFolder) : null, Progress(json),
            (key, damage) => Console.Error.WriteLine($"not in the backup: {key} ({JsonNamingPolicy.KebabCaseLower.ConvertName(damage.ToString())} in the store)"),
            cancel);
        Console.WriteLine(json
            ? JsonSerializer.Serialize(manifest, JsonSerializerOptions.Web)
            : $"{path} holds {Content(manifest)}.{(settings.IsEmbedded ? "" : " Keep JWT_SECRET elsewhere: it is not in it.")}");
        return manifest.Damaged == 0 ? 0 : 1;
    });

    private static Task<int> Restore(Product product, Settings settings, string path, bool json, CancellationToken cancel) => Refusals.Tell(json, async () =>
    {
        using var restore = await Infrastructure.Backups.Restore.Of(path, product.Slices, Progress(json), cancel);
        await using var database = await OperatorDatabase.OpenToFill(settings, cancel);
        using var folder = settings is { IsEmbedded: false, S3: null } ? DataFolder.Take(settings.DataFolder) : null;
        folder?.TieTo(await DatabaseLogins.Identity(database.Source, cancel));
        await using var services = BareStore.Of(product, settings, database.ConnectionString, isGuest: false);
        await restore.Run(
            database.Source, services.GetRequiredService<IObjects>(), services.GetRequiredService<ICompression>(),
            settings.IsEmbedded ? DataFolder.KeysIn(settings.DataFolder) : null, services.GetRequiredService<PrivateKeys>(), cancel);
        Console.WriteLine(json
            ? JsonSerializer.Serialize(restore.Manifest, JsonSerializerOptions.Web)
            : $"{Ground.Place(settings)} holds {Content(restore.Manifest)}.{Keys(settings, restore.Manifest)}");
        return 0;
    });

    private static string Content(BackupManifest manifest) => string.Create(
        CultureInfo.InvariantCulture,
        $"{manifest.Events} events up to position {manifest.Upto}, {manifest.Objects} objects of {manifest.Bytes} bytes and {manifest.Keys.Count} keys, as of {manifest.At:u}")
        + (manifest.Damaged == 0 ? "" : FormattableString.Invariant($"; {manifest.Damaged} objects were lost or altered in the store, and are not in it"));

    private static string Keys(Settings settings, BackupManifest manifest) =>
        !settings.IsEmbedded ? " With the JWT_SECRET that the nodes had, everybody stays signed in."
        : manifest.Keys.Count == 0 ? " There are no keys in it: the start makes new ones, and everybody signs in again."
        : "";

    private static Action<BackupProgress> Progress(bool json)
    {
        var last = Stopwatch.GetTimestamp();
        return at =>
        {
            if (json || Stopwatch.GetElapsedTime(last) < BetweenLines)
                return;
            last = Stopwatch.GetTimestamp();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{at.Doing}: {at.Objects:N0}, {at.CopiedBytes:N0} bytes copied"));
        };
    }
}
