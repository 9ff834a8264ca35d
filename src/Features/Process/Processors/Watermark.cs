using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>
/// Words over a picture. What they say may be a name: so there is one variant for all, and its name tells nothing of them.
/// </summary>
public sealed class Watermark() : PictureProcessor(
    "watermark", "1", "A picture with words over it; the last one made stands.", box: 1280)
{
    private static readonly ImmutableSortedDictionary<string, RenderPosition> Places =
        ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, Enum.GetValues<RenderPosition>().Select(place =>
            KeyValuePair.Create(place switch
            {
                RenderPosition.BottomLeft => "bottom-left",
                RenderPosition.TopRight => "top-right",
                RenderPosition.TopLeft => "top-left",
                RenderPosition.Centre => "centre",
                _ => "bottom-right",
            }, place)));

    public override ImmutableArray<OptionShape> Options =>
    [
        .. base.Options,
        new OptionShape.Line("text", "What is written", 100) { IsRequired = true, IsPersonal = true },
        new OptionShape.Choice("position", "Where", [.. Places.Keys], "bottom-right"),
        new OptionShape.Number("opacity", "Percent", 1, 100, 50),
    ];

    public override string VariantOf(ProcessorOptions options) => Name;

    public override RenderOrder Order(string contentType, ProcessorOptions options) => base.Order(contentType, options) with
    {
        Mark = new RenderMark(
            options.Text("text") ?? "", Places.GetValueOrDefault(options.Text("position") ?? "bottom-right"), options.Number("opacity") ?? 50),
    };

    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) => MayBeTransparent(contentType);
}
