using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>
/// What a file tells of itself, as JSON: size in pixels, frames and how a photo was taken; of a document its pages; of videos
/// and sounds how long they are, and in which codecs. Never where a photo was taken, nor by whom or with which very camera:
/// whoever may see that has the original.
/// </summary>
public sealed class Metadata() : Processor("metadata", "1", "What a picture, document, video or sound tells of itself, without persons and places.")
{
    public override ProcessStage Stage => ProcessStage.Inspect;

    public override ImmutableArray<string> ContentTypes => [.. PictureProcessor.Pictures, "application/pdf", .. MediaTypes.Videos, .. MediaTypes.Sounds];

    public override string? ToolFor(string contentType) => IsMedia(contentType) ? MediaTypes.Tool : null;

    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [ProcessorOptions.None];

    public override string VariantOf(ProcessorOptions options) => Name;

    public override RenderOrder Order(string contentType, ProcessorOptions options) => new(
        contentType is "application/pdf" ? RenderSource.PdfFacts
        : IsMedia(contentType) ? RenderSource.MediaFacts
        : RenderSource.PictureFacts,
        0, 0, RenderFormat.Json);

    private static bool IsMedia(string contentType) => MediaTypes.Videos.Contains(contentType) || MediaTypes.Sounds.Contains(contentType);
}
