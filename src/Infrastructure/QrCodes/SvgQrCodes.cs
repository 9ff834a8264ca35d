using System.Globalization;
using System.Text;
using QRCoder;
using QRCoder.Exceptions;

namespace EventFiles.Infrastructure.QrCodes;

/// <summary>As one path of black runs, from the matrix that QRCoder makes.</summary>
internal sealed class SvgQrCodes : IQrCodes
{
    public string Draw(string text)
    {
        using var code = Encode(text);
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

    private static QRCodeData Encode(string text)
    {
        try
        {
            return QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M, forceUtf8: true);
        }
        catch (DataTooLongException tooLong)
        {
            throw new ArgumentException("The text is longer than a QR code can be.", nameof(text), tooLong);
        }
    }
}
