using MediatR;
using No = EventFiles.Features.Copy.CopyRejection;

namespace EventFiles.Features.Copy;

/// <summary>Begins the copying of a folder, tells of it, ends it.</summary>
internal sealed class CopyHandler(
    IStreams streams, IFolders folders, IAllowance allowance, IReadModel<CopyView> copies, TimeProvider clock) :
    IRequestHandler<CopyFolder, Answer<CopyReply>>,
    IRequestHandler<ReadCopy, Answer<CopyReply>>,
    IRequestHandler<CancelCopy, Answer<Done>>
{
    /// <summary>For how long nothing may be heard of a copy before it is given up.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    // A free name may be taken by the time it is claimed; then another is looked for.
    private const int MaxNames = 10;

    // What is to be copied is counted before the reply.
    private const int MaxEntries = 250_000;

    public async Task<Answer<CopyReply>> Handle(CopyFolder ask, CancellationToken cancellationToken)
    {
        var owner = ask.By.Account;
        if ((await folders.Find(ask.By, ask.Folder, cancellationToken)).Refusal is { } missing)
            return missing;
        if (ask.Folder == FolderId.RootOf(owner))
            return No.IntoItself;
        if (await folders.Find(ask.By, ask.Parent ?? await ParentOf(ask, cancellationToken), cancellationToken)
            is not Answer<FolderId>.Yes(var parent, _))
            return FolderRejection.NoSuchFolder;
        if (await Sum(ask.Folder, cancellationToken) is not { } all)
            return No.TooMany;
        var wanted = ask.Name ?? await folders.NameOf(owner, ask.Folder, cancellationToken) ?? "";

        var (copy, target) = (NewId.Of<CopyId>(clock), NewId.Of<FolderId>(clock));
        for (var names = 1; ; names++)
        {
            var name = ask.OnConflict == CopyConflict.Fail ? wanted : await folders.FreeName(parent, wanted, cancellationToken);
            var begun = await streams.Transact(
                transaction => Begin(transaction, owner, ask.Folder, copy, target, parent, name, all), cancellationToken);
            if (begun.Refusal != EntryName.Taken || ask.OnConflict == CopyConflict.Fail || names == MaxNames)
                return begun;
        }
    }

    public async Task<Answer<CopyReply>> Handle(ReadCopy ask, CancellationToken cancellationToken) =>
        await Own(ask.By, ask.Copy, cancellationToken) is { } view ? view.ToReply() : No.Missing;

    public async Task<Answer<Done>> Handle(CancelCopy ask, CancellationToken cancellationToken) =>
        await Own(ask.By, ask.Copy, cancellationToken) is null ? No.Missing
        : await streams.Transact(
            transaction => CopyEnding.End(transaction, allowance, ask.By.Account, ask.Copy, new CopyCommand.Cancel(ask.Copy)),
            cancellationToken);

    private async Task<Answer<CopyReply>> Begin(
        ITransaction transaction, AccountId owner, FolderId source, CopyId copy, FolderId target, FolderId parent, string name,
        (int Files, long Bytes) all)
    {
        if (!await folders.IsThere(transaction, owner, source))
            return FolderRejection.NoSuchFolder;
        if (await folders.IsWithin(transaction, owner, parent, source))
            return No.IntoItself;
        var until = transaction.Now + Patience;
        return await folders.Make(transaction, owner, target, parent, name) is { } unmade ? unmade
            : await allowance.Admit(transaction, owner, null, all.Files) is { } tooMany ? tooMany
            : all.Bytes > 0 && await allowance.Reserve(transaction, owner, CopyEnding.ReservationOf(copy), all.Bytes, until) is { } full ? full
            : await transaction.Decide(
                CopyDecider.StreamOf(copy, owner), CopyDecider.Decider,
                new CopyCommand.Request(copy, source, target, all.Files, all.Bytes, until)) is { } no ? no
            : new CopyReply(copy, "running", target, source, all.Files, 0, all.Bytes, 0, []);
    }

    private async Task<FolderId?> ParentOf(CopyFolder ask, CancellationToken cancel) =>
        await folders.ParentOf(ask.By.Account, ask.Folder, cancel);

    // Page by page, one of which is in memory.
    private async Task<(int Files, long Bytes)?> Sum(FolderId folder, CancellationToken cancel)
    {
        var (entries, files, bytes) = (0, 0, 0L);
        await foreach (var child in folders.Below(folder, cancel))
        {
            if (++entries > MaxEntries)
                return null;
            if (!child.IsFolder)
                (files, bytes) = (files + 1, bytes + child.SizeBytes);
        }

        return (files, bytes);
    }

    private async Task<CopyView?> Own(Caller by, CopyId copy, CancellationToken cancel) =>
        await copies.Find(copy.ToString(), cancel) is { } view && view.Owner == by.Account ? view : null;
}

internal static class CopyEnding
{
    /// <summary>What a copy's space is set aside for.</summary>
    public static UploadId ReservationOf(CopyId copy) => new(copy.Value);

    /// <summary>Decides something that may be the end, and then gives back what was set aside.</summary>
    public static async Task<Answer<Done>> End(
        ITransaction transaction, IAllowance allowance, AccountId owner, CopyId copy, CopyCommand command)
    {
        var stream = CopyDecider.StreamOf(copy, owner);
        if (await transaction.Decide(stream, CopyDecider.Decider, command) is { } no)
            return no;
        return (await transaction.Load(stream, CopyDecider.Decider)).Outcome is not null
            && await allowance.Release(transaction, owner, ReservationOf(copy)) is { } why ? why : new Done();
    }
}
