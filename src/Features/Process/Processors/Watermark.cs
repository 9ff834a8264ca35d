using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>
/// Words or a picture over a picture. What the words say may be a name: so there is one variant for all, and its name tells
/// nothing of them. A picture is a version of a file, whose bytes never change: so the same is made again.
/// </summary>
public sealed class Watermark() : PictureProcessor(
    "watermark", "1", "A picture with words or another picture over it; the last one made stands.", box: 1280)
{
    private const string Words = "text";
    private const string Picture = "picture";
    private const string PictureVersion = MarkPicture.VersionOption;
    private const string Share = "size";
    private const int UsualShare = 20;

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
        new OptionShape.Line(Words, "What is written", 100) { IsOneOf = true, IsPersonal = true },
        new OptionShape.File(Picture, "Instead of words: the picture that is laid over it, by its file's id. You and the file's owner may read it") { IsOneOf = true },
        new OptionShape.Number(PictureVersion, "Which version of the picture; without it the current one, which then stays", 1, int.MaxValue),
        new OptionShape.Number(Share, $"How wide the picture becomes, in percent of the one below it; {UsualShare} when it is not given", 1, 100),
        new OptionShape.Choice("position", "Where", [.. Places.Keys], "bottom-right"),
        new OptionShape.Number("opacity", "Percent", 1, 100, 50),
    ];

    public override string VariantOf(ProcessorOptions options) => Name;

    public override MarkPicture? PictureOver(ProcessorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Guid.TryParse(options.Text(Picture), out var file) ? new(new FileId(file), options.Number(PictureVersion)) : null;
    }

    public override RenderOrder Order(string contentType, ProcessorOptions options) => base.Order(contentType, options) with
    {
        Mark = new RenderMark(
            options.Text(Words) ?? "", Places.GetValueOrDefault(options.Text("position") ?? "bottom-right"), options.Number("opacity") ?? 50)
        {
            WidthPercent = options.Number(Share) ?? UsualShare,
        },
    };

    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) => MayBeTransparent(contentType);

    // What belongs to a picture is not said of words: their options stay what they were.
    protected override ProcessorOptions Complete(ProcessorOptions options)
    {
        var full = base.Complete(options);
        return PictureOver(full) is null
            ? full.Without([PictureVersion, Share])
            : full.With(Share, full.Number(Share) ?? UsualShare);
    }
}
