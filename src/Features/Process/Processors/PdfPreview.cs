namespace EventFiles.Features.Process.Processors;

/// <summary>To read on a screen, page by page, each when somebody turns to it.</summary>
public sealed class PdfPreview() : PdfProcessor("pdf_preview", "1", "A picture of a document's page that can be read.", box: 1600);
