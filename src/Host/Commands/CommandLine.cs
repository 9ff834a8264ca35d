using System.CommandLine;
using EventFiles.Client;
using EventFiles.Host.Configuration;
using EventFiles.Host.Web;
using EventFiles.Infrastructure.Embedded;
using EventFiles.Infrastructure.EventStore;
using EventFiles.Infrastructure.ObjectStorage.S3;
using Spectre.Console;

namespace EventFiles.Host.Commands;

/// <summary>All commands of the program. Exit codes: 0 done, 1 found or failed, 2 wrong usage; those of <c>files</c> tell more.</summary>
internal static class CommandLine
{
    // Longer than a stop may take; what is not over by then is cut off.
    private static readonly TimeSpan Stop = WebServer.StopWithin + TimeSpan.FromSeconds(10);

    /// <summary>The option for output that a machine reads.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON instead of a table" };

    public static async Task<int> Run(Product product, string[] args)
    {
        var root = new RootCommand("EventFiles: the file platform that can prove what happened to a file")
        {
            ServeCommand.Define(product),
            DatabaseCommands.Define(),
            EventsCommands.Define(product),
            TransparencyCommands.DefineLog(product),
            TransparencyCommands.DefineVerify(),
            ProjectionsCommands.Define(),
            QueueCommands.DefineQueues(),
            QueueCommands.DefineDeadLetters(),
            ProcessCommands.Define(product),
            StorageCommands.Define(product),
            RetentionCommands.Define(product),
            KeysCommands.Define(),
            ScanCommands.Define(product),
            AccountsCommands.Define(product),
            QuotaCommands.Define(product),
            BackupCommands.DefineBackup(product),
            BackupCommands.DefineRestore(product),
            StatusCommand.Define(product),
            ConfigCommands.Define(),
            DemoCommand.Define(),
            FilesCommands.Define(),
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
            return await asked.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = Stop });
        }
        catch (SettingsException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }
        catch (Exception failure) when (failure is EmbeddedException or SchemaException or S3SettingsException)
        {
            await Console.Error.WriteLineAsync(failure.Message);
            return 1;
        }
    }
}
