using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Zip.ZipRejection;

namespace EventFiles.Features.Zip;

/// <summary>Hands out folders and selections as archives.</summary>
internal sealed class ZipHandler(
    IStreams streams, ZipPlanner planner, ZipChecks checks, IReadModel<ZipView> archives, IFolders folders, IFiles files,
    IAccess access, IFolderAccess folderAccess, IScans scans, IObjects objects, TimeProvider clock) :
    IRequestHandler<OpenFolderArchive, Answer<OpenedArchive>>,
    IRequestHandler<OpenArchive, Answer<OpenedArchive>>,
    IRequestHandler<SelectArchive, Answer<ArchiveReply>>
{
    /// <summary>For how long a selection can be read.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(1);

    public async Task<Answer<OpenedArchive>> Handle(OpenFolderArchive ask, CancellationToken cancellationToken)
    {
        var asked = await folderAccess.Ask(ask.By, ask.Folder, FolderAction.Read, cancellationToken);
        if (asked is not Answer<FolderAccess>.Yes(var (folder, owner, _), _))
            return asked.Refusal!;
        return await folders.NameOf(owner, folder, cancellationToken) is not { } name
            ? FolderRejection.NoSuchFolder
            : (await planner.OfFolder(ask.By, folder, name, cancellationToken))
                .Map(plan => Open(ask.By, plan, name.Length == 0 ? "files.zip" : $"{name}.zip"));
    }

    public async Task<Answer<OpenedArchive>> Handle(OpenArchive ask, CancellationToken cancellationToken) =>
        await archives.Find(ask.Archive.ToString(), cancellationToken) is not { } view
            || view.Owner != ask.By.Account || view.Until <= clock.GetUtcNow()
            ? No.Missing
            : (await planner.OfItems(ask.By, view.Items, isComplete: false, cancellationToken))
                .Map(plan => Open(ask.By, plan, "files.zip"));

    public async Task<Answer<ArchiveReply>> Handle(SelectArchive ask, CancellationToken cancellationToken)
    {
        var planned = await planner.OfItems(ask.By, ask.Items, isComplete: true, cancellationToken);
        if (planned is not Answer<ZipPlan>.Yes(var plan, _))
            return planned.Refusal!;
        var archive = NewId.Of<ArchiveId>(clock);
        return await streams.Transact<ArchiveReply>(
            async transaction =>
            {
                var until = transaction.Now + Life;
                return await transaction.Decide(
                    ZipDecider.StreamOf(archive, ask.By.Account), ZipDecider.Decider,
                    new ZipCommand.Select(archive, ask.Items, until)) is { } no
                    ? no
                    : new ArchiveReply(archive, plan.Entries.Count, plan.Layout.SizeBytes, until);
            },
            cancellationToken);
    }

    private OpenedArchive Open(Caller by, ZipPlan plan, string name) => new(
        new ZipStream(plan, checks, (entry, cancel) => Content(by, entry, cancel)), plan.ETag(), name, plan.ModifiedAt());

    // Asked for each file when its turn comes: what was revoked or deleted meanwhile is not handed out.
    private async ValueTask<Stream> Content(Caller by, ZipEntry entry, CancellationToken cancel)
    {
        var file = entry.File!.Value;
        if (await access.Ask(by, file, FileAction.Read, cancel) is not Answer<FileAccess>.Yes({ IsTrashed: false, IsDeleted: false } may, _)
            || (await scans.Of(file, entry.Version, cancel)).ToReader(isOwner: by.Account == may.Owner) is not null
            || await files.StoredAs(file, entry.Version, cancel) is not { } key
            || await objects.OpenWhole(key, entry.SizeBytes, cancel) is not { } content)
            throw new IOException($"{file} cannot be read any more: the archive ends here.");
        return content;
    }
}
