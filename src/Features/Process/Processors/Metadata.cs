using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>
/// What a file tells of itself, as JSON: size in pixels, frames and how a photo was taken; of a document its pages. Never
/// where a photo was taken, nor by whom or with which very camera: whoever may see that has the original.
/// </summary>
public sealed class Metadata() : Processor("metadata", "1", "What a picture or document tells of itself, without persons and places.")
{
    public override ProcessStage Stage => ProcessStage.Inspect;

    public override ImmutableArray<string> ContentTypes => [.. PictureProcessor.Pictures, "application/pdf"];

    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [ProcessorOptions.None];

    public override string VariantOf(ProcessorOptions options) => Name;

    public override RenderOrder Order(string contentType, ProcessorOptions options) => new(
        contentType is "application/pdf" ? RenderSource.PdfFacts : RenderSource.PictureFacts, 0, 0, RenderFormat.Json);
}
