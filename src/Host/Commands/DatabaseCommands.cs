using System.CommandLine;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.Security;

namespace EventFiles.Host.Commands;

/// <summary><c>db url</c> and <c>db migrate</c>.</summary>
internal static class DatabaseCommands
{
    public static Command Define()
    {
        var data = CommandLine.Data();
        var url = new Command("url", "Print the connection URL of the running server's database");
        url.SetAction(asked => Url(asked.GetRequiredValue(data)));
        var migrate = new Command("migrate", "Bring the database's schema to this program's version");
        migrate.SetAction((asked, cancel) => Migrate(asked.GetRequiredValue(data), cancel));
        return new Command("db", "The database") { data, url, migrate };
    }

    private static int Url(string data)
    {
        if (!DataFolder.IsTaken(Path.GetFullPath(data)) || PrivatePostgres.RunningUrl(DataFolder.PostgresIn(data)) is not { } url)
            throw new EmbeddedException($"No server is running on the data folder {Path.GetFullPath(data)}.");
        Console.WriteLine(url);
        return 0;
    }

    private static async Task<int> Migrate(string data, CancellationToken cancel)
    {
        await using var database = await OperatorDatabase.Open(data, cancel);
        await EventStoreSchema.Migrate(database.Source, cancel);
        await PasswordSchema.Create(database.Source, cancel);
        Console.WriteLine("The schema is up to date.");
        return 0;
    }
}
