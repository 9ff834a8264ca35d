using System.Globalization;
using System.Text;
using QRCoder;

namespace EventFiles.Features.Vocabulary;

/// <summary>A text as a picture that a camera reads (ISO/IEC 18004, byte mode, correction level M).</summary>
public static class QrCode
{
    /// <summary>The text as an SVG document: black on white, one unit for a module, with the margin of four modules that readers need.</summary>
    /// <param name="text">An address, as a rule: up to 2,331 bytes in UTF-8.</param>
    /// <exception cref="QRCoder.Exceptions.DataTooLongException">The text is longer.</exception>
    public static string Svg(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M, forceUtf8: true);
        var modules = code.ModuleMatrix;
        var black = new StringBuilder();
        for (var y = 0; y < modules.Count; y++)
        {
            for (var x = 0; x < modules.Count; x++)
            {
                var from = x;
                while (x < modules.Count && modules[y][x])
                    x++;
                if (x > from)
                    black.Append(CultureInfo.InvariantCulture, $"M{from} {y}h{x - from}v1h{from - x}z");
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {modules.Count} {modules.Count}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{modules.Count}v{modules.Count}H0z"/><path d="{black}"/></svg>""");
    }
}
