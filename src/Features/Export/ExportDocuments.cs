namespace EventFiles.Features.Export;

/// <summary>
/// What is written for an export: its documents, under the person's key, and no file a second time. Each attempt at making
/// it writes its own, so that two workers who are at it at once do not spoil each other's.
/// </summary>
internal sealed class ExportDocuments(IObjects objects)
{
    public Task<SealedObject> Put(MakeExport work, Guid attempt, string document, Stream content, CancellationToken cancel) =>
        objects.OwnedBy(work.Owner).Put(ObjectKey.Export(work.Export, attempt, document), content, cancel);

    /// <summary>A document by its place in <see cref="ExportManifest.Documents"/>; null when it is gone.</summary>
    public Task<Stream?> Open(ExportId export, Guid attempt, int document, CancellationToken cancel) =>
        objects.Open(ObjectKey.Export(export, attempt, ExportManifest.Documents[document]), cancel);

    /// <summary>The manifest, and how long it is; null when it is gone.</summary>
    public async Task<(ExportManifest Manifest, long SizeBytes)?> Manifest(ExportId export, Guid attempt, CancellationToken cancel)
    {
        await using var content = await Open(export, attempt, 0, cancel);
        return content is null ? null : (await ExportManifest.Read(content, cancel), content.Length);
    }

    /// <summary>Removes what was written, except by one attempt.</summary>
    /// <param name="kept">Null for none.</param>
    public async Task Clear(ExportId export, Guid? kept, CancellationToken cancel)
    {
        var spared = kept is { } attempt ? $"{ObjectKey.ExportsOf(export)}{attempt}/" : null;
        foreach (var written in await objects.List(ObjectKey.ExportsOf(export), cancel).ToListAsync(cancel))
        {
            if (spared is null || !written.Key.Value.StartsWith(spared, StringComparison.Ordinal))
                await objects.Delete(written.Key, cancel);
        }
    }
}
