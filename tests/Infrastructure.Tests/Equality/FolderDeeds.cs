using EventFiles.Features.Bulk;
using EventFiles.Features.Copy;
using EventFiles.Features.Delete;
using EventFiles.Features.Export;
using EventFiles.Features.Files;
using EventFiles.Features.Folders;
using EventFiles.Features.Hold;
using EventFiles.Features.Marks;
using EventFiles.Features.Upload;
using EventFiles.Features.Zip;

namespace EventFiles.Infrastructure.Tests.Equality;

/// <summary>What people do with many files at once, or with folders and what is in them; and how they mark them.</summary>
internal sealed class FolderDeeds(Life life)
{
    /// <summary>Null when it is not one of these.</summary>
    public Func<Random, Task>? Of(Deed deed) => deed switch
    {
        Deed.TrashFolder => TrashFolder,
        Deed.CopyFolder => CopyFolder,
        Deed.CancelCopy => CancelCopy,
        Deed.CopyFile => CopyFile,
        Deed.Bulk => Bulk,
        Deed.SelectArchive => SelectArchive,
        Deed.Export => Export,
        Deed.Mark => Mark,
        Deed.Tag => Tag,
        _ => null,
    };

    private async Task CopyFolder(Random chance)
    {
        if (life.Folders.Any(chance) is not { } folder)
            return;
        var by = await life.Owner(folder.Owner, chance);
        var copy = await life.Ask(new CopyFolder(
            by, folder.Id, Folder(by.Account, chance), chance.Next(2) == 0 ? null : Names.Any(chance), (CopyConflict)chance.Next(2)));
        if (copy is null)
            return;
        life.Folders.Add(new Thing<FolderId>(copy.FolderId, by.Account));
        life.Copies.Add(new Thing<CopyId>(copy.Id, by.Account));
    }

    private async Task Bulk(Random chance)
    {
        var by = await life.Somebody(chance);
        var items = new[] { life.Files.Any(chance)?.Id.Value, life.Files.Any(chance)?.Id.Value }.OfType<Guid>()
            .Select(file => new BulkItem(BulkKind.File, file))
            .Concat(new[] { life.Folders.Any(chance)?.Id.Value }.OfType<Guid>().Select(folder => new BulkItem(BulkKind.Folder, folder)));
        var verb = chance.Next(3) == 0 ? BulkVerb.Move : (BulkVerb)chance.Next(Enum.GetValues<BulkVerb>().Length);
        await life.Do(new DoInBulk(by, verb, [.. items], Folder(by.Account, chance) ?? FolderId.RootOf(by.Account),
            life.Tags.Any(chance, tag => tag.Owner == by.Account)?.Id));
    }

    private async Task SelectArchive(Random chance)
    {
        if (life.Files.Any(chance) is { } file)
            await life.Do(new SelectArchive(await life.Owner(file.Owner, chance), [new ZipItem(false, file.Id.Value)]));
    }

    private async Task Export(Random chance)
    {
        var by = await life.Somebody(chance);
        if (await life.Ask(new RequestExport(by)) is { } export && chance.Next(3) == 0)
            await life.Do(new DeleteExport(by, export.Id));
    }

    private async Task Mark(Random chance)
    {
        if (life.Files.Any(chance) is not { } file)
            return;
        var by = await life.Owner(file.Owner, chance);
        var isFolder = chance.Next(3) == 0 && life.Folders.Any(chance) is not null;
        var entry = isFolder ? life.Folders.Any(chance)!.Id.Value : file.Id.Value;
        await life.Do(new SetFavourite(by, entry, isFolder, true));
        if (life.Tags.Any(chance, tag => tag.Owner == by.Account) is { } tag)
        {
            await life.Do(new SetTag(by, entry, isFolder, tag.Id, true));
            if (chance.Next(2) == 0)
                await life.Do(new SetTag(by, entry, isFolder, tag.Id, false));
        }

        if (chance.Next(2) == 0)
            await life.Do(new SetFavourite(by, entry, isFolder, false));
    }

    private async Task Tag(Random chance)
    {
        if (life.Tags.Any(chance) is { } tag && chance.Next(2) == 0)
        {
            var owner = await life.Owner(tag.Owner, chance);
            if (chance.Next(3) > 0)
                await life.Do(new RenameTag(owner, tag.Id, Names.Any(chance)));
            else
                await life.Do(new DeleteTag(owner, tag.Id));
            return;
        }

        var by = await life.Somebody(chance);
        if (await life.Ask(new CreateTag(by, Names.Any(chance))) is { } made)
            life.Tags.Add(new Thing<TagId>(made.Id, by.Account));
    }

    private async Task TrashFolder(Random chance)
    {
        if (life.Folders.Any(chance) is not { } folder)
            return;
        var by = await life.Owner(folder.Owner, chance);
        var end = chance.Next(5);
        if (end == 1)
            await HoldSomethingIn(folder, by, chance);
        await life.Do(new TrashFolder(by, folder.Id));
        await life.Do(new ListTrash(by, null, 100));
        switch (end)
        {
            case 0:
                break;
            case 1 or 2:
                await life.Do(new DoomFolder(by, folder.Id));
                break;
            default:
                await life.Do(new RestoreFolder(by, folder.Id));
                break;
        }
    }

    // So that the folder is spared when it is to go for good.
    private async Task HoldSomethingIn(Thing<FolderId> folder, Caller by, Random chance)
    {
        if (life.Files.Any(chance, file => file.Owner == folder.Owner) is not { } file)
            return;
        await life.Do(new ChangeFile(by, file.Id, null, folder.Id, null));
        if (await life.Ask(new PlaceHold(life.Operator with { IsAuditor = true }, HoldKind.File, file.Id.Value, "spared")) is { } placed)
            life.Holds.Add(placed);
    }

    private async Task CancelCopy(Random chance)
    {
        if (life.Copies.Any(chance) is not { } copy)
            return;
        var by = await life.Owner(copy.Owner, chance);
        await life.Do(new ReadCopy(by, copy.Id));
        await life.Do(new CancelCopy(by, copy.Id));
    }

    private Task CopyFile(Random chance) => With(chance, async (by, file) =>
    {
        var name = chance.Next(2) == 0 ? null : Names.Any(chance);
        if (await life.Ask(new CopyFile(by, file, Folder(by.Account, chance), name, (NameConflict)chance.Next(3))) is { } made)
            life.Files.Add(new Thing<FileId>(made.File.Id, by.Account));
    });

    private async Task With(Random chance, Func<Caller, FileId, Task> deed)
    {
        if (life.Files.Any(chance) is { } file)
            await deed(await life.Owner(file.Owner, chance), file.Id);
    }

    // The root as often as not: there they meet.
    private FolderId? Folder(AccountId owner, Random chance) =>
        chance.Next(2) == 0 ? null : life.Folders.Any(chance, folder => folder.Owner == owner)?.Id;
}
