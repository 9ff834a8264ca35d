using System.CommandLine;

namespace EventFiles.Client.Commands;

/// <summary><c>files sync-up</c>: makes a folder at the server like a local one.</summary>
internal static class SyncUpCommand
{
    public static Command Define()
    {
        var local = new Argument<string>("local") { Description = "The local folder", HelpName = "LOCAL-DIR" };
        var remote = new Argument<string>("remote") { Description = "The folder at the server; it is made when it is not there", HelpName = "REMOTE-FOLDER" };
        var dryRun = new Option<bool>("--dry-run", "-n") { Description = "Only tell what would be done" };
        var delete = new Option<bool>("--delete") { Description = "Move to the trash what is at the server and not here; not if anything failed" };
        var parallel = TransferOptions.Parallel();
        var noDirect = TransferOptions.NoDirect();
        var switches = new Switches();
        var command = switches.On(
            new Command("sync-up", "Upload what is new in a folder, and a new version of what differs by size or digest") { local, remote, dryRun, delete, parallel, noDirect },
            """
              eventfiles files sync-up ~/Documents Backup/Documents
              eventfiles files sync-up ~/Documents Backup/Documents --delete --dry-run
            """);
        command.SetAction((asked, cancel) => Errand.Run(
            asked, switches,
            errand =>
            {
                errand.KeepsToServer = asked.GetValue(noDirect);
                return Sync(
                    errand, new DirectoryInfo(asked.GetRequiredValue(local)), asked.GetRequiredValue(remote), asked.GetValue(dryRun),
                    asked.GetValue(delete), asked.GetValue(parallel), cancel);
            },
            cancel));
        return command;
    }

    private static async Task Sync(
        Errand errand, DirectoryInfo local, string remote, bool isDry, bool isDelete, int parallel, CancellationToken cancel)
    {
        if (!local.Exists)
            throw NotDoneException.NotFound($"There is no folder {local.FullName} here");
        ResumeFiles.Tidy();
        var root = isDry ? await FindOrNull(errand, remote, cancel) : await errand.Tree.FindFolder(remote, make: true, cancel);
        var plan = new SyncPlan(errand);
        await plan.Make(local, root, cancel);
        errand.Meter.Expect(plan.Files.Count, plan.Files.Sum(one => one.Local.File.SizeBytes));
        errand.Display.Watch(errand.Meter);
        var (added, changed, same) = (0, 0, 0);
        if (!isDry)
        {
            foreach (var folder in plan.Folders)
                await PutCommand.Folder(errand, root!, folder, cancel);
        }

        await errand.Each(
            plan.Files, parallel, one => one.Local.File.Path,
            async (one, stop) =>
            {
                var known = one.Remote is { } there ? await errand.Server.Get<FileReply>($"api/files/{there.Id}", stop) : null;
                if (known is not null && known.Size == one.Local.File.SizeBytes
                    && known.Sha256 == await LocalDigest.Of(one.Local.File.Path, stop))
                {
                    Interlocked.Increment(ref same);
                    errand.Meter.Begin(known.Size).At(known.Size);
                    errand.Meter.FileIsOver();
                    return;
                }

                await Send(errand, root, one.Local, known, isDry, stop);
                Interlocked.Increment(ref known is null ? ref added : ref changed);
            },
            cancel);
        await Delete(errand, plan, isDelete, isDry, cancel);
        errand.Display.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{added} new, {changed} changed, {same} the same, {plan.Surplus.Count} only at the server{(isDry ? "; nothing was done" : "")}."));
    }

    // Only the version that was looked at is replaced.
    private static async Task Send(
        Errand errand, RemoteEntry? root, FoundFile local, FileReply? known, bool isDry, CancellationToken cancel)
    {
        var action = known is null ? "upload" : "version";
        if (isDry)
        {
            errand.Meter.FileIsOver();
            errand.Display.Result(new { action, local = local.File.Path, size = local.File.SizeBytes, dryRun = true }, $"would {action} {local.File.Path}");
            return;
        }

        var folder = await PutCommand.Folder(errand, root!, local.Folders, cancel);
        var to = new Destination(folder.Id, known?.Name ?? local.Name, "fail") { FileId = known?.Id.ToString(), IfSha256 = known?.Sha256 };
        await PutCommand.Send(errand, action, local.File, to, folder, cancel);
    }

    private static async Task Delete(Errand errand, SyncPlan plan, bool isDelete, bool isDry, CancellationToken cancel)
    {
        if (!isDelete || plan.Surplus.Count == 0)
            return;
        if (errand.HasFailures)
        {
            errand.Display.Note("Nothing was moved to the trash, because something failed.");
            return;
        }

        await errand.Each(
            plan.Surplus, 1, one => one.Path,
            async (one, stop) =>
            {
                if (isDry)
                    errand.Display.Result(new { action = "trash", remote = one.Path, id = one.Id, dryRun = true }, $"would move {one.Path} to the trash");
                else if (one.IsFolder)
                    await RemoveCommand.Folder(errand, one, isPermanent: false, stop);
                else
                    await RemoveCommand.File(errand, one, isPermanent: false, stop);
            },
            cancel);
    }

    private static async Task<RemoteEntry?> FindOrNull(Errand errand, string remote, CancellationToken cancel)
    {
        try
        {
            return await errand.Tree.FindFolder(remote, make: false, cancel);
        }
        catch (NotDoneException none) when (none.Code == "client.not-found")
        {
            return null;
        }
    }
}
