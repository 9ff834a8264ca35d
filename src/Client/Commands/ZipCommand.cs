using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files zip</c>: files and folders as one archive.</summary>
internal static class ZipCommand
{
    public static Command Define()
    {
        var paths = new Argument<string[]>("remote") { Description = "Files and folders at the server", HelpName = "REMOTE…", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o")
        {
            Description = "The local file, or - for standard output",
            HelpName = "LOCAL",
            Required = true,
        };
        var force = new Option<bool>("--force", "-f") { Description = "Overwrite a local file" };
        var switches = new Switches();
        var command = switches.On(
            new Command("zip", "Download files and folders as one ZIP archive") { paths, output, force },
            """
              eventfiles files zip Projects/2026 -o 2026.zip
              eventfiles files zip Projects/2026 Notes.txt -o - | bsdtar -x -f -
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand => asked.GetRequiredValue(output) is "-" && switches.IsJson(asked)
                ? throw NotDoneException.Usage("There is no JSON beside an archive on standard output.")
                : Zip(errand, asked.GetValue(paths)!, asked.GetRequiredValue(output), asked.GetValue(force), cancel),
            cancel));
        return command;
    }

    private static async Task Zip(Errand errand, string[] paths, string output, bool force, CancellationToken cancel)
    {
        ResumeFiles.Tidy();
        var items = new List<object>();
        foreach (var path in paths)
        {
            var found = await errand.Tree.Find(path, cancel);
            items.Add(new { kind = found.Kind, id = await errand.Tree.IdOf(found, cancel) });
        }

        var made = await errand.Server.Post<ArchiveReply>("api/archives", new { items }, cancel);
        var archive = new RemoteEntry(false, $"{made.Id}", Path.GetFileName(output), "archive", made.Size, "application/zip", null, 0, null)
        {
            Content = $"api/archives/{made.Id}",
            HasDigest = false,
        };
        errand.Meter.Expect(1, archive.SizeBytes);
        errand.Display.Watch(errand.Meter);
        var download = new Download(errand.Server, errand.Meter);
        if (output == "-")
        {
            await using var standard = Console.OpenStandardOutput();
            await download.ToStream(archive, standard, cancel);
            return;
        }

        var got = await download.ToFile(archive, output, force, cancel);
        errand.Display.Result(
            new { action = "zip", local = Path.GetFullPath(output), entries = made.Entries, size = got.SizeBytes, sha256 = got.Sha256 },
            string.Create(CultureInfo.InvariantCulture, $"{output}: {made.Entries} files and folders, {ProgressLine.Size(got.SizeBytes)}"));
    }

    private sealed record ArchiveReply(Guid Id, int Entries, long Size);
}
