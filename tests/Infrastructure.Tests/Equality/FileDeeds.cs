using System.Text.Json;
using EventFiles.Features.Audit;
using EventFiles.Features.Delete;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Process;
using EventFiles.Features.Quota;
using EventFiles.Features.Share;
using EventFiles.Features.Upload;
using Placement = EventFiles.Features.Upload.Placement;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people do with files and folders.</summary>
internal sealed class FileDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.MakeFolder => MakeFolder,
        Deed.ChangeFolder => ChangeFolder,
        Deed.DeleteFolder => DeleteFolder,
        Deed.Upload => chance => Upload(chance, isSlow: false),
        Deed.SlowUpload => chance => Upload(chance, isSlow: true),
        Deed.BeginUpload => BeginUpload,
        Deed.ContinueUpload => ContinueUpload,
        Deed.CancelUpload => CancelUpload,
        Deed.Overtake => Overtake,
        Deed.ChangeFile => ChangeFile,
        Deed.Trash => Trash,
        Deed.Restore => chance => With(chance, (by, file) => life.Do(new RestoreFile(by, file))),
        Deed.Delete => Delete,
        Deed.EmptyTrash => EmptyTrash,
        Deed.Process => Process,
        Deed.Watermark => Watermark,
        Deed.LoseBytes => LoseBytes,
        Deed.Look => Look,
        _ => null,
    };

    private async Task MakeFolder(Random chance)
    {
        var by = await life.Somebody(chance);
        if (await life.Ask(new CreateFolder(by, Names.Any(chance), Folder(by.Account, chance))) is { } made)
            life.Folders.Add(new Thing<FolderId>(made.Id, by.Account));
    }

    private async Task ChangeFolder(Random chance)
    {
        if (life.Folders.Any(chance) is { } folder)
        {
            FolderId? parent = chance.Next(4) switch
            {
                0 => null,
                1 => FolderId.RootOf(folder.Owner),
                _ => life.Folders.Any(chance, other => other.Owner == folder.Owner && other != folder)?.Id,
            };
            await life.Do(new ChangeFolder(
                await life.Owner(folder.Owner, chance), folder.Id, chance.Next(2) == 0 ? null : Names.Any(chance), parent));
        }
    }

    private async Task DeleteFolder(Random chance)
    {
        if (life.Folders.Any(chance) is { } folder
            && await life.Do(new DeleteFolder(await life.Owner(folder.Owner, chance), folder.Id)) && chance.Next(3) > 0)
            life.Folders.Remove(folder);
    }

    private async Task Upload(Random chance, bool isSlow)
    {
        var by = await life.Somebody(chance);
        var (content, to) = (Contents.Any(chance), To(by.Account, chance));
        var where = new Placement(to.Folder, (NameConflict)chance.Next(3));
        // One that says it may be large, or says nothing, is set aside before its bytes are taken.
        long? atMost = isSlow ? 2 << 20 : chance.Next(3) == 0 ? null : content.Length;
        var made = await life.Ask(new ReceiveFile(
            by, to.Name, chance.Next(3) == 0 ? "text/plain" : null, where,
            isSlow ? new Trickle(content, life.Clock, breaks: chance.Next(3) == 0) : new MemoryStream(content), atMost,
            _ => Task.FromResult<Answer<Placement>>(where)));
        if (made is not null)
            life.Files.Add(new Thing<FileId>(made.File.Id, by.Account));
    }

    private async Task BeginUpload(Random chance)
    {
        var by = await life.Somebody(chance);
        var (content, to) = (Contents.Any(chance), To(by.Account, chance));
        var first = chance.Next(4) == 0 ? chance.Next(content.Length + 1) : 0;
        var made = await life.Ask(new CreateUpload(
            by, content.Length, to.Name, null, new Placement(to.Folder, (NameConflict)chance.Next(3)),
            first == 0 ? null : new MemoryStream(content, 0, first), first == 0 ? null : first));
        if (made is not null)
            Keep(new Transfer(made.Token, content, by.Account) { Sent = made.Progress.OffsetBytes }, made.Progress);
    }

    private async Task ContinueUpload(Random chance)
    {
        if (life.Transfers.Any(chance) is not { } transfer)
            return;
        var by = await life.Owner(transfer.Owner, chance);
        var sent = (int)transfer.Sent;
        var count = chance.Next(4) == 0 ? (transfer.Content.Length - sent) / 2 : transfer.Content.Length - sent;
        var progress = chance.Next(8) == 0
            ? await life.Ask(new ReadUpload(by, transfer.Token))
            : await life.Ask(new ContinueUpload(
                by, transfer.Token, chance.Next(12) == 0 ? sent + 1 : sent, new MemoryStream(transfer.Content, sent, count), count));
        if (progress is null)
            return;
        transfer.Sent = progress.OffsetBytes;
        if (progress.File is { } file && by.Account == transfer.Owner)
            life.Files.Add(new Thing<FileId>(file, transfer.Owner));
    }

    private async Task CancelUpload(Random chance)
    {
        if (life.Transfers.Any(chance) is { } transfer)
            await life.Do(new CancelUpload(await life.Owner(transfer.Owner, chance), transfer.Token));
    }

    // The bytes are meant for a new file, and before they are there another of that name is.
    private async Task Overtake(Random chance)
    {
        var by = await life.Somebody(chance);
        var (name, where) = ($"overtaken {chance.Next(1000)}", new Placement(null, NameConflict.NewVersion));
        if (await life.Ask(new CreateUpload(by, 5, name, null, where, null, null)) is not { } slow)
            return;
        var made = await life.Ask(new ReceiveFile(
            by, name, null, where, new MemoryStream([.. "fast"u8]), 4, _ => Task.FromResult<Answer<Placement>>(where)));
        if (made is not null)
            life.Files.Add(new Thing<FileId>(made.File.Id, by.Account));
        await life.Do(new ContinueUpload(by, slow.Token, 0, new MemoryStream([.. "slow."u8]), 5));
    }

    private void Keep(Transfer transfer, UploadProgress progress)
    {
        life.Transfers.Add(transfer);
        if (progress.File is { } file)
            life.Files.Add(new Thing<FileId>(file, transfer.Owner));
    }

    private Task ChangeFile(Random chance) => With(chance, async (by, file) =>
    {
        IReadOnlyList<string>? tags = chance.Next(4) switch
        {
            0 => ["\"of another time\""],
            1 => await life.Ask(new ReadFile(by, file, null)) is { } read ? [read.ETag] : null,
            _ => null,
        };
        await life.Do(new ChangeFile(
            by, file, chance.Next(3) == 0 ? null : Names.Any(chance), chance.Next(2) == 0 ? Folder(by.Account, chance) : null, tags));
    });

    private Task Trash(Random chance) => With(chance, async (by, file) =>
    {
        if (await life.Do(new TrashFile(by, file)) && chance.Next(3) == 0)
            await life.Do(new RestoreFile(by, file));
    });

    private async Task Delete(Random chance)
    {
        if (life.Files.Any(chance) is { } file
            && await life.Do(new DeleteFile(await life.Owner(file.Owner, chance), file.Id)) && chance.Next(3) > 0)
            life.Files.Remove(file);
    }

    private async Task EmptyTrash(Random chance) => await life.Do(new EmptyTrash(await life.Somebody(chance)));

    private Task Process(Random chance) => With(chance, (by, file) => life.Do(new ProcessFile(
        by, file, chance.Next(5) == 0 ? "pdf_thumbnail" : "resize", new Dictionary<string, JsonElement>(StringComparer.Ordinal)
        {
            ["width"] = JsonSerializer.SerializeToElement(chance.Next(1, 40)),
            ["height"] = JsonSerializer.SerializeToElement(chance.Next(1, 40)),
        })));

    // Over a picture of one's own, and mostly once more with other words.
    private async Task Watermark(Random chance)
    {
        var (by, content, where) = (await life.Somebody(chance), Contents.APicture, new Placement(null, NameConflict.Rename));
        var made = await life.Ask(new ReceiveFile(
            by, "picture.png", null, where, new MemoryStream(content), content.Length, _ => Task.FromResult<Answer<Placement>>(where)));
        if (made is null)
            return;
        life.Files.Add(new Thing<FileId>(made.File.Id, by.Account));
        for (var times = chance.Next(3); times >= 0; times--)
        {
            await life.Do(new ProcessFile(by, made.File.Id, "watermark", new Dictionary<string, JsonElement>(StringComparer.Ordinal)
            {
                ["text"] = JsonSerializer.SerializeToElement($"of {Names.Any(chance)}"),
            }));
        }
    }

    // A kill between the bytes and the commit leaves them to nobody; then somebody looks what there is.
    private async Task LoseBytes(Random chance)
    {
        var objects = life.Node.Get<IObjects>();
        var key = chance.Next(4) == 0
            ? ObjectKey.Variant(NewId.Of<FileId>(life.Clock), 1, "thumbnail")
            : ObjectKey.Raw(NewId.Of<UploadId>(life.Clock));
        await objects.Put(key, new MemoryStream(Contents.Any(chance)), CancellationToken.None);
        life.Clock.Leap(StorageOptions.Default.Grace);
        await life.Do(new ReconcileStorage(life.Clock.GetUtcNow() - TimeSpan.FromDays(1)));
    }

    private async Task Look(Random chance)
    {
        var by = await life.Somebody(chance);
        var file = life.Files.Any(chance)?.Id ?? default;
        _ = chance.Next(10) switch
        {
            0 => await life.Do(new ListChildren(
                by, Folder(by.Account, chance) ?? FolderId.RootOf(by.Account), ChildrenSort.Words.ElementAt(chance.Next(ChildrenSort.Words.Count)), null, 100)),
            1 => await life.Do(new ListSharedWithMe(by, null, 100)),
            2 => await life.Do(new ReadQuota(by, null)),
            3 => await life.Do(new ListTrash(by, null, 100)),
            4 => await life.Do(new ReadHistory(by, file, null, 100)),
            5 => await life.Do(new ReadFileStatus(by, file, null)),
            6 => await life.Do(new ListShares(by, file, null, 100, null)),
            7 => await life.Do(new ListVersions(by, file, null, 100, null)),
            8 => await life.Do(new ListLinks(by, file, null, 100)),
            _ => await life.Do(new CheckPermissions(by, [new PermissionCheck(file, FileAction.Read)])),
        };
    }

    private async Task With(Random chance, Func<Caller, FileId, Task> deed)
    {
        if (life.Files.Any(chance) is { } file)
            await deed(await life.Owner(file.Owner, chance), file.Id);
    }

    // Where something was brought before, or is being brought, as often as not: names meet, and versions.
    private Destination To(AccountId owner, Random chance)
    {
        if (chance.Next(2) == 0 && life.Destinations.Any(chance, one => one.Owner == owner) is { } before && before.Owner == owner)
            return before;
        var to = new Destination(owner, Folder(owner, chance), Names.Any(chance));
        life.Destinations.Add(to);
        return to;
    }

    // The root as often as not: there they meet.
    private FolderId? Folder(AccountId owner, Random chance) =>
        chance.Next(2) == 0 ? null : life.Folders.Any(chance, folder => folder.Owner == owner)?.Id;
}
