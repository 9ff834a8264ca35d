using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>For lists, and for what is seen before a video is played: one of the first frames that are not black.</summary>
public sealed class VideoPoster() : PictureProcessor("video_poster", "1", "A picture of a video, upright.", box: 300)
{
    private const string From = "from";
    private const int MaxSecond = 24 * 60 * 60;

    public override ImmutableArray<string> ContentTypes => MediaTypes.Videos;

    public override ImmutableArray<OptionShape> Options =>
        [.. base.Options, new OptionShape.Number(From, "From which second on a frame is looked for", 0, MaxSecond, 0)];

    public override string? ToolFor(string contentType) => MediaTypes.Tool;

    // The sizes of pictures.
    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [Square(300), Square(640), Square(1280)];

    public override string VariantOf(ProcessorOptions options) =>
        base.VariantOf(options) + (options.Number(From) is > 0 and var second ? $"-from-{Text(second)}" : "");

    public override RenderOrder Order(string contentType, ProcessorOptions options) =>
        base.Order(contentType, options) with { Source = RenderSource.VideoFrame, FromSecond = options.Number(From) ?? 0 };

    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) => RenderFormat.Jpeg;

    protected override ProcessorOptions Complete(ProcessorOptions options)
    {
        var full = base.Complete(options);
        return full.With(From, full.Number(From) ?? 0);
    }
}
