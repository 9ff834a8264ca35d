using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>A picture of any size and format, made when it is first looked at.</summary>
public sealed class Render() : PictureProcessor("render", "1", "A picture of a wanted size and format.", box: 1024)
{
    private static readonly ImmutableSortedDictionary<string, RenderFormat> Formats =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, (KeyValuePair<string, RenderFormat>[])
        [
            new("jpeg", RenderFormat.Jpeg), new("png", RenderFormat.Png), new("webp", RenderFormat.Webp), new("avif", RenderFormat.Avif),
        ]);

    public override ImmutableArray<OptionShape> Options =>
        [.. base.Options, new OptionShape.Choice("format", "How it is written", [.. Formats.Keys], "webp")];

    public override string VariantOf(ProcessorOptions options) => $"{base.VariantOf(options)}-{options.Text("format") ?? "webp"}";

    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) =>
        Formats.GetValueOrDefault(options.Text("format") ?? "webp", RenderFormat.Webp);

    protected override ProcessorOptions Complete(ProcessorOptions options)
    {
        var full = base.Complete(options);
        return full.With("format", full.Text("format") ?? "webp");
    }
}
