using System.Collections.Immutable;
using System.Globalization;

namespace EventFiles.Features.Process.Processors;

/// <summary>What is common to those that make a smaller picture.</summary>
/// <param name="box">The side of the square that a picture is fitted into when nothing is asked, in pixels.</param>
/// <param name="namesSizes">Whether the variants of its own size bear the size in their names.</param>
public abstract class PictureProcessor(string name, string version, string summary, int box, bool namesSizes = false)
    : Processor(name, version, summary)
{
    /// <summary>The largest side that may be asked for, in pixels.</summary>
    public const int MaxSide = 4096;

    private const string Inside = "inside";

    /// <summary>What libvips reads here.</summary>
    public static readonly ImmutableArray<string> Pictures =
    [
        "image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/avif", "image/heic", "image/heif",
    ];

    private static readonly OptionShape.Choice Fit = new(
        "fit", "inside: the whole picture in the box; cover: the box is filled, and what is beyond it cut off", [Inside, "cover"], Inside);

    public override ImmutableArray<string> ContentTypes => Pictures;

    public override ImmutableArray<OptionShape> Options =>
    [
        Side("width", "Pixels at most; without it the height alone decides"),
        Side("height", "Pixels at most; without it the width alone decides"),
        Fit,
    ];

    public override string VariantOf(ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (width, height) = (options.Number("width") ?? box, options.Number("height") ?? box);
        var size = width != height ? $"-{Text(width)}x{Text(height)}"
            : namesSizes ? $"-{Text(width)}"
            : width == box ? ""
            : $"-{Text(width)}x{Text(height)}";
        return Name + size + (Covers(options) ? "-cover" : "");
    }

    public override RenderOrder Order(string contentType, ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(RenderSource.Picture, options.Number("width") ?? box, options.Number("height") ?? box, FormatOf(contentType, options))
        {
            Covers = Covers(options),
        };
    }

    protected static bool Covers(ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Text("fit") is "cover";
    }

    /// <summary>How the result is written.</summary>
    protected abstract RenderFormat FormatOf(string contentType, ProcessorOptions options);

    // A side left out is bound by the other alone; both left out give the default.
    protected override ProcessorOptions Complete(ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var (width, height) = (options.Number("width"), options.Number("height")) switch
        {
            (null, null) => (box, box),
            var (w, h) => (w ?? MaxSide, h ?? MaxSide),
        };
        return options.With("width", width).With("height", height).With("fit", options.Text("fit") ?? Inside);
    }

    /// <summary>The options for a square of that side.</summary>
    protected static ProcessorOptions Square(int side) => ProcessorOptions.None.With("width", side).With("height", side);

    /// <summary>Transparency stays where the original may have it.</summary>
    protected static RenderFormat MayBeTransparent(string contentType) =>
        contentType is "image/png" or "image/gif" or "image/webp" or "image/avif" ? RenderFormat.Webp : RenderFormat.Jpeg;

    protected static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static OptionShape.Number Side(string name, string summary) => new(name, summary, 1, MaxSide);
}
