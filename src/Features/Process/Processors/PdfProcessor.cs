using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>What is common to pictures of a document's pages.</summary>
public abstract class PdfProcessor(string name, string version, string summary, int box) : PictureProcessor(name, version, summary, box)
{
    /// <summary>The last page that may be asked for.</summary>
    public const int MaxPage = 10_000;

    private const string Page = "page";

    public override ImmutableArray<string> ContentTypes => ["application/pdf"];

    public override ImmutableArray<OptionShape> Options =>
        [.. base.Options, new OptionShape.Number(Page, "Which page, from 1", 1, MaxPage, 1)];

    public override string VariantOf(ProcessorOptions options) =>
        base.VariantOf(options) + (options.Number(Page) is > 1 and var page ? $"-page-{Text(page)}" : "");

    public override RenderOrder Order(string contentType, ProcessorOptions options) =>
        base.Order(contentType, options) with { Source = RenderSource.PdfPage, Page = options.Number(Page) ?? 1 };

    protected override RenderFormat FormatOf(string contentType, ProcessorOptions options) => RenderFormat.Jpeg;

    protected override ProcessorOptions Complete(ProcessorOptions options)
    {
        var full = base.Complete(options);
        return full.With(Page, full.Number(Page) ?? 1);
    }
}
