using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// Lays something over a picture: words, white ones with a dark edge, to be seen on any ground; or another picture, whose
/// transparency stays.
/// </summary>
internal static unsafe partial class VipsMark
{
    private const string Library = "libvips.so.42";
    private const int BandsOfColour = 4;
    private const int UChar = 0;
    private const int SRgb = 22;
    private const int Over = 2;

    /// <summary>Replaces the picture by one with the mark over it.</summary>
    /// <param name="picture">The mark's own bytes where it is a picture.</param>
    /// <exception cref="VipsMarkException">It is the mark that cannot be read.</exception>
    public static void Draw(ref nint image, RenderMark mark, NativeBytes? picture)
    {
        Replace(ref image, (nint from, nint* to) => Colourspace(from, to, SRgb, 0));
        var ground = new Size(Vips.ImageGetWidth(image), Vips.ImageGetHeight(image));
        if (picture is null)
            Write(ref image, mark, ground);
        else
            Lay(ref image, mark, ground, picture);
    }

    // The words fill a box of a part of the picture, whatever its size.
    private static void Write(ref nint image, RenderMark mark, Size ground)
    {
        nint words = 0;
        if (Text(&words, Escaped(mark.Text), "font", "sans bold", "width", Math.Max(1, ground.Width / 2), "height", Math.Max(1, ground.Height / 10), 0) != 0)
            throw Vips.Error();
        try
        {
            var size = new Size(Vips.ImageGetWidth(words), Vips.ImageGetHeight(words));
            var (x, y) = ground.PlaceFor(size, mark.Position);
            var edge = Math.Max(1, size.Height / 20);
            Lay(ref image, words, 0, mark.OpacityPercent, x + edge, y + edge);
            Lay(ref image, words, byte.MaxValue, mark.OpacityPercent, x, y);
        }
        finally
        {
            Vips.Unref(words);
        }
    }

    private static void Lay(ref nint image, RenderMark mark, Size ground, NativeBytes picture)
    {
        nint layer;
        try
        {
            layer = Vips.Filling(
                picture.Content, Math.Max(1, (int)((long)ground.Width * mark.WidthPercent / 100)), Math.Max(1, ground.Height - (2 * ground.Margin)));
        }
        catch (VipsException)
        {
            throw new VipsMarkException();
        }

        try
        {
            Replace(ref layer, (nint from, nint* to) => Colourspace(from, to, SRgb, 0));
            if (Vips.ImageHasAlpha(layer) == 0)
                Replace(ref layer, (nint from, nint* to) => AddAlpha(from, to, 0));
            var factors = stackalloc double[BandsOfColour] { 1, 1, 1, mark.OpacityPercent / 100.0 };
            var offsets = stackalloc double[BandsOfColour];
            nint faint = 0;
            if (Linear(layer, &faint, factors, offsets, BandsOfColour, 0) != 0)
                throw Vips.Error();
            Vips.Unref(layer);
            layer = faint;
            var (x, y) = ground.PlaceFor(new Size(Vips.ImageGetWidth(layer), Vips.ImageGetHeight(layer)), mark.Position);
            LayColours(ref image, ref layer, x, y);
        }
        finally
        {
            Vips.Unref(layer);
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
            LayColours(ref image, ref layer, x, y);
        }
        finally
        {
            Vips.Unref(layer);
        }
    }

    private static void LayColours(ref nint image, ref nint layer, int x, int y)
    {
        Replace(ref layer, (nint from, nint* to) => Cast(from, to, UChar, 0));
        Replace(ref layer, (nint from, nint* to) => Copy(from, to, "interpretation", SRgb, 0));
        var over = layer;
        Replace(ref image, (nint from, nint* to) => Composite(from, over, to, Over, "x", x, "y", y, 0));
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

    private sealed record Size(int Width, int Height)
    {
        /// <summary>How far from the edges something is laid over it.</summary>
        public int Margin => Math.Max(1, Math.Min(Width, Height) / 40);

        /// <summary>Where the upper left corner of something of that size comes.</summary>
        public (int X, int Y) PlaceFor(Size over, RenderPosition position) => position switch
        {
            RenderPosition.TopLeft => (Margin, Margin),
            RenderPosition.TopRight => (Width - over.Width - Margin, Margin),
            RenderPosition.BottomLeft => (Margin, Height - over.Height - Margin),
            RenderPosition.Centre => ((Width - over.Width) / 2, (Height - over.Height) / 2),
            _ => (Width - over.Width - Margin, Height - over.Height - Margin),
        };
    }

    [LibraryImport(Library, EntryPoint = "vips_text", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Text(
        nint* image, string text, string fontName, string font, string widthName, int width, string heightName, int height, nint end);

    [LibraryImport(Library, EntryPoint = "vips_colourspace")]
    private static partial int Colourspace(nint image, nint* changed, int space, nint end);

    [LibraryImport(Library, EntryPoint = "vips_addalpha")]
    private static partial int AddAlpha(nint image, nint* changed, nint end);

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
