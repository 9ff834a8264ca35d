using System.CommandLine;
using EventFiles.Host.Web;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using Npgsql;

namespace EventFiles.Host.Commands;

/// <summary>Runs the server: one process with a private database, everything under the data folder.</summary>
internal static class ServeCommand
{
    public static Command Define(Product product)
    {
        var data = CommandLine.Data();
        var urls = new Option<string>("--urls")
        {
            Description = "Where to listen; several are separated by semicolons, port 0 takes a free one",
            HelpName = "URLS",
            DefaultValueFactory = _ => "http://127.0.0.1:5080",
        };
        var command = new Command("serve", "Run the server with a private database under the data folder") { data, urls };
        command.SetAction((asked, cancel) => Serve(product, asked.GetRequiredValue(data), asked.GetRequiredValue(urls), cancel));
        return command;
    }

    private static async Task<int> Serve(Product product, string data, string urls, CancellationToken cancel)
    {
        using var folder = DataFolder.Take(data);
        await using var database = await PrivatePostgres.Start(folder.Postgres, cancel);
        await using (var owner = NpgsqlDataSource.Create(database.ConnectionString))
        {
            await EventStoreSchema.Migrate(owner, PrivatePostgres.ApplicationRole, cancel);
            await LogFileCommands.CheckIsWhole(owner, folder, cancel);
        }

        await using var app = WebServer.Build(
            product, new Settings(database.Application, folder.Objects, folder.Keys), urls);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException failure) when (failure.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new EmbeddedException($"{urls} is in use by another program. Choose another address with --urls.");
        }

        await WebServer.UntilReady(app, cancel);
        foreach (var address in app.Urls)
        {
            Console.WriteLine($"Page: {address}/");
            Console.WriteLine($"API:  {address}/scalar");
        }

        Console.WriteLine($"Data: {folder.Path}");
        await app.WaitForShutdownAsync(cancel);
        return 0;
    }
}
