using System.Collections.Immutable;
using System.Security.Cryptography;
using MediatR;

namespace EventFiles.Features.Copy;

/// <summary>
/// Copies what is due of a folder, one page each time. Every copy's id follows from the ids of the copying and of what is
/// copied: done again after a crash, or by two workers at once, there is still one copy of each.
/// </summary>
internal sealed class CopyPageHandler(
    IStreams streams, IFolders folders, IAllowance allowance, IFileCopies files, TimeProvider clock) :
    IRequestHandler<ContinueCopy, Answer<Done>>,
    IRequestHandler<GiveCopyUp, Answer<Done>>
{
    private const int PageSize = 100;

    public async Task<Answer<Done>> Handle(ContinueCopy work, CancellationToken cancellationToken)
    {
        var state = await streams.Load(CopyDecider.StreamOf(work.Copy, work.Owner), CopyDecider.Decider, cancellationToken);
        if (state.Due is not { } due)
            return new Done();

        var page = await ReadPage(due, cancellationToken);
        var by = new Caller(work.Owner, default, IsAdministrator: false);
        var (copied, bytes) = (0, 0L);
        var failures = ImmutableArray.CreateBuilder<CopyFailure>();
        var made = ImmutableArray.CreateBuilder<CopiedFolder>();
        foreach (var child in page.Items)
        {
            var failure = child.IsFolder
                ? await MakeFolder(work, due, child, made, cancellationToken)
                : await CopyFile(by, work, due, child, state.LeftBytes - bytes, cancellationToken);
            if (failure is not null)
                failures.Add(new CopyFailure(child.Id, failure.Code));
            else if (!child.IsFolder)
                (copied, bytes) = (copied + 1, bytes + child.SizeBytes);
        }

        return await streams.Transact(
            transaction => CopyEnding.End(transaction, allowance, work.Owner, work.Copy, new CopyCommand.NotePage(
                work.Copy, due.Target, due.Page, copied, bytes, failures.ToImmutable(), made.ToImmutable(), page.NextCursor ?? "",
                transaction.Now + CopyHandler.Patience)),
            cancellationToken);
    }

    public Task<Answer<Done>> Handle(GiveCopyUp work, CancellationToken cancellationToken) =>
        streams.Transact(
            transaction => CopyEnding.End(transaction, allowance, work.Owner, work.Copy, new CopyCommand.GiveUp(work.Copy)),
            cancellationToken);

    // A list may have been made anew in another order meanwhile: what is copied already is found to be there.
    private async Task<Page<FolderChild>> ReadPage(DuePage due, CancellationToken cancel)
    {
        try
        {
            return await folders.Children(due.Source, due.Cursor, PageSize, cancel);
        }
        catch (BadCursorException)
        {
            return await folders.Children(due.Source, null, PageSize, cancel);
        }
    }

    private async Task<Rejection?> MakeFolder(
        ContinueCopy work, DuePage due, FolderChild child, ImmutableArray<CopiedFolder>.Builder made, CancellationToken cancel)
    {
        var folder = new FolderId(IdOf(work.Copy, child.Id));
        var answer = await streams.Transact<Done>(
            async transaction => await folders.Make(transaction, work.Owner, folder, due.Target, child.Name) is { } no ? no : new Done(),
            cancel);
        if (answer.Refusal is null)
            made.Add(new CopiedFolder(new FolderId(child.Id), folder));
        return answer.Refusal;
    }

    private async Task<Rejection?> CopyFile(
        Caller by, ContinueCopy work, DuePage due, FolderChild child, long leftBytes, CancellationToken cancel) =>
        (await files.Copy(
            new FileCopy(
                by, new FileId(child.Id), new UploadId(IdOf(work.Copy, child.Id)), due.Target, child.Name,
                new Allotment(CopyEnding.ReservationOf(work.Copy), Math.Max(0, leftBytes), clock.GetUtcNow() + CopyHandler.Patience)),
            cancel)).Refusal;

    // UUID version 8: made of what it stands for (RFC 9562).
    private static Guid IdOf(CopyId copy, Guid source)
    {
        Span<byte> ids = stackalloc byte[32];
        copy.Value.TryWriteBytes(ids, bigEndian: true, out _);
        source.TryWriteBytes(ids[16..], bigEndian: true, out _);
        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(ids, bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes[..16], bigEndian: true);
    }
}
