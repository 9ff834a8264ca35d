namespace EventFiles.Features.Process.Processors;

/// <summary>For lists.</summary>
public sealed class Thumbnail() : PictureProcessor("thumbnail", "2", "A small picture for lists.", box: 300)
{
    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [Square(300)];

    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) => RenderFormat.Jpeg;
}
