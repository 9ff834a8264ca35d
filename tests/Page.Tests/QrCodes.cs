using System.Text.Json;
using Microsoft.Playwright;
using ZXing;
using ZXing.Common;

namespace EventFiles.Page.Tests;

/// <summary>Reads QR codes as a camera would: what the browser draws, by a library that did not make them.</summary>
internal static class QrCodes
{
    private const int Side = 528;

    public static async Task<string> Read(ILocator picture)
    {
        await Assertions.Expect(picture).ToBeVisibleAsync();
        var points = await picture.EvaluateAsync<JsonElement>("""
            async (picture, side) => {
              await picture.decode();
              const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
              const pen = canvas.getContext('2d');
              pen.drawImage(picture, 0, 0, side, side);
              const { data } = pen.getImageData(0, 0, side, side);
              return btoa(Array.from({ length: side * side }, (_, point) => String.fromCharCode(data[point * 4])).join(''));
            }
            """, Side);
        var light = new RGBLuminanceSource(points.GetBytesFromBase64(), Side, Side, RGBLuminanceSource.BitmapFormat.Gray8);
        // As thoroughly as a camera, which has as many looks as it takes.
        var hints = new Dictionary<DecodeHintType, object> { [DecodeHintType.TRY_HARDER] = true };
        return new MultiFormatReader().decode(new BinaryBitmap(new HybridBinarizer(light)), hints).Text;
    }
}
