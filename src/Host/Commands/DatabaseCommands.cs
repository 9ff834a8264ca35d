using System.CommandLine;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Host.Commands;

/// <summary><c>db url</c> and <c>db migrate</c>.</summary>
internal static class DatabaseCommands
{
    public static Command Define()
    {
        var data = CommandLine.Data();
        var asOwner = new Option<bool>("--owner") { Description = "As the owner, who may change the schema, not as the server" };
        var url = new Command("url", "Print the connection URL of the running server's database") { asOwner };
        url.SetAction(asked => Url(asked.GetRequiredValue(data), asked.GetValue(asOwner)));

        var dryRun = new Option<bool>("--dry-run") { Description = "Only print what would be applied; exit 1 when there is something" };
        var owner = UrlOption("--owner-url", "DATABASE_OWNER_URL", "A database elsewhere, as the role that owns its tables");
        var application = UrlOption("--url", "DATABASE_URL", "The same database as the server uses it: its role gets the rights it needs");
        var migrate = new Command("migrate", "Bring the database's schema to this program's version") { dryRun, owner, application };
        migrate.SetAction((asked, cancel) => asked.GetValue(owner) is { } elsewhere
            ? MigrateElsewhere(elsewhere, asked.GetValue(application), asked.GetValue(dryRun), cancel)
            : MigrateHere(asked.GetRequiredValue(data), asked.GetValue(dryRun), cancel));
        return new Command("db", "The database") { data, url, migrate };
    }

    private static Option<string?> UrlOption(string name, string variable, string description) => new(name)
    {
        Description = $"{description} (or the variable {variable})",
        HelpName = "URL",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable(variable),
    };

    private static int Url(string data, bool asOwner)
    {
        var folder = DataFolder.PostgresIn(data);
        var url = asOwner ? PrivatePostgres.RunningOwnerUrl(folder) : PrivatePostgres.RunningUrl(folder);
        if (!DataFolder.IsTaken(Path.GetFullPath(data)) || url is null)
            throw new EmbeddedException($"No server is running on the data folder {Path.GetFullPath(data)}.");
        Console.WriteLine(url);
        return 0;
    }

    private static async Task<int> MigrateHere(string data, bool isDryRun, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.OpenAsOwner(data, cancel);
        return await Migrate(database.Source, PrivatePostgres.ApplicationRole, isDryRun, cancel);
    }

    private static async Task<int> MigrateElsewhere(string owner, string? application, bool isDryRun, CancellationToken cancel)
    {
        if (application is null)
            throw new EmbeddedException("Name the server's own login too, with --url: it gets the rights it needs, and no more.");
        await using var database = NpgsqlDataSource.Create(DatabaseUrl.Read(owner));
        return await Migrate(database, DatabaseUrl.Read(application).Username!, isDryRun, cancel);
    }

    private static async Task<int> Migrate(NpgsqlDataSource owner, string application, bool isDryRun, CancellationToken cancel)
    {
        var steps = isDryRun
            ? await EventStoreSchema.Pending(owner, cancel)
            : await EventStoreSchema.Migrate(owner, application, cancel);
        foreach (var step in steps)
            Console.WriteLine($"{(isDryRun ? "to apply" : "applied")}: {step.Version} {step.Name}");
        if (!isDryRun || steps.Count == 0)
            Console.WriteLine("The schema is up to date.");
        return isDryRun && steps.Count > 0 ? 1 : 0;
    }
}
