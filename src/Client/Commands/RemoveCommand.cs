using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files rm</c>: moves files to the trash, or deletes them for good.</summary>
internal static class RemoveCommand
{
    public static Command Define()
    {
        var paths = new Argument<string[]>("remote")
        {
            Description = "Files and folders at the server",
            HelpName = "REMOTE…",
            Arity = ArgumentArity.OneOrMore,
        };
        var permanent = new Option<bool>("--permanent") { Description = "For good, past the trash; asks before" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var recursive = TransferOptions.Recursive("Remove folders with all that is in them");
        var switches = new Switches();
        var command = switches.On(
            new Command("rm", "Move files and folders to the trash; a folder that is not empty needs --recursive") { paths, permanent, yes, recursive },
            """
              eventfiles files rm Projects/2025/draft.pdf
              eventfiles files rm --recursive Projects/2025
              eventfiles files rm --permanent --yes id:0198c0de-0000-7000-8000-000000000000
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand => Remove(
                errand, asked.GetValue(paths)!, asked.GetValue(permanent), asked.GetValue(yes), asked.GetValue(recursive), cancel),
            cancel));
        return command;
    }

    /// <summary>Removes a folder with all that is in it; the root stays, and what is in it goes.</summary>
    public static async Task Folder(Errand errand, RemoteEntry folder, bool isPermanent, CancellationToken cancel)
    {
        if (folder.Id == RemoteEntry.Root.Id)
        {
            foreach (var entry in await errand.Tree.List(folder, cancel))
                await (entry.IsFolder ? Folder(errand, entry, isPermanent, cancel) : File(errand, entry, isPermanent, cancel));
            return;
        }

        await errand.Server.Tell(HttpMethod.Delete, $"api/folders/{folder.Id}?recursive=true", cancel);
        if (isPermanent)
            await errand.Server.Tell(HttpMethod.Delete, $"api/folders/{folder.Id}?permanent=true", cancel);
        Told(errand, folder, isPermanent);
    }

    public static async Task File(Errand errand, RemoteEntry file, bool isPermanent, CancellationToken cancel)
    {
        await errand.Server.Tell(HttpMethod.Delete, $"api/files/{file.Id}{(isPermanent ? "?permanent=true" : "")}", cancel);
        Told(errand, file, isPermanent);
    }

    /// <summary>Asks whether something is to be deleted for good.</summary>
    /// <exception cref="NotDoneException">It is not, or there is nobody to ask.</exception>
    public static async Task Confirm(string what, bool isSure)
    {
        if (isSure)
            return;
        if (Console.IsInputRedirected)
            throw NotDoneException.Usage("There is no terminal to ask whether you are sure: --yes says that you are.");
        await Console.Error.WriteAsync($"Delete {Display.Clean(what)} for good? [y/N] ");
        if (Console.ReadLine()?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
            throw NotDoneException.Refused("client.not-sure", "Nothing was deleted.");
    }

    private static void Told(Errand errand, RemoteEntry gone, bool isPermanent) => errand.Display.Result(
        new { action = isPermanent ? "delete" : "trash", remote = gone.Path, id = gone.Id },
        isPermanent ? $"{gone.Path} deleted for good" : $"{gone.Path} moved to the trash");

    private static async Task Remove(
        Errand errand, string[] paths, bool isPermanent, bool isSure, bool isRecursive, CancellationToken cancel)
    {
        if (isPermanent)
            await Confirm(string.Join(", ", paths), isSure);
        await errand.Each(
            paths, 1, path => path,
            async (path, stop) =>
            {
                var found = await errand.Tree.Find(path, stop);
                if (!found.IsFolder)
                    await File(errand, found, isPermanent, stop);
                else if (isRecursive || (await errand.Tree.List(found, stop)).Count == 0)
                    await Folder(errand, found, isPermanent, stop);
                else
                    throw NotDoneException.Refused("client.folder-not-empty", "The folder is not empty: --recursive removes it with all that is in it.");
            },
            cancel);
    }
}
