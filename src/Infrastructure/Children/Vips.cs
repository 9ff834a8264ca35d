using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Children;

/// <summary>A picture that libvips made, in its own memory.</summary>
internal sealed unsafe class VipsPicture(byte* bytes, int length, int width, int height) : IDisposable
{
    private byte* bytes = bytes;

    public int Width { get; } = width;

    public int Height { get; } = height;

    public ReadOnlySpan<byte> Content => new(bytes, length);

    public void Dispose()
    {
        Vips.Free(bytes);
        bytes = null;
    }
}

/// <summary>What the header of a picture tells.</summary>
/// <param name="Orientation">As EXIF numbers it: 1 is upright, 5 to 8 lie on their side.</param>
/// <param name="HasProfile">Its colours are to be read by a profile: its own, or for those of a press a usual one.</param>
/// <param name="Loader">What libvips reads it with: <c>jpegload_buffer</c>.</param>
internal sealed record VipsHeader(
    int Width, int Height, int Frames, int Orientation, bool HasAlpha, bool HasProfile, string Loader,
    IReadOnlyDictionary<string, string> Fields);

/// <summary>libvips says why not.</summary>
internal sealed class VipsException(string message) : Exception(message);

/// <summary>The same of a picture that is to be laid over another.</summary>
internal sealed class VipsMarkException : Exception;

/// <summary>
/// The few calls of libvips (8.14 and later) that a thumbnail needs. Variadic ones are called with integers and pointers
/// only, for which the calling conventions of Linux on x64 and ARM64 agree with fixed ones. Not safe for a host: a
/// decoder's crash ends the process. Only children call it.
/// </summary>
internal static unsafe partial class Vips
{
    private const string Library = "libvips.so.42";
    private const string GObject = "libgobject-2.0.so.0";
    private const string GLib = "libglib-2.0.so.0";
    private const int SizeBoth = 0;
    private const int SizeDown = 2;
    private const int CropNone = 0;
    private const int CropCentre = 1;
    private const int MaxFieldLength = 200;
    private const int Bytes = 0;
    private const int GreyColours = 1;
    private const int PressColours = 15;
    private const int ScreenColours = 22;

    // Without these a picture that moves is a very tall one.
    private static readonly HashSet<string> Moving = new(["page-height", "n-pages", "delay", "loop"], StringComparer.Ordinal);

    // The loaders for what Sniff lets through; all others stay blocked, libvips' own PDF and SVG readers among them.
    private static readonly string[] Loaders =
    [
        "VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif", "VipsForeignLoadTiff",
        "VipsForeignLoadHeif",
    ];

    /// <summary>Once, before anything else.</summary>
    public static void Start()
    {
        if (Init("pictures") != 0)
            throw Error();
        ConcurrencySet(1);
        CacheSetMax(0);
        BlockUntrustedSet(1);
        OperationBlockSet("VipsForeignLoad", 1);
        foreach (var loader in Loaders)
            OperationBlockSet(loader, 0);
    }

    /// <summary>Whether the bytes begin like a picture of a type that is read here. Asked before libvips sees them.</summary>
    public static bool Sniff(ReadOnlySpan<byte> head) =>
        head is [0xFF, 0xD8, 0xFF, ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..]
        || head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8)
        || head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8)
        || (head.Length >= 12 && head.StartsWith("RIFF"u8) && head[8..].StartsWith("WEBP"u8))
        || (head.Length >= 12 && head[4..].StartsWith("ftyp"u8));

    /// <summary>What stands in the header; no pixel is decoded.</summary>
    /// <param name="fields">Texts that are wanted as well, where they are there.</param>
    public static VipsHeader ReadHeader(ReadOnlySpan<byte> original, IEnumerable<string> fields)
    {
        fixed (byte* start = original)
        {
            var image = ImageNewFromBuffer(start, (nuint)original.Length, "", 0);
            if (image == 0)
                throw Error();
            try
            {
                var found = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var field in fields)
                {
                    if (Text(image, field) is { } text)
                        found.Add(field, text);
                }

                return new VipsHeader(
                    ImageGetWidth(image), ImageGetHeight(image), Math.Max(1, ImageGetPages(image)), ImageGetOrientation(image),
                    ImageHasAlpha(image) != 0, ImageGetTypeOf(image, "icc-profile-data") != 0 || ImageGuessInterpretation(image) is PressColours, Text(image, "vips-loader") ?? "", found);
            }
            finally
            {
                Unref(image);
            }
        }
    }

    /// <summary>
    /// A smaller picture, upright, in sRGB, without any metadata. A truncated original is an error and never a grey half.
    /// </summary>
    /// <param name="suffix">The format and its options as libvips writes them: <c>.jpg[Q=80]</c>.</param>
    /// <param name="mark">What is laid over it where that is a picture.</param>
    /// <param name="isProfiled">Whether its colours are to be read by a profile. Without one they are taken as they are.</param>
    public static VipsPicture Thumbnail(ReadOnlySpan<byte> original, RenderOrder wanted, NativeBytes? mark, string suffix, bool isProfiled)
    {
        fixed (byte* start = original)
        {
            nint image = 0, bare = 0;
            try
            {
                image = Fitted(
                    start, (nuint)original.Length, wanted.MaxWidth, wanted.MaxHeight, SizeDown, wanted.Covers ? CropCentre : CropNone,
                    wanted.IsAnimated, isProfiled);
                if (wanted.Mark is { } over)
                    VipsMark.Draw(ref image, over, mark);
                if (Copy(image, &bare, 0) != 0)
                    throw Error();
                RemoveMetadata(bare, wanted.IsAnimated);
                byte* bytes = null;
                nuint length = 0;
                if (ImageWriteToBuffer(bare, suffix, &bytes, &length, 0) != 0)
                    throw Error();
                var height = wanted.IsAnimated ? ImageGetPageHeight(bare) : ImageGetHeight(bare);
                return new VipsPicture(bytes, checked((int)length), ImageGetWidth(bare), height);
            }
            finally
            {
                if (bare != 0)
                    Unref(bare);
                if (image != 0)
                    Unref(image);
            }
        }
    }

    /// <summary>
    /// A picture in memory that fills a box as far as its proportions allow: the caller lets go of it. Whatever is wrong with
    /// its bytes is found here.
    /// </summary>
    public static nint Filling(ReadOnlySpan<byte> original, int width, int height)
    {
        var isProfiled = ReadHeader(original, []).HasProfile;
        fixed (byte* start = original)
        {
            nint copy = 0;
            var image = Fitted(start, (nuint)original.Length, width, height, SizeBoth, CropNone, isAnimated: false, isProfiled);
            try
            {
                copy = ImageCopyMemory(image);
                return copy != 0 ? copy : throw Error();
            }
            finally
            {
                Unref(image);
            }
        }
    }

    // Lazy: the bytes must stay where they are until its pixels were wanted.
    private static nint Fitted(byte* start, nuint length, int width, int height, int size, int crop, bool isAnimated, bool isProfiled)
    {
        nint image = 0;
        // fail-on is no option that thumbnail hands to the loader: it travels inside option-string.
        var options = isAnimated ? "[fail-on=truncated,n=-1]" : "[fail-on=truncated]";

        // Sent through profiles although it has none, white would come out bluish.
        var failed = isProfiled
            ? ThumbnailBuffer(
                start, length, &image, width, "height", height, "size", size, "crop", crop, "option-string", options, "export-profile", "srgb", 0)
            : PlainThumbnailBuffer(start, length, &image, width, "height", height, "size", size, "crop", crop, "option-string", options, 0);
        if (failed != 0)
            throw Error();
        try
        {
            ToScreenColours(ref image);
            return image;
        }
        catch
        {
            Unref(image);
            throw;
        }
    }

    /// <summary>A picture of plain values, as it is to be written.</summary>
    /// <param name="values">Row by row, one byte per band: red, green, blue and, with four, how opaque.</param>
    /// <param name="suffix">The format and its options as libvips writes them.</param>
    public static VipsPicture Write(ReadOnlySpan<byte> values, int width, int height, int bands, string suffix)
    {
        if (values.Length != width * height * bands)
            throw new ArgumentException("They are not as many as the picture has.", nameof(values));
        nint image = 0, coloured = 0;
        try
        {
            fixed (byte* start = values)
            {
                image = ImageNewFromMemory(start, (nuint)values.Length, width, height, bands, Bytes);
                byte* bytes = null;
                nuint length = 0;
                if (image == 0 || CopyAs(image, &coloured, "interpretation", ScreenColours, 0) != 0
                    || ImageWriteToBuffer(coloured, suffix, &bytes, &length, 0) != 0)
                {
                    throw Error();
                }

                return new VipsPicture(bytes, checked((int)length), width, height);
            }
        }
        finally
        {
            if (coloured != 0)
                Unref(coloured);
            if (image != 0)
                Unref(image);
        }
    }

    // Whatever has no profile and is neither grey nor sRGB of eight bits.
    private static void ToScreenColours(ref nint image)
    {
        if (ImageGuessInterpretation(image) is GreyColours or ScreenColours)
            return;
        nint changed = 0;
        if (Colourspace(image, &changed, ScreenColours, 0) != 0)
            throw Error();
        Unref(image);
        image = changed;
    }

    // What libvips says of an EXIF field: the value, and behind it the value again, its type and length.
    private static string? Text(nint image, string field)
    {
        if (ImageGetTypeOf(image, field) == 0)
            return null;
        byte* value = null;
        if (ImageGetAsString(image, field, &value) != 0)
        {
            ErrorClear();
            return null;
        }

        var text = Marshal.PtrToStringUTF8((nint)value) ?? "";
        Free(value);
        var end = text.IndexOf(" (", StringComparison.Ordinal);
        text = (end < 0 ? text : text[..end]).Trim();
        return text.Length is 0 or > MaxFieldLength ? null : text;
    }

    // The savers' own "strip" is not enough: the WebP saver of 8.14.1 writes EXIF, and with it the place, all the same.
    // What is no longer in the image cannot be written. Built-in fields, such as the width, cannot be removed and stay.
    private static void RemoveMetadata(nint image, bool isAnimated)
    {
        var fields = ImageGetFields(image);
        for (var field = fields; *field != null; field++)
        {
            if (!isAnimated || !Moving.Contains(Marshal.PtrToStringUTF8((nint)(*field)) ?? ""))
                _ = ImageRemove(image, *field);
        }

        StringsFree(fields);
    }

    internal static VipsException Error()
    {
        var text = ErrorBufferCopy();
        var message = Marshal.PtrToStringUTF8((nint)text) ?? "";
        Free(text);
        ErrorClear();
        return new VipsException(message.Trim());
    }
}
