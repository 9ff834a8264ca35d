using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files get</c>: downloads files and folders.</summary>
internal static class GetCommand
{
    private const string StandardOutput = "-";

    private sealed record Wish(bool IsRecursive, bool Overwrites, int Parallel, int? Version);

    public static Command Define()
    {
        var paths = new Argument<string[]>("remote")
        {
            Description = "Files at the server; the last of several is the local file or folder, here by default",
            HelpName = "REMOTE… [LOCAL]",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The local file or folder, or - for standard output; all else is at the server then",
            HelpName = "LOCAL",
        };
        var version = new Option<int?>("--version") { Description = "A former version of the one file", HelpName = "N" };
        var recursive = TransferOptions.Recursive("Download folders with all that is in them");
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite local files that are other ones" };
        var parallel = TransferOptions.Parallel();
        var switches = new Switches();
        var command = switches.On(
            new Command("get", "Download files; one that was interrupted goes on where it stopped") { paths, output, recursive, force, parallel, version },
            """
              eventfiles files get Projects/2026/report.pdf
              eventfiles files get --recursive Projects /backup --parallel 8
              eventfiles files get Projects/2026/report.pdf -o - | pdftotext - -
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand =>
            {
                string[] all = asked.GetValue(paths)!;
                var local = asked.GetValue(output) ?? (all.Length > 1 ? all[^1] : ".");
                var remote = asked.GetValue(output) is null && all.Length > 1 ? all[..^1] : all;
                if (asked.GetValue(version) is not null && remote.Length > 1)
                    throw NotDoneException.Usage("--version is for one file.");
                var wish = new Wish(asked.GetValue(recursive), asked.GetValue(force), asked.GetValue(parallel), asked.GetValue(version));
                return local != StandardOutput ? Get(errand, remote, local, wish, cancel)
                    : remote is [var one] && !switches.IsJson(asked) ? Print(errand, one, wish.Version, cancel)
                    : throw NotDoneException.Usage("One file at a time goes to standard output, and no JSON beside it.");
            },
            cancel));
        return command;
    }

    private static async Task Get(
        Errand errand, string[] remote, string local, Wish wish, CancellationToken cancel)
    {
        ResumeFiles.Tidy();
        var isFolder = remote.Length > 1 || Path.EndsInDirectorySeparator(local) || Directory.Exists(local);
        var wanted = new List<(RemoteEntry Remote, string Local)>();
        foreach (var path in remote)
        {
            try
            {
                var found = await Find(errand, path, wish.Version, cancel);
                if (found.IsFolder && !wish.IsRecursive)
                    throw NotDoneException.Usage($"{path} is a folder: --recursive downloads it.");
                await Look(errand, found, isFolder && found.Name.Length > 0 ? Path.Combine(local, Safe(found.Name)) : local, wanted, cancel);
            }
            catch (NotDoneException why) when (why.ExitCode is not (ExitCodes.NotSignedIn or ExitCodes.Away))
            {
                errand.Failed(path, why);
            }
        }

        errand.Meter.Expect(wanted.Count, wanted.Sum(one => one.Remote.SizeBytes));
        errand.Display.Watch(errand.Meter);
        await errand.Each(wanted, wish.Parallel, one => one.Remote.Path, (one, stop) => Receive(errand, one.Remote, one.Local, wish.Overwrites, stop), cancel);
    }

    private static async Task Receive(Errand errand, RemoteEntry remote, string local, bool force, CancellationToken cancel)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(local))!);
            var got = await new Download(errand.Server, errand.Meter).ToFile(remote, local, force, cancel);
            errand.Display.Result(
                new
                {
                    action = "get",
                    remote = remote.Path,
                    id = remote.Id,
                    local = Path.GetFullPath(local),
                    size = got.SizeBytes,
                    sha256 = got.Sha256,
                    resumedAt = got.ResumedAt,
                    unchanged = got.WasThere,
                },
                $"{remote.Path} -> {local}{(got.WasThere ? " (was there)" : got.ResumedAt > 0 ? $" (went on at {ProgressLine.Size(got.ResumedAt)})" : "")}");
        }
        finally
        {
            errand.Meter.FileIsOver();
        }
    }

    private static async Task Print(Errand errand, string path, int? version, CancellationToken cancel)
    {
        var file = await Find(errand, path, version, cancel);
        if (file.IsFolder)
            throw NotDoneException.Usage($"{path} is a folder.");
        errand.Meter.Expect(1, file.SizeBytes);
        errand.Display.Watch(errand.Meter);
        await using var output = Console.OpenStandardOutput();
        await new Download(errand.Server, errand.Meter).ToStream(file, output, cancel);
    }

    private static async Task<RemoteEntry> Find(Errand errand, string path, int? version, CancellationToken cancel)
    {
        var found = await errand.Tree.Find(path, cancel);
        return version is not { } former ? found
            : found.IsFolder ? throw NotDoneException.Usage($"{path} is a folder: files have versions.")
            : found with { Content = string.Create(CultureInfo.InvariantCulture, $"api/files/{found.Id}/content?version={former}") };
    }

    private static async Task Look(
        Errand errand, RemoteEntry found, string local, List<(RemoteEntry Remote, string Local)> wanted, CancellationToken cancel)
    {
        if (!found.IsFolder)
        {
            wanted.Add((found, local));
            return;
        }

        Directory.CreateDirectory(local);
        foreach (var entry in await errand.Tree.List(found, cancel))
            await Look(errand, entry, Path.Combine(local, Safe(entry.Name)), wanted, cancel);
    }

    // A server that says ../.bashrc is not believed.
    private static string Safe(string name) =>
        name is "" or "." or ".." || name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0
            ? throw NotDoneException.Refused("client.unsafe-name", $"\"{name}\" cannot be a local name.")
            : name;
}
