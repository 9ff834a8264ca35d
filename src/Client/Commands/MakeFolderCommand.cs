using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files mkdir</c>: makes folders.</summary>
internal static class MakeFolderCommand
{
    public static Command Define()
    {
        var paths = new Argument<string[]>("remote") { Description = "Folders to be", HelpName = "REMOTE…", Arity = ArgumentArity.OneOrMore };
        var parents = new Option<bool>("--parents", "-p") { Description = "Make those above as well, and be content with what is there" };
        var switches = new Switches();
        var command = switches.On(
            new Command("mkdir", "Make folders") { paths, parents },
            """
              eventfiles files mkdir Projects
              eventfiles files mkdir --parents Projects/2026/drafts
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand => errand.Each(
                asked.GetValue(paths)!, 1, path => path,
                async (path, stop) =>
                {
                    var made = asked.GetValue(parents)
                        ? await errand.Tree.FindFolder(path, make: true, stop)
                        : await Make(errand, path, stop);
                    errand.Display.Result(new { action = "mkdir", remote = made.Path, id = made.Id }, $"{made.Path} is there");
                },
                cancel),
            cancel));
        return command;
    }

    private static async Task<RemoteEntry> Make(Errand errand, string path, CancellationToken cancel)
    {
        if (path.Split('/', StringSplitOptions.RemoveEmptyEntries) is not [.. var above, var name])
            throw NotDoneException.Usage("The root is there.");
        var parent = await errand.Tree.FindFolder(string.Join('/', above), make: false, cancel);
        return await errand.Tree.FindIn(parent, name, cancel) is { } there
            ? throw NotDoneException.Refused("client.file-exists", $"{there.Path} is there.")
            : await errand.Tree.MakeFolder(parent, name, cancel);
    }
}
