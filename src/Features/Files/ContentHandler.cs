using System.Globalization;
using MediatR;
using FileAccess = EventFiles.Features.Vocabulary.FileAccess;
using No = EventFiles.Features.Files.FilesRejection;

namespace EventFiles.Features.Files;

/// <summary>Everything that hands out a file's bytes.</summary>
internal sealed class ContentHandler(
    IReadModel<FileView> files, IAccess access, IObjects objects, IScans scans, TimeProvider clock) :
    IRequestHandler<OpenContent, Answer<OpenedContent>>,
    IRequestHandler<OpenVariant, Answer<OpenedContent>>
{
    public async Task<Answer<OpenedContent>> Handle(OpenContent ask, CancellationToken cancellationToken)
    {
        var readable = await Readable(ask.By, ask.File, cancellationToken);
        if (readable is not Answer<FileView>.Yes(var file, _))
            return readable.Refusal!;
        var version = ask.Version is { } number
            ? file.Versions.FirstOrDefault(each => each.Number == number)
            : file.Current();
        if (version is null)
            return No.NoSuchVersion;
        if (await Closed(ask.By, file, version.Number, cancellationToken) is { } closed)
            return closed;
        // It may be deleted between the look and the opening.
        return await objects.OpenWhole(version.StoredAs, version.SizeBytes, cancellationToken) is { } content
            ? new OpenedContent(
                Watched(content, ask.By, file), version.ContentType, version.Sha256, version.Sha256, file.Name, version.CreatedAt)
            : No.NoContent;
    }

    public async Task<Answer<OpenedContent>> Handle(OpenVariant ask, CancellationToken cancellationToken)
    {
        var readable = await Readable(ask.By, ask.File, cancellationToken);
        if (readable is not Answer<FileView>.Yes(var file, _))
            return readable.Refusal!;
        if (file.CurrentVariants().FirstOrDefault(made => made.Name == ask.Variant) is not { } variant)
            return No.NoSuchVariant;
        if (await Closed(ask.By, file, variant.Version, cancellationToken) is { } closed)
            return closed;
        return await objects.Open(variant.StoredAs, cancellationToken) is { } content
            ? new OpenedContent(
                content, variant.ContentType, variant.Position.ToString(CultureInfo.InvariantCulture), null,
                NameOf(variant), variant.MadeAt)
            : No.NoSuchVariant;
    }

    private async Task<Rejection?> Closed(Caller by, FileView file, int version, CancellationToken cancel) =>
        (await scans.Of(file.Id, version, cancel)).ToReader(isOwner: by.Account == file.Owner);

    // What is taken back stops while it is being read. An owner loses a file by deleting it only: that needs no watch.
    private Stream Watched(Stream content, Caller by, FileView file) => by.Account == file.Owner ? content
        : new WatchedStream(
            content, async cancel => (await access.Ask(by, file.Id, FileAction.Read, cancel)).Refusal is null, clock);

    private static string NameOf(StoredVariant variant) =>
        variant.ContentType.StartsWith("text/plain", StringComparison.Ordinal)
            ? $"{variant.Name}.txt"
            : $"{variant.Name}.{variant.ContentType[(variant.ContentType.IndexOf('/') + 1)..]}";

    // What lies in the trash is shown to its owner and opened by nobody.
    private async Task<Answer<FileView>> Readable(Caller by, FileId id, CancellationToken cancel)
    {
        var leave = await access.Ask(by, id, FileAction.Read, cancel);
        if (leave is not Answer<FileAccess>.Yes(var may, _))
            return leave.Refusal!;
        return await files.Find(id.ToString(), cancel) switch
        {
            null => AccessRejection.NoSuchFile,
            { IsDeleted: true } or { IsTrashed: true } => No.NoContent,
            _ when may.IsTrashed || may.IsDeleted => No.NoContent,
            var file when file.Current() is null => No.NoContent,
            var file => file,
        };
    }
}
