using System.Security.Cryptography;

namespace EventFiles.Features.Handover;

/// <summary>
/// Hands over one file or one folder: first the bytes are there, then everything that is told of it is passed on in one
/// transaction. The ids of the new owner's bytes follow from the transfer and from what is handed over: done again after a
/// crash, or by two workers at once, it is done once.
/// </summary>
internal sealed class HandedItems(
    IStreams streams, IFiles files, IFolders folders, IHolds holds, IErasures erasures, IHandedFiles handed, IHandedFolders handedFolders,
    IHandedBytes bytes, IEnumerable<IHandsOverFiles> ofFiles, IEnumerable<IHandsOverFolders> ofFolders)
{
    // A file that changes while its bytes are written anew is begun again, and a free name may be taken.
    private const int MaxTries = 10;

    /// <summary>How many bytes a file's versions have; those with the same take up space once.</summary>
    public async Task<long> BytesOf(FileId file, CancellationToken cancel) =>
        (await handed.Versions(file, cancel)).DistinctBy(version => (version.Sha256, version.SizeBytes)).Sum(version => version.SizeBytes);

    /// <summary>Hands over a file.</summary>
    /// <param name="place">Where it goes; null for where it is.</param>
    /// <returns>Why not, or null; also when it is the new owner's already.</returns>
    public async Task<Rejection?> File(
        HandoverState state, FileId file, FolderId? place, Allotment from, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            if (await files.Find(file, cancel) is not { } shown)
                return AccessRejection.NoSuchFile;
            if (shown.Owner != state.From)
                return null;
            var contents = Contents(state.Id!.Value, file, await handed.Versions(file, cancel));
            // Views may not know yet what whoever was at it before has done, and what went over must not go over again: it
            // would be charged twice. Asked after the versions were read, so that these are the former owner's.
            if (await Went(transaction => handed.WentTo(transaction, state.To, file), cancel))
                return null;
            if (contents.Count == 0)
                return AccessRejection.NoSuchFile;
            if (await bytes.Write(state.To, file, contents, cancel) is { } unwritten)
                return await Dropped(unwritten, state, file, contents, cancel);
            var what = new FileHandover(
                file, state.From, state.To, place ?? shown.FolderId,
                place is { } folder ? await folders.FreeName(folder, shown.Name, cancel) : shown.Name, [.. contents], from)
            {
                Keeps = state.IsFolder ? null : state.Keeps,
            };
            var moved = await streams.Transact<Done>(async transaction =>
            {
                if (await handed.WentTo(transaction, state.To, file))
                    return new Done();
                if (!await folders.IsThere(transaction, state.To, what.Folder))
                    return FolderRejection.NoSuchFolder;
                if ((await holds.OverFile(transaction, state.From, file)).Count > 0)
                    return HoldRejection.Stands;
                if (await erasures.IsAskedFor(transaction, new(state.From, file)))
                    return HandoverRejections.ToBeErased;
                foreach (var one in ofFiles)
                {
                    if (await one.HandOver(transaction, what) is { } no)
                        return no;
                }

                return new Done();
            }, cancel);
            KillPoint.Reach("handover.file-moved");
            if (moved.Refusal == HandoverRejections.Busy)
                throw new TransientException($"Something is being made of {file}, which is to be handed over.");
            if ((moved.Refusal == HandoverRejections.Changed || moved.Refusal == EntryName.Taken) && tries < MaxTries)
                continue;
            return moved.Refusal is { } why ? await Dropped(why, state, file, contents, cancel) : null;
        }
    }

    /// <summary>Hands over a folder by itself.</summary>
    /// <param name="place">Where it goes; null for where it is.</param>
    /// <returns>Why not, or null; also when it is the new owner's already.</returns>
    public async Task<Rejection?> Folder(HandoverState state, FolderId folder, FolderId? place, CancellationToken cancel) =>
        await Move(state, folder, place, cancel) is not { } no ? null
        // What was read in between may be older than what was refused.
        : await Went(transaction => handedFolders.WentTo(transaction, state.To, folder), cancel) ? null
        : no;

    private async Task<Rejection?> Move(HandoverState state, FolderId folder, FolderId? place, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            if (await folders.OwnerOf(folder, cancel) is not { } owner)
                return FolderRejection.NoSuchFolder;
            if (owner != state.From)
                return null;
            if (await folders.NameOf(state.From, folder, cancel) is not { } name
                || await folders.ParentOf(state.From, folder, cancel) is not { } parent)
                return FolderRejection.NoSuchFolder;
            var what = new FolderHandover(
                folder, state.From, state.To, place ?? parent, place is { } into ? await folders.FreeName(into, name, cancel) : name)
            {
                Keeps = place is null ? null : state.Keeps,
            };
            var moved = await streams.Transact<Done>(async transaction =>
            {
                if (await handedFolders.WentTo(transaction, state.To, folder))
                    return new Done();
                if ((await holds.OverFolder(transaction, state.From, folder)).Count > 0)
                    return HoldRejection.Stands;
                foreach (var one in ofFolders)
                {
                    if (await one.HandOver(transaction, what) is { } no)
                        return no;
                }

                return new Done();
            }, cancel);
            KillPoint.Reach("handover.folder-moved");
            if (moved.Refusal != EntryName.Taken || tries == MaxTries)
                return moved.Refusal;
        }
    }

    /// <summary>Puts what stays with its owner where they find it: the folder that it is in is another's.</summary>
    public async Task Leave(HandoverState state, HandedEntry entry, CancellationToken cancel)
    {
        var root = FolderId.RootOf(state.From);
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            var wanted = entry.AsFile() is { } one ? (await files.Find(one, cancel))?.Name
                : await folders.NameOf(state.From, entry.AsFolder()!.Value, cancel);
            if (wanted is null)
                return;
            var name = await folders.FreeName(root, wanted, cancel);
            var left = await streams.Transact<Done>(
                async transaction => (entry.AsFile() is { } file
                    ? await handed.Leave(transaction, state.From, file, name)
                    : await folders.Leave(transaction, state.From, entry.AsFolder()!.Value, name)) is { } no ? no : new Done(),
                cancel);
            if (left.Refusal != EntryName.Taken)
                return;
        }
    }

    private async Task<bool> Went(Func<ITransaction, Task<bool>> ask, CancellationToken cancel)
    {
        var went = false;
        await streams.Transact<Done>(
            async transaction =>
            {
                went = await ask(transaction);
                return new Done();
            },
            cancel);
        return went;
    }

    private async Task<Rejection> Dropped(
        Rejection why, HandoverState state, FileId file, IReadOnlyList<HandedContent> contents, CancellationToken cancel)
    {
        await bytes.Drop(state.To, file, contents, cancel);
        return why;
    }

    // Versions with the same bytes get the same ones.
    private static List<HandedContent> Contents(HandoverId handover, FileId file, IReadOnlyList<LoggedVersion> versions)
    {
        var first = new Dictionary<(string, long), LoggedVersion>();
        return
        [
            .. versions.Select(version =>
            {
                var key = (version.Sha256, version.SizeBytes);
                if (!first.TryGetValue(key, out var same))
                    first.Add(key, same = version);
                return new HandedContent(
                    version.Version, new UploadId(IdOf(handover, file.Value, same.Upload.Value)), version.ContentType, version.SizeBytes,
                    version.Sha256, version.StoredAs, version.Label);
            }),
        ];
    }

    // UUID version 8: made of what it stands for (RFC 9562).
    private static Guid IdOf(HandoverId handover, Guid file, Guid upload)
    {
        Span<byte> ids = stackalloc byte[48];
        handover.Value.TryWriteBytes(ids, bigEndian: true, out _);
        file.TryWriteBytes(ids[16..], bigEndian: true, out _);
        upload.TryWriteBytes(ids[32..], bigEndian: true, out _);
        Span<byte> made = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ids, made);
        made[6] = (byte)((made[6] & 0x0F) | 0x80);
        made[8] = (byte)((made[8] & 0x3F) | 0x80);
        return new Guid(made[..16], bigEndian: true);
    }
}
