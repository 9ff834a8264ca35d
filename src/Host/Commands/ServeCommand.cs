using System.CommandLine;
using EventFiles.Host.Configuration;
using EventFiles.Host.Web;
using EventFiles.Infrastructure;
using EventFiles.Infrastructure.Embedded;

namespace EventFiles.Host.Commands;

/// <summary>Runs a node: alone with a private database under the data folder, or on real servers and beside others.</summary>
internal static class ServeCommand
{
    public static Command Define(Product product)
    {
        var which = new WhichServer();
        var command = new Command(
            "serve", "Run the server: with a private database under the data folder, or on the servers that the settings name")
        {
            which.Data,
            which.EnvFile,
            which.Say("--urls", SettingNames.Urls, "URLS"),
            which.Say("--role", SettingNames.NodeRole, "ROLE"),
        };
        command.SetAction((asked, cancel) => Serve(product, SettingsReader.Read(which.Sources(asked)), cancel));
        return command;
    }

    private static async Task<int> Serve(Product product, Settings settings, CancellationToken cancel)
    {
        await using var ground = await Ground.Prepare(settings, cancel);
        await using var app = WebServer.Build(product, ground.Node);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException failure) when (failure.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new EmbeddedException($"{settings.Urls} is in use by another program. Choose another address with --urls.");
        }

        await WebServer.UntilReady(app.Services, cancel);
        foreach (var address in app.Urls)
        {
            if (settings.Role.HasFlag(Role.Api))
            {
                Console.WriteLine($"Page: {address}/");
                Console.WriteLine($"API:  {address}/scalar");
            }
            else
            {
                Console.WriteLine($"Health: {address}/health/ready");
            }
        }

        Console.WriteLine(settings.IsEmbedded ? $"Data: {Path.GetFullPath(settings.DataFolder)}" : $"On:   {settings.Describe()}");
        await UntilTold(app, cancel);
        // Alone on a private database nobody sends to another node what this one does not take.
        if (!settings.IsEmbedded)
            await app.Services.GetRequiredService<Leaving>().Leave();
        await app.StopAsync(CancellationToken.None);
        return 0;
    }

    private static async Task UntilTold(WebApplication app, CancellationToken cancel)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var signal = app.Lifetime.ApplicationStopping.Register(told.SetResult);
        await using var command = cancel.Register(app.Lifetime.StopApplication);
        await told.Task;
    }
}
