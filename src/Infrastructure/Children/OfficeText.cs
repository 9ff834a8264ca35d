using System.Globalization;
using System.IO.Compression;
using System.Xml;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// The words of documents, sheets and presentations: archives with XML in them, of OOXML (ECMA-376) and OpenDocument. No
/// definition of a type is read, so no entity grows, and nothing outside is asked for.
/// </summary>
internal static class OfficeText
{
    private const long MaxCharacters = 64 << 20;
    private const int MaxParts = 1000;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxCharacters,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>The words, in UTF-8.</summary>
    /// <exception cref="InvalidDataException">It is no such archive, or nothing in it is a document.</exception>
    public static byte[] Of(NativeBytes original)
    {
        using var all = original.AsStream();
        using var archive = new ZipArchive(all, ZipArchiveMode.Read);
        var sink = new TextSink();
        var found = false;
        foreach (var part in Parts(archive).Take(MaxParts))
        {
            found = true;
            using var content = part.Open();
            using var xml = XmlReader.Create(content, Settings);
            Read(xml, sink, takesAllText: part.FullName is "content.xml", isSheet: part.FullName.StartsWith("xl/worksheets/", StringComparison.Ordinal));
            if (sink.IsFull)
                break;
        }

        return found ? sink.ToUtf8() : throw new InvalidDataException("There is no document in it.");
    }

    private static IEnumerable<ZipArchiveEntry> Parts(ZipArchive archive) =>
        archive.Entries
            .Select(part => (Part: part, Place: PlaceOf(part.FullName)))
            .Where(one => one.Place is not null)
            .OrderBy(one => one.Place)
            .Select(one => one.Part);

    // What is read, and in which order: slides and sheets by their number.
    private static int? PlaceOf(string name) => name switch
    {
        "word/document.xml" or "content.xml" or "xl/sharedStrings.xml" => 0,
        _ when Numbered(name, "ppt/slides/slide") is { } slide => slide,
        _ when Numbered(name, "xl/worksheets/sheet") is { } sheet => sheet,
        _ => null,
    };

    private static int? Numbered(string name, string beginning) =>
        name.StartsWith(beginning, StringComparison.Ordinal) && name.EndsWith(".xml", StringComparison.Ordinal)
        && int.TryParse(name.AsSpan(beginning.Length..^4), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static void Read(XmlReader xml, TextSink sink, bool takesAllText, bool isSheet)
    {
        var element = "";
        var isShared = false;
        while (!sink.IsFull && xml.Read())
        {
            switch (xml.NodeType)
            {
                case XmlNodeType.Element:
                    element = xml.LocalName;
                    if (element is "c")
                        isShared = xml.GetAttribute("t") is "s";
                    if (element is "tab")
                        sink.Add("\t");
                    else if (element is "s" && takesAllText)
                        sink.Add(" ");
                    else if (element is "br" or "line-break" or "cr")
                        sink.Add("\n");
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace
                    when Counts(element, takesAllText, isSheet, isShared, xml.NodeType):
                    sink.Add(xml.Value);
                    break;
                case XmlNodeType.EndElement:
                    if (xml.LocalName is "p" or "h" or "si" or "row" or "table-row")
                        sink.EndLine();
                    else if (xml.LocalName is "c" && !isShared)
                        sink.Add("\t");
                    element = takesAllText ? xml.LocalName : "";
                    break;
            }
        }

        sink.EndLine();
    }

    // The cells of a sheet that hold words refer to those of the workbook, which were read before.
    private static bool Counts(string element, bool takesAllText, bool isSheet, bool isShared, XmlNodeType type) =>
        takesAllText ? type is XmlNodeType.Text or XmlNodeType.CDATA
        : element is "t" || (isSheet && element is "v" && !isShared);
}
