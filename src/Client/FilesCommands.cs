using System.CommandLine;
using EventFiles.Client.Commands;

namespace EventFiles.Client;

/// <summary><c>files</c>: what a user does, by HTTP, with any server.</summary>
public static class FilesCommands
{
    private const string About = """
        A path at the server begins at the root: Projects/2026/report.pdf, or / for the root. id:UUID names a file or folder by its id.
        Scripts may set EVENTFILES_URL and EVENTFILES_TOKEN instead of signing in, and EVENTFILES_PASSWORD to sign in.
        The sign-in is in ~/.config/eventfiles, what is unfinished in ~/.local/state/eventfiles (XDG_CONFIG_HOME, XDG_STATE_HOME).

        """ + ExitCodes.Explained;

    /// <summary>The command with all below it.</summary>
    public static Command Define() =>
        new("files", "Upload, download, arrange, share and delete your files at a server")
        {
            LoginCommand.Define(),
            LoginCommand.DefineLogout(),
            PutCommand.Define(),
            GetCommand.Define(),
            ListCommand.Define(),
            SearchCommand.Define(),
            ZipCommand.Define(),
            VersionsCommand.Define(),
            MakeFolderCommand.Define(),
            MoveCommand.Define(),
            MoveCommand.DefineCopy(),
            TagCommand.Define(),
            RemoveCommand.Define(),
            TrashCommand.Define(),
            ShareCommand.Define(),
            SyncUpCommand.Define(),
            QuotaCommand.Define(),
            Help.With(About),
        };
}
