namespace EventFiles.Features.Process.Processors;

/// <summary>The smallest files, and the slowest to make: on request.</summary>
public sealed class Avif() : PictureProcessor("avif", "1", "A picture in the AVIF format.", box: 1280)
{
    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) => RenderFormat.Avif;
}
