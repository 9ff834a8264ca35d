using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>Small files for browsers; pictures that move may go on moving.</summary>
public sealed class Webp() : PictureProcessor("webp", "2", "A picture in the WebP format.", box: 1280)
{
    private const string Animated = "animated";

    public override ImmutableArray<OptionShape> Options =>
        [.. base.Options, new OptionShape.Flag(Animated, "All frames of a picture that moves, and not only the first")];

    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [Square(1280)];

    public override string VariantOf(ProcessorOptions options) =>
        base.VariantOf(options) + (options.Flag(Animated) ? "-animated" : "");

    public override RenderOrder Order(string contentType, ProcessorOptions options) =>
        base.Order(contentType, options) with { IsAnimated = options.Flag(Animated) };

    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) => RenderFormat.Webp;

    protected override ProcessorOptions Complete(ProcessorOptions options)
    {
        var full = base.Complete(options);
        return full.With(Animated, full.Flag(Animated));
    }
}
