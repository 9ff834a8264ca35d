using System.Collections.Immutable;
using System.Globalization;

namespace EventFiles.Features.Process;

/// <summary>Something that makes variants of files.</summary>
/// <param name="Name">In URLs, events and requests: never renamed.</param>
/// <param name="Version">Raised when it makes something else of the same bytes.</param>
/// <param name="Summary">For people.</param>
/// <param name="ContentTypes">What it works on.</param>
/// <param name="Source">How its originals are read.</param>
/// <param name="Format">What it makes of an original of a type.</param>
/// <param name="Boxes">The sizes that are made of every new file, in pixels; the first is the default of requests.</param>
/// <param name="NamesSizes">Whether the variants of its own sizes bear the size in their names.</param>
public sealed record Processor(
    string Name,
    string Version,
    string Summary,
    ImmutableArray<string> ContentTypes,
    RenderSource Source,
    Func<string, RenderFormat> Format,
    ImmutableArray<int> Boxes,
    bool NamesSizes)
{
    /// <summary>The largest side that may be asked for, in pixels.</summary>
    public const int MaxSide = 4096;

    /// <summary>Whether it works on this type.</summary>
    public bool Takes(string contentType) => ContentTypes.Contains(contentType, StringComparer.Ordinal);

    /// <summary>The step that makes one of its own sizes.</summary>
    public PlannedStep Step(JobId job, int box) => new(job, Name, NamesSizes ? $"{Name}-{Number(box)}" : Name, box, box);

    /// <summary>
    /// The step that fits a picture into a wanted width and height. A side left out is bound by the other alone; both
    /// left out give the default. Same size, same name: asking twice makes one variant.
    /// </summary>
    public PlannedStep Step(JobId job, int? width, int? height) => (width, height) switch
    {
        (null, null) => Step(job, Boxes[0]),
        var (w, h) when w == h && (NamesSizes || Boxes.Contains(w!.Value)) => Step(job, w!.Value),
        _ => new(job, Name, $"{Name}-{Number(width ?? MaxSide)}x{Number(height ?? MaxSide)}", width ?? MaxSide, height ?? MaxSide),
    };

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Every processor there is. A new one is a new entry here.</summary>
public static class Processors
{
    private static readonly ImmutableArray<string> Pictures =
    [
        "image/jpeg", "image/png", "image/webp", "image/gif", "image/tiff", "image/avif", "image/heic", "image/heif",
    ];

    public static readonly ImmutableArray<Processor> All =
    [
        new("thumbnail", "1", "A small picture for lists.", Pictures, RenderSource.Picture, _ => RenderFormat.Jpeg, [300], false),
        new("resize", "1", "A smaller picture; transparency stays where the original may have it.", Pictures, RenderSource.Picture, MayBeTransparent, [1280, 640], true),
        new("webp", "1", "A picture in the WebP format.", Pictures, RenderSource.Picture, _ => RenderFormat.Webp, [1280], false),
        new("pdf_thumbnail", "1", "A picture of a document's first page.", ["application/pdf"], RenderSource.PdfFirstPage, _ => RenderFormat.Jpeg, [300], false),
    ];

    /// <summary>By name, or null.</summary>
    public static Processor? Find(string name) =>
        All.FirstOrDefault(one => string.Equals(one.Name, name, StringComparison.Ordinal));

    /// <summary>What is done with every new version of this type.</summary>
    public static ImmutableArray<PlannedStep> StepsFor(string contentType, Func<JobId> newJob) =>
        [.. from processor in All where processor.Takes(contentType) from box in processor.Boxes select processor.Step(newJob(), box)];

    private static RenderFormat MayBeTransparent(string contentType) =>
        contentType is "image/png" or "image/gif" or "image/webp" or "image/avif" ? RenderFormat.Webp : RenderFormat.Jpeg;
}
