using System.CommandLine;
using EventFiles.Host.Configuration;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;

namespace EventFiles.Host.Commands;

/// <summary><c>db url</c> and <c>db migrate</c>.</summary>
internal static class DatabaseCommands
{
    public static Command Define()
    {
        var which = new WhichServer();
        var asOwner = new Option<bool>("--owner") { Description = "As the owner, who may change the schema, not as the server" };
        var url = new Command("url", "Print the connection URL of the running server's database") { asOwner };
        url.SetAction((asked, cancel) => Url(which.Read(asked), asked.GetValue(asOwner), cancel));

        var dryRun = new Option<bool>("--dry-run") { Description = "Only print what would be applied; exit 1 when there is something" };
        var migrate = new Command("migrate", "Bring the database's schema to this program's version")
        {
            dryRun,
            which.Say("--owner-url", SettingNames.DatabaseOwner, "URL"),
            which.Say("--url", SettingNames.Database, "URL"),
        };
        migrate.SetAction((asked, cancel) => Migrate(which.Read(asked), asked.GetValue(dryRun), cancel));
        return new Command("db", "The database") { which.Data, which.EnvFile, url, migrate };
    }

    private static async Task<int> Url(Settings settings, bool asOwner, CancellationToken cancel)
    {
        if (!settings.IsEmbedded)
        {
            Console.WriteLine(DatabaseUrl.Write(await OperatorDatabase.Reach(
                settings,
                logins => Task.FromResult(asOwner
                    ? logins.Owner ?? throw new EmbeddedException("The settings do not name the owner: DATABASE_OWNER_URL.")
                    : logins.Application),
                cancel)));
            return 0;
        }

        var folder = DataFolder.PostgresIn(settings.DataFolder);
        var url = asOwner ? PrivatePostgres.RunningOwnerUrl(folder) : PrivatePostgres.RunningUrl(folder);
        if (!DataFolder.IsTaken(Path.GetFullPath(settings.DataFolder)) || url is null)
            throw new EmbeddedException($"No server is running on the data folder {Path.GetFullPath(settings.DataFolder)}.");
        Console.WriteLine(url);
        return 0;
    }

    private static async Task<int> Migrate(Settings settings, bool isDryRun, CancellationToken cancel)
    {
        if (settings is { Database: null, DatabaseOwner: not null })
            throw new EmbeddedException("Name the server's own login too, with --url: it gets the rights it needs, and no more.");
        var steps = settings.IsEmbedded
            ? await MigrateHere(settings.DataFolder, isDryRun, cancel)
            : await OperatorDatabase.Reach(settings, logins => isDryRun ? logins.Pending(cancel) : logins.Prepare(cancel), cancel);
        foreach (var step in steps)
            Console.WriteLine($"{(isDryRun ? "to apply" : "applied")}: {step.Version} {step.Name}");
        if (!isDryRun || steps.Count == 0)
            Console.WriteLine("The schema is up to date.");
        return isDryRun && steps.Count > 0 ? 1 : 0;
    }

    private static async Task<IReadOnlyList<Migration>> MigrateHere(string data, bool isDryRun, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.OpenAsOwner(data, cancel);
        return isDryRun
            ? await EventStoreSchema.Pending(database.Source, cancel)
            : await EventStoreSchema.Migrate(database.Source, PrivatePostgres.ApplicationRole, cancel);
    }
}
