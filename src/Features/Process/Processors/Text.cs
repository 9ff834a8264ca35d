using System.Collections.Immutable;

namespace EventFiles.Features.Process.Processors;

/// <summary>The words of a document, for search and for whoever cannot see it: at most a mebibyte of UTF-8.</summary>
public sealed class Text() : Processor("text", "1", "The text of a document, at most 1 MiB.")
{
    private static readonly ImmutableArray<string> Plain =
    [
        "text/plain", "text/markdown", "text/csv", "application/json",
    ];

    private static readonly ImmutableArray<string> Office =
    [
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.presentation",
    ];

    public override ProcessStage Stage => ProcessStage.Text;

    public override ImmutableArray<string> ContentTypes => ["application/pdf", .. Office, .. Plain];

    // What is plain text already is its own text: made only when somebody wants it in UTF-8.
    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) =>
        Plain.Contains(contentType) ? [] : [ProcessorOptions.None];

    public override string VariantOf(ProcessorOptions options) => Name;

    public override RenderOrder Order(string contentType, ProcessorOptions options) => new(
        contentType is "application/pdf" ? RenderSource.PdfText
        : Office.Contains(contentType) ? RenderSource.OfficeText
        : RenderSource.PlainText,
        0, 0, RenderFormat.Text);
}
