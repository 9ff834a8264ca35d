using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Children;

/// <summary>Writes words over a picture: white ones with a dark edge, to be seen on any ground.</summary>
internal static unsafe partial class VipsMark
{
    private const string Library = "libvips.so.42";
    private const int BandsOfColour = 4;
    private const int UChar = 0;
    private const int SRgb = 22;
    private const int Over = 2;

    /// <summary>Replaces the picture by one with the words over it.</summary>
    public static void Draw(ref nint image, RenderMark mark)
    {
        var (width, height) = (Vips.ImageGetWidth(image), Vips.ImageGetHeight(image));
        Replace(ref image, (nint from, nint* to) => Colourspace(from, to, SRgb, 0));
        nint words = 0;

        // The words fill a box of a part of the picture, whatever its size.
        if (Text(&words, Escaped(mark.Text), "font", "sans bold", "width", Math.Max(1, width / 2), "height", Math.Max(1, height / 10), 0) != 0)
            throw Vips.Error();
        try
        {
            var (wide, high) = (Vips.ImageGetWidth(words), Vips.ImageGetHeight(words));
            var margin = Math.Max(1, Math.Min(width, height) / 40);
            var (x, y) = mark.Position switch
            {
                RenderPosition.TopLeft => (margin, margin),
                RenderPosition.TopRight => (width - wide - margin, margin),
                RenderPosition.BottomLeft => (margin, height - high - margin),
                RenderPosition.Centre => ((width - wide) / 2, (height - high) / 2),
                _ => (width - wide - margin, height - high - margin),
            };
            var edge = Math.Max(1, high / 20);
            Lay(ref image, words, 0, mark.OpacityPercent, x + edge, y + edge);
            Lay(ref image, words, byte.MaxValue, mark.OpacityPercent, x, y);
        }
        finally
        {
            Vips.Unref(words);
        }
    }

    // The words are a mask; it becomes a colour that is as opaque as they are.
    private static void Lay(ref nint image, nint words, int grey, int opacityPercent, int x, int y)
    {
        var factors = stackalloc double[BandsOfColour] { 0, 0, 0, opacityPercent / 100.0 };
        var offsets = stackalloc double[BandsOfColour] { grey, grey, grey, 0 };
        nint layer = 0;
        if (Linear(words, &layer, factors, offsets, BandsOfColour, 0) != 0)
            throw Vips.Error();
        try
        {
            Replace(ref layer, (nint from, nint* to) => Cast(from, to, UChar, 0));
            Replace(ref layer, (nint from, nint* to) => Copy(from, to, "interpretation", SRgb, 0));
            var over = layer;
            Replace(ref image, (nint from, nint* to) => Composite(from, over, to, Over, "x", x, "y", y, 0));
        }
        finally
        {
            Vips.Unref(layer);
        }
    }

    private static void Replace(ref nint image, Change change)
    {
        nint changed = 0;
        if (change(image, &changed) != 0)
            throw Vips.Error();
        Vips.Unref(image);
        image = changed;
    }

    // Pango takes markup; what is written are the characters themselves.
    private static string Escaped(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    private delegate int Change(nint from, nint* to);

    [LibraryImport(Library, EntryPoint = "vips_text", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Text(
        nint* image, string text, string fontName, string font, string widthName, int width, string heightName, int height, nint end);

    [LibraryImport(Library, EntryPoint = "vips_colourspace")]
    private static partial int Colourspace(nint image, nint* changed, int space, nint end);

    [LibraryImport(Library, EntryPoint = "vips_linear")]
    private static partial int Linear(nint image, nint* changed, double* factors, double* offsets, int count, nint end);

    [LibraryImport(Library, EntryPoint = "vips_cast")]
    private static partial int Cast(nint image, nint* changed, int format, nint end);

    [LibraryImport(Library, EntryPoint = "vips_copy", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Copy(nint image, nint* changed, string name, int interpretation, nint end);

    [LibraryImport(Library, EntryPoint = "vips_composite2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Composite(
        nint image, nint over, nint* changed, int mode, string xName, int x, string yName, int y, nint end);
}
