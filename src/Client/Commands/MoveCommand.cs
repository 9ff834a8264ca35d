using System.CommandLine;
using System.Net.Http.Json;

namespace EventFiles.Client.Commands;

/// <summary><c>files mv</c> and <c>files cp</c>: to another folder, to another name, or both.</summary>
internal static class MoveCommand
{
    /// <summary>How often one asks how far the copy of a folder is.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    public static Command Define() => Define(
        "mv", "Move or rename files and folders; their ids, versions and shares stay",
        """
          eventfiles files mv Projects/draft.pdf Projects/report.pdf
          eventfiles files mv Projects/2025 Projects/2024 Archive
        """,
        Move);

    public static Command DefineCopy() => Define(
        "cp", "Copy files, and folders with all that is in them; the same bytes take up space once",
        """
          eventfiles files cp Projects/report.pdf Archive
          eventfiles files cp Templates/project Projects/2027
        """,
        Copy);

    private static Command Define(
        string name, string what, string examples, Func<Errand, RemoteEntry, Place, CancellationToken, Task> one)
    {
        var paths = new Argument<string[]>("remote")
        {
            Description = "Files and folders at the server; the last is the folder that they come into, or of one the new name",
            HelpName = "REMOTE… REMOTE",
            Arity = new ArgumentArity(2, 100_000),
        };
        var switches = new Switches();
        var command = switches.On(new Command(name, what) { paths }, examples);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            async errand =>
            {
                string[] all = asked.GetValue(paths)!;
                var to = await PlaceOf(errand, all[^1], cancel);
                if (all.Length > 2 && to.Name is not null)
                    throw NotDoneException.NotFound($"There is no folder {all[^1]}");
                await errand.Each(
                    all[..^1], 1, path => path,
                    async (path, stop) => await one(errand, await errand.Tree.Find(path, stop), to, stop), cancel);
            },
            cancel));
        return command;
    }

    // A folder that is there is where they go; else its last part is a new name in the folder before it.
    private static async Task<Place> PlaceOf(Errand errand, string remote, CancellationToken cancel)
    {
        try
        {
            var found = await errand.Tree.Find(remote, cancel);
            return found.IsFolder
                ? new Place(found, null)
                : throw NotDoneException.Refused("client.file-exists", $"{found.Path} is there, and is no folder.");
        }
        catch (NotDoneException none) when (none.ExitCode == ExitCodes.NotFound && !remote.EndsWith('/') && !RemoteTree.IsId(remote))
        {
            var names = remote.Trim('/').Split('/', StringSplitOptions.RemoveEmptyEntries);
            return new Place(await errand.Tree.FindFolder(string.Join('/', names[..^1]), make: false, cancel), names[^1]);
        }
    }

    private static async Task Move(Errand errand, RemoteEntry what, Place to, CancellationToken cancel)
    {
        var parent = await errand.Tree.IdOf(to.Folder, cancel);
        object changes = what.IsFolder ? new { name = to.Name, parentId = parent } : new { name = to.Name, folderId = parent };
        await errand.Server.Tell(HttpMethod.Patch, $"api/{what.Kind}s/{what.Id}", cancel, () => JsonContent.Create(changes, changes.GetType()));
        Told(errand, "move", what, to, what.Id, to.Name ?? what.Name, "is now");
    }

    private static async Task Copy(Errand errand, RemoteEntry what, Place to, CancellationToken cancel)
    {
        var parent = await errand.Tree.IdOf(to.Folder, cancel);
        if (!what.IsFolder)
        {
            var copy = await errand.Server.Post<FileCopyReply>(
                $"api/files/{what.Id}/copy", new { folderId = parent, name = to.Name, onConflict = "fail" }, cancel);
            Told(errand, "copy", what, to, $"{copy.File.Id}", copy.File.Name, "copied to");
            return;
        }

        var made = await errand.Server.Post<FolderCopyReply>(
            $"api/folders/{what.Id}/copy", new { parentId = parent, name = to.Name, onConflict = "fail" }, cancel);
        for (; made.Status == "running"; made = await errand.Server.Get<FolderCopyReply>($"api/copies/{made.Id}", cancel))
            await Task.Delay(BetweenLooks, cancel);
        foreach (var failure in made.Failures)
            errand.Failed($"id:{failure.Id}", NotDoneException.Refused(failure.Code, "It was not copied."));
        Told(errand, "copy", what, to, $"{made.FolderId}", to.Name ?? what.Name, "copied to");
    }

    private static void Told(Errand errand, string action, RemoteEntry what, Place to, string id, string name, string said) =>
        errand.Display.Result(
            new { action, from = what.Path, remote = to.Folder.PathOf(name), id, kind = what.Kind },
            $"{what.Path} {said} {to.Folder.PathOf(name)}");

    /// <summary>Where something comes to be.</summary>
    /// <param name="Name">Null: it keeps its own.</param>
    private sealed record Place(RemoteEntry Folder, string? Name);

    private sealed record FileCopyReply(FileReply File);

    private sealed record FolderCopyReply(Guid Id, string Status, Guid FolderId, IReadOnlyList<FailureReply> Failures);

    private sealed record FailureReply(Guid Id, string Code);
}
