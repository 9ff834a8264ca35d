using No = EventFiles.Features.Process.ProcessRejection;

namespace EventFiles.Features.Process;

/// <summary>A picture that is laid over others.</summary>
/// <param name="Version">Which version of the file; null for the one that is current when it is asked for.</param>
public sealed record MarkPicture(FileId File, int? Version)
{
    /// <summary>The option that says which version it is.</summary>
    public const string VersionOption = "pictureVersion";
}

/// <summary>
/// Finds the pictures that are laid over others: when that is asked for, and again when it is made. Between the two it may be
/// gone, closed or taken from the owner; then nothing is made, least of all without it.
/// </summary>
internal sealed class MarkPictures(IAccess access, IFiles files, IScans scans, IObjects objects)
{
    /// <summary>The options, with the version that is meant.</summary>
    /// <param name="owner">Of the file over which it is laid: what is made is theirs.</param>
    public async Task<Answer<ProcessorOptions>> Choose(
        Caller by, AccountId owner, Processor processor, ProcessorOptions options, CancellationToken cancel)
    {
        if (processor.PictureOver(options) is not { } mark)
            return options;
        if (!await MayRead(by, mark.File, cancel) || !await MayRead(Themselves(owner), mark.File, cancel)
            || await files.Find(mark.File, cancel) is not { Sha256: not null } file)
        {
            return No.NoSuchMark;
        }

        if (!Processors.PictureProcessor.Pictures.Contains(file.ContentType))
            return No.MarkIsNoPicture;
        var version = mark.Version ?? file.Version;
        if ((await files.VersionsOf(mark.File, cancel)).FirstOrDefault(one => one.Number == version) is not { } kept)
            return No.NoSuchMark;
        if (kept.SizeBytes > RenderMark.MaxPictureBytes)
            return No.MarkTooLarge;
        // What is made of it is shown to others.
        return (await scans.Of(mark.File, version, cancel)).ToReader(isOwner: false) is { } closed
            ? closed
            : options.With(MarkPicture.VersionOption, version);
    }

    /// <summary>Its bytes; or why there are none, for good.</summary>
    public async Task<(byte[]? Bytes, Rendering.Failed? Why)> Read(AccountId owner, MarkPicture mark, CancellationToken cancel)
    {
        var version = mark.Version ?? 0;
        if (!await MayRead(Themselves(owner), mark.File, cancel) || await files.StoredAs(mark.File, version, cancel) is not { } stored)
            return (null, Gone);
        if ((await scans.Of(mark.File, version, cancel)).ToReader(isOwner: false) is not null)
            return (null, new("mark-closed", "The virus scanner does not let the picture pass that is to be laid over it."));
        await using var content = await objects.Open(stored, cancel);
        if (content is null)
            return (null, Gone);
        if (content.Length > RenderMark.MaxPictureBytes)
            return (null, new("mark-too-large", No.MarkTooLarge.Detail));
        var bytes = new byte[content.Length];
        await content.ReadExactlyAsync(bytes, cancel);
        return (bytes, null);
    }

    private static Rendering.Failed Gone => new("mark-missing", "The picture that is to be laid over it is gone, or its owner may not read it any more.");

    private static Caller Themselves(AccountId owner) => new(owner, default, IsAdministrator: false);

    private async Task<bool> MayRead(Caller by, FileId file, CancellationToken cancel) =>
        await access.Ask(by, file, FileAction.Read, cancel) is Answer<Vocabulary.FileAccess>.Yes({ IsTrashed: false, IsDeleted: false }, _);
}
