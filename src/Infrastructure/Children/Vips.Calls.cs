using System.Runtime.InteropServices;

namespace EventFiles.Infrastructure.Children;

// The functions of libvips and GLib, as their headers declare them.
internal static unsafe partial class Vips
{
    [LibraryImport(Library, EntryPoint = "vips_init", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Init(string name);

    [LibraryImport(Library, EntryPoint = "vips_concurrency_set")]
    private static partial void ConcurrencySet(int threads);

    [LibraryImport(Library, EntryPoint = "vips_cache_set_max")]
    private static partial void CacheSetMax(int operations);

    [LibraryImport(Library, EntryPoint = "vips_block_untrusted_set")]
    private static partial void BlockUntrustedSet(int state);

    [LibraryImport(Library, EntryPoint = "vips_operation_block_set", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void OperationBlockSet(string name, int state);

    [LibraryImport(Library, EntryPoint = "vips_error_buffer_copy")]
    private static partial byte* ErrorBufferCopy();

    [LibraryImport(Library, EntryPoint = "vips_error_clear")]
    private static partial void ErrorClear();

    [LibraryImport(Library, EntryPoint = "vips_image_new_from_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ImageNewFromBuffer(byte* bytes, nuint length, string options, nint end);

    [LibraryImport(Library, EntryPoint = "vips_thumbnail_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ThumbnailBuffer(
        byte* bytes, nuint length, nint* image, int width, string heightName, int height, string sizeName, int size,
        string cropName, int crop, string optionsName, string options, string profileName, string profile, nint end);

    [LibraryImport(Library, EntryPoint = "vips_thumbnail_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int PlainThumbnailBuffer(
        byte* bytes, nuint length, nint* image, int width, string heightName, int height, string sizeName, int size,
        string cropName, int crop, string optionsName, string options, nint end);

    [LibraryImport(Library, EntryPoint = "vips_colourspace")]
    private static partial int Colourspace(nint image, nint* changed, int space, nint end);

    [LibraryImport(Library, EntryPoint = "vips_image_guess_interpretation")]
    private static partial int ImageGuessInterpretation(nint image);

    [LibraryImport(Library, EntryPoint = "vips_copy")]
    private static partial int Copy(nint image, nint* copy, nint end);

    [LibraryImport(Library, EntryPoint = "vips_copy", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CopyAs(nint image, nint* copy, string interpretationName, int interpretation, nint end);

    [LibraryImport(Library, EntryPoint = "vips_image_new_from_memory")]
    private static partial nint ImageNewFromMemory(byte* values, nuint length, int width, int height, int bands, int format);

    [LibraryImport(Library, EntryPoint = "vips_image_write_to_buffer", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ImageWriteToBuffer(nint image, string suffix, byte** bytes, nuint* length, nint end);

    [LibraryImport(Library, EntryPoint = "vips_image_copy_memory")]
    private static partial nint ImageCopyMemory(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_width")]
    internal static partial int ImageGetWidth(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_height")]
    internal static partial int ImageGetHeight(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_n_pages")]
    private static partial int ImageGetPages(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_page_height")]
    private static partial int ImageGetPageHeight(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_orientation")]
    private static partial int ImageGetOrientation(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_hasalpha")]
    internal static partial int ImageHasAlpha(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_get_typeof", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nuint ImageGetTypeOf(nint image, string name);

    [LibraryImport(Library, EntryPoint = "vips_image_get_as_string", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ImageGetAsString(nint image, string name, byte** value);

    [LibraryImport(Library, EntryPoint = "vips_image_get_fields")]
    private static partial byte** ImageGetFields(nint image);

    [LibraryImport(Library, EntryPoint = "vips_image_remove")]
    private static partial int ImageRemove(nint image, byte* name);

    [LibraryImport(GObject, EntryPoint = "g_object_unref")]
    internal static partial void Unref(nint one);

    [LibraryImport(GLib, EntryPoint = "g_free")]
    internal static partial void Free(void* memory);

    [LibraryImport(GLib, EntryPoint = "g_strfreev")]
    private static partial void StringsFree(byte** strings);
}
