using System.Collections.Immutable;
using System.Globalization;

namespace EventFiles.Features.Process.Processors;

/// <summary>How loud a sound is from its beginning to its end, on nothing: it is shown on light and dark.</summary>
public sealed class AudioWaveform() : Processor("audio_waveform", "1", "A picture of a sound's loudness over its time.")
{
    private const string Width = "width";
    private const string Height = "height";
    private const string Format = "format";
    private const int UsualWidth = 600;
    private const int UsualHeight = 200;

    public override ImmutableArray<string> ContentTypes => MediaTypes.Sounds;

    public override ImmutableArray<OptionShape> Options =>
    [
        new OptionShape.Number(Width, "Pixels", 16, PictureProcessor.MaxSide, UsualWidth),
        new OptionShape.Number(Height, "Pixels", 16, 1024, UsualHeight),
        new OptionShape.Choice(Format, "How it is written", ["png", "webp"], "png"),
    ];

    public override string? ToolFor(string contentType) => MediaTypes.Tool;

    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [ProcessorOptions.None];

    public override string VariantOf(ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (width, height) = SizeOf(options);
        return Name
            + ((width, height) is (UsualWidth, UsualHeight) ? "" : string.Create(CultureInfo.InvariantCulture, $"-{width}x{height}"))
            + (options.Text(Format) is "webp" ? "-webp" : "");
    }

    public override RenderOrder Order(string contentType, ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (width, height) = SizeOf(options);
        return new(RenderSource.SoundWave, width, height, options.Text(Format) is "webp" ? RenderFormat.Webp : RenderFormat.Png);
    }

    protected override ProcessorOptions Complete(ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (width, height) = SizeOf(options);
        return options.With(Width, width).With(Height, height).With(Format, options.Text(Format) ?? "png");
    }

    private static (int Width, int Height) SizeOf(ProcessorOptions options) =>
        (options.Number(Width) ?? UsualWidth, options.Number(Height) ?? UsualHeight);
}
