using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files put</c>: uploads files and folders.</summary>
internal static class PutCommand
{
    private sealed record Wish(bool IsRecursive, int Parallel, string OnConflict);

    public static Command Define()
    {
        var paths = new Argument<string[]>("local")
        {
            Description = "Files; the last of several is the folder at the server, the root by default",
            HelpName = "LOCAL… [REMOTE-FOLDER]",
            Arity = ArgumentArity.OneOrMore,
        };
        var to = new Option<string?>("--to") { Description = "The folder at the server; all else is local then", HelpName = "REMOTE-FOLDER" };
        var parents = new Option<bool>("--parents", "-p") { Description = "Make the folder at the server when it is not there" };
        var recursive = TransferOptions.Recursive("Upload folders with all that is in them");
        var parallel = TransferOptions.Parallel();
        var noDirect = TransferOptions.NoDirect();
        var conflict = new Option<string>("--on-conflict")
        {
            Description = "When the folder has an entry of that name: fail, rename (a number is added) or version (the file gets another version)",
            HelpName = "HOW",
            DefaultValueFactory = _ => "fail",
        };
        conflict.AcceptOnlyFromAmong("fail", "rename", "version");
        var switches = new Switches();
        var command = switches.On(
            new Command("put", "Upload files; one that was interrupted goes on where it stopped") { paths, to, parents, recursive, parallel, conflict, noDirect },
            """
              eventfiles files put report.pdf Projects/2026
              eventfiles files put --parents --recursive photos Archive --parallel 8
              eventfiles files put report.pdf Projects/2026 --on-conflict version
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand =>
            {
                errand.KeepsToServer = asked.GetValue(noDirect);
                string[] all = asked.GetValue(paths)!;
                var folder = asked.GetValue(to) ?? (all.Length > 1 ? all[^1] : null);
                var local = folder is not null && asked.GetValue(to) is null ? all[..^1] : all;
                var wish = new Wish(
                    asked.GetValue(recursive), asked.GetValue(parallel),
                    asked.GetValue(conflict) is "version" ? "newVersion" : asked.GetValue(conflict)!);
                return Put(errand, local, folder ?? "/", asked.GetValue(parents), wish, cancel);
            },
            cancel));
        return command;
    }

    private static async Task Put(Errand errand, string[] local, string remote, bool make, Wish wish, CancellationToken cancel)
    {
        ResumeFiles.Tidy();
        var found = new List<FoundFile>();
        var folders = new List<IReadOnlyList<string>>();
        foreach (var path in local)
        {
            try
            {
                Look(errand, path, wish.IsRecursive, found, folders);
            }
            catch (NotDoneException why)
            {
                errand.Failed(path, why);
            }
        }

        if (found.Count + folders.Count == 0)
            return;
        var root = await errand.Tree.FindFolder(remote, make, cancel);
        errand.Meter.Expect(found.Count, found.Sum(one => one.File.SizeBytes));
        errand.Display.Watch(errand.Meter);
        foreach (var folder in folders)
            await Folder(errand, root, folder, cancel);
        await errand.Each(
            found, wish.Parallel, one => one.File.Path,
            async (one, stop) =>
            {
                var into = await Folder(errand, root, one.Folders, stop);
                await Send(errand, "put", one.File, new Destination(into.Id, one.Name, wish.OnConflict), into, stop);
            },
            cancel);
    }

    /// <summary>Uploads one file and tells of it.</summary>
    public static async Task Send(
        Errand errand, string action, LocalFile local, Destination to, RemoteEntry folder, CancellationToken cancel)
    {
        try
        {
            var (file, sha256, resumedAt) = await errand.Upload(local, to, cancel);
            var remote = folder.PathOf(file.Name);
            errand.Display.Result(
                new { action, local = local.Path, remote, id = file.Id, version = file.Version, size = local.SizeBytes, sha256, resumedAt },
                $"{local.Path} -> {remote}{(file.Version > 1 ? $" (version {file.Version})" : "")}{(resumedAt > 0 ? $" (went on at {ProgressLine.Size(resumedAt)})" : "")}");
        }
        finally
        {
            errand.Meter.FileIsOver();
        }
    }

    /// <summary>A folder below another, which is made when it is not there.</summary>
    public static async Task<RemoteEntry> Folder(Errand errand, RemoteEntry root, IReadOnlyList<string> names, CancellationToken cancel)
    {
        var at = root;
        foreach (var name in names)
            at = await errand.Tree.MakeFolder(at, name, cancel);
        return at;
    }

    private static void Look(Errand errand, string path, bool isRecursive, List<FoundFile> found, List<IReadOnlyList<string>> folders)
    {
        if (!Directory.Exists(path))
        {
            found.Add(new FoundFile(LocalTree.File(path), Path.GetFileName(path), []));
            return;
        }

        if (!isRecursive)
            throw NotDoneException.Usage($"{path} is a folder: --recursive uploads it.");
        var top = new DirectoryInfo(path);
        var waiting = new Stack<(DirectoryInfo Folder, IReadOnlyList<string> Names)>([(top, [LocalTree.NameOf(top)])]);
        while (waiting.TryPop(out var next))
        {
            folders.Add(next.Names);
            var (files, below) = LocalTree.List(next.Folder, link => errand.Display.Note($"{link} is a link and passed over."));
            found.AddRange(files.Select(file => new FoundFile(LocalFile.Of(file), file.Name, next.Names)));
            foreach (var folder in below)
                waiting.Push((folder, [.. next.Names, folder.Name]));
        }
    }
}
