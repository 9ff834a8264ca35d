using No = EventFiles.Features.Upload.UploadRejection;

namespace EventFiles.Features.Upload;

/// <summary>Resumable transfers as the log tells of them: found by the token in their URL, begun, ended.</summary>
internal sealed class Transfers(
    IStreams streams, IAllowance allowance, IAccess access, IFolders folders, IFolderAccess folderAccess, IFiles files, UploadCompletion completion, TimeProvider clock)
{
    /// <summary>The transfer whose URL the caller has; one that has ended without a file is refused as such.</summary>
    /// <param name="inParts">Whether its bytes come in parts of their own. Each protocol knows its own transfers only.</param>
    public async Task<Answer<Transfer>> Find(Caller by, string token, CancellationToken cancel, bool inParts = false)
    {
        var transfer = await Look(by, token, cancel);
        return transfer is null || transfer.PartBytes is not null != inParts ? No.Missing
            : transfer.Stage == TransferStage.Abandoned ? No.OfCode(transfer.Reason)
            : transfer.Stage == TransferStage.Consumed || IsLate(transfer) ? No.Ended
            : !transfer.IsAimed ? await InFolder(by, transfer, cancel)
            : (await access.Ask(by, transfer.File, FileAction.Edit, cancel)).Map(may => transfer with { Owner = may.Owner });
    }

    // Whoever may not put anything into another's folder any more adds nothing to what they began. Of their own folder that
    // is found out at the end.
    private async Task<Answer<Transfer>> InFolder(Caller by, Transfer transfer, CancellationToken cancel)
    {
        if (transfer.IsPart || transfer.IsAssembled || transfer.Folder == FolderId.RootOf(by.Account))
            return transfer;
        var owner = await folders.OwnerOf(transfer.Folder, cancel);
        if (owner == by.Account)
            return transfer;
        if (owner is null && await TenantOf(transfer, cancel) == by.Account)
            return transfer;
        return (await folderAccess.Ask(by, transfer.Folder, FolderAction.Put, cancel)).Map(may => transfer with { Owner = may.Owner });
    }

    // Parts become nothing by themselves.
    private static bool IsNewFile(Transfer transfer) =>
        !transfer.IsPart && transfer.File == UploadDecider.NewFileOf(transfer.Upload);

    // The folder is gone: whose it was, the log knows.
    private async Task<AccountId?> TenantOf(Transfer transfer, CancellationToken cancel)
    {
        await foreach (var happened in streams.Read(UploadDecider.OwnStreamOf(transfer.Upload, default).Name, 0, cancel))
            return happened.Stream.Tenant;
        return null;
    }

    // What is being made a file of, or is one, was there in time.
    private bool IsLate(Transfer transfer) => transfer.Until <= clock.GetUtcNow() && transfer.DeliveredBy is null;

    /// <summary>The same, also one that has ended; null when there is none.</summary>
    public async Task<Transfer?> Look(Caller by, string token, CancellationToken cancel) =>
        UploadToken.TryRead(token, out var file)
        && (await Load(by.Account, file.Value, cancel)).WithToken(UploadToken.Digest(token, by.Account)) is { } transfer
            ? transfer with { Owner = by.Account }
            : null;

    /// <summary>All transfers that are meant for a file.</summary>
    public Task<UploadState> Load(AccountId owner, FileId file, CancellationToken cancel) =>
        streams.Load(UploadDecider.StreamOf(file, owner), UploadDecider.Decider, cancel);

    /// <summary>Records a transfer, in the stream of the file that it is meant for and in its own, and sets its space aside.</summary>
    /// <param name="begin">The command that makes <paramref name="transfer"/>, but for what it is aimed at.</param>
    public async Task<Answer<Done>> Begin(UploadCommand begin, Transfer transfer, CancellationToken cancel) =>
        await streams.Transact<Done>(
            async transaction =>
            {
                var owner = transfer.Owner;
                if (transfer.IsAimed && await files.IsGoing(transaction, owner, transfer.File))
                    return AccessRejection.NoSuchFile;
                var own = UploadDecider.OwnStreamOf(transfer.Upload, owner);
                var meant = UploadDecider.StreamOf(transfer.File, owner);
                transaction.ExpectNew(own);
                return (await transaction.Decide(meant, UploadDecider.Decider, begin)
                    ?? (!transfer.IsAimed ? null : await transaction.Decide(
                        meant, UploadDecider.Decider, new UploadCommand.Aim(transfer.Upload, transfer.File, transfer.IfVersion)))
                    ?? (transfer.Sha256 is not { } sha256 ? null : await transaction.Decide(
                        meant, UploadDecider.Decider, new UploadCommand.AnnounceDigest(transfer.Upload, sha256)))
                    ?? (transfer.PartBytes is not { } partBytes ? null : await transaction.Decide(
                        meant, UploadDecider.Decider, new UploadCommand.PlanParts(transfer.Upload, partBytes)))
                    ?? (meant == own ? null : await transaction.Decide(
                        own, UploadDecider.Decider, new UploadCommand.Assign(transfer.Upload, transfer.File)))
                    ?? await allowance.Admit(transaction, owner, transfer.SizeBytes, IsNewFile(transfer) ? 1 : 0)
                    ?? await allowance.Reserve(transaction, owner, transfer.Upload, transfer.SizeBytes ?? 0, transfer.Until)) is { } no
                        ? no
                        : default(Done);
            },
            cancel);

    /// <summary>Records what the client says of the whole while its bytes come, and sets aside as much as it has then.</summary>
    /// <returns>The transfer as it stands now.</returns>
    public async Task<Answer<Transfer>> Announce(Transfer transfer, long? lengthBytes, string? sha256)
    {
        if ((lengthBytes is null || lengthBytes == transfer.SizeBytes) && (sha256 is null || sha256 == transfer.Sha256))
            return transfer;
        var (owner, stream) = (transfer.Owner, UploadDecider.StreamOf(transfer.File, transfer.Owner));
        return await streams.Transact<Transfer>(
            async transaction =>
                (await Length(transaction) ?? await Digest(transaction)) is { } no
                    ? no
                    : (await transaction.Load(stream, UploadDecider.Decider)).Of(transfer.Upload)! with { Owner = owner },
            CancellationToken.None);

        async Task<Rejection?> Length(ITransaction transaction) =>
            lengthBytes is not { } bytes || bytes == transfer.SizeBytes ? null
            : await transaction.Decide(stream, UploadDecider.Decider, new UploadCommand.AnnounceLength(transfer.Upload, bytes))
                ?? await allowance.Admit(transaction, owner, bytes, newFiles: 0)
                ?? await allowance.Reserve(transaction, owner, transfer.Upload, bytes, transfer.Until);

        async Task<Rejection?> Digest(ITransaction transaction) => sha256 is null ? null
            : await transaction.Decide(stream, UploadDecider.Decider, new UploadCommand.AnnounceDigest(transfer.Upload, sha256));
    }

    /// <summary>Sets aside exactly so much for a transfer of unknown length, unless it has ended.</summary>
    public async Task<Rejection?> SetAside(Transfer transfer, long bytes) => (await streams.Transact<Done>(
        async transaction =>
            (await transaction.Load(UploadDecider.StreamOf(transfer.File, transfer.Owner), UploadDecider.Decider)).Of(transfer.Upload)
                is not { Stage: TransferStage.Open }
                ? No.Ended
                : await allowance.Reserve(transaction, transfer.Owner, transfer.Upload, bytes, transfer.Until) is { } no ? no : default(Done),
        CancellationToken.None)).Refusal;

    /// <summary>Ends a transfer without a file and gives its space back.</summary>
    public Task<Answer<Done>> End(Transfer transfer, string reason) =>
        completion.Abandon(transfer.Owner, transfer.Upload, transfer.File, reason);
}
