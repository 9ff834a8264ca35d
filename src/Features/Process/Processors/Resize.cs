namespace EventFiles.Features.Process.Processors;

/// <summary>For screens of several widths.</summary>
public sealed class Resize() : PictureProcessor(
    "resize", "2", "A smaller picture; transparency stays where the original may have it.", box: 1280, namesSizes: true)
{
    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [Square(1280), Square(640)];

    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) => MayBeTransparent(contentType);
}
