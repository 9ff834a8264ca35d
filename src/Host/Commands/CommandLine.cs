using System.CommandLine;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary>All commands of the program. Exit codes: 0 done, 1 found or failed, 2 wrong usage.</summary>
internal static class CommandLine
{
    /// <summary>The option that every command on a data folder takes.</summary>
    public static Option<string> Data() => new("--data")
    {
        Description = "The folder that holds the database, the objects and the keys",
        HelpName = "DIR",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("EVENTFILES_DATA") ?? "data",
        Recursive = true,
    };

    /// <summary>The option for output that a machine reads.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON instead of a table" };

    public static async Task<int> Run(Product product, string[] args)
    {
        var root = new RootCommand("EventFiles: the file platform that can prove what happened to a file")
        {
            ServeCommand.Define(product),
            DatabaseCommands.Define(),
            EventsCommands.Define(),
            ProjectionsCommands.Define(),
            QueueCommands.DefineQueues(),
            QueueCommands.DefineDeadLetters(),
            StorageCommands.Define(product),
            StatusCommand.Define(),
            DemoCommand.Define(),
        };
        var asked = root.Parse(args);
        if (asked.Errors.Count > 0)
        {
            await asked.InvokeAsync();
            return 2;
        }

        // A file or a pipe gets plain lines.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
            AnsiConsole.Profile.Width = 160;
        }

        try
        {
            return await asked.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception failure) when (failure is EmbeddedException or SchemaException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
    }
}
