namespace EventFiles.Features.Process.Processors;

/// <summary>For lists.</summary>
public sealed class PdfThumbnail() : PdfProcessor("pdf_thumbnail", "1", "A small picture of a document's page.", box: 300)
{
    public override IEnumerable<ProcessorOptions> OfEveryVersion(string contentType) => [Square(300)];
}
