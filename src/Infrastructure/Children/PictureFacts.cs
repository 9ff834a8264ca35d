using System.Text.Json;

namespace EventFiles.Infrastructure.Children;

/// <summary>
/// What the header of a picture tells. Of what a camera wrote only what tells nothing of persons and places: what is not
/// named here is left out, whatever cameras come to write.
/// </summary>
internal static class PictureFacts
{
    // EXIF fields by the names of libvips, and what they are called here.
    private static readonly (string Field, string Name)[] Shown =
    [
        ("exif-ifd0-Make", "make"),
        ("exif-ifd0-Model", "model"),
        ("exif-ifd0-Software", "software"),
        ("exif-ifd2-DateTimeOriginal", "takenAt"),
        ("exif-ifd2-ExposureTime", "exposureTime"),
        ("exif-ifd2-FNumber", "fNumber"),
        ("exif-ifd2-ISOSpeedRatings", "iso"),
        ("exif-ifd2-FocalLength", "focalLength"),
        ("exif-ifd2-LensModel", "lens"),
        ("exif-ifd2-Flash", "flash"),
    ];

    public static byte[] Of(ReadOnlySpan<byte> original)
    {
        var header = Vips.ReadHeader(original, Shown.Select(one => one.Field));
        using var facts = new MemoryStream();
        using (var json = new Utf8JsonWriter(facts))
        {
            json.WriteStartObject();
            json.WriteString("format", Format(header.Loader));
            // As it is seen: a camera that was held upright wrote its rows sideways.
            var isTurned = header.Orientation is >= 5 and <= 8;
            json.WriteNumber("width", isTurned ? header.Height : header.Width);
            json.WriteNumber("height", isTurned ? header.Width : header.Height);
            json.WriteNumber("frames", header.Frames);
            json.WriteBoolean("hasAlpha", header.HasAlpha);
            json.WriteBoolean("hasColourProfile", header.HasProfile);
            json.WriteStartObject("photo");
            foreach (var (field, name) in Shown)
            {
                if (header.Fields.TryGetValue(field, out var value))
                    json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return facts.ToArray();
    }

    private static string Format(string loader) => loader switch
    {
        _ when loader.StartsWith("jpeg", StringComparison.Ordinal) => "jpeg",
        _ when loader.StartsWith("png", StringComparison.Ordinal) => "png",
        _ when loader.StartsWith("webp", StringComparison.Ordinal) => "webp",
        _ when loader.StartsWith("gif", StringComparison.Ordinal) => "gif",
        _ when loader.StartsWith("tiff", StringComparison.Ordinal) => "tiff",
        _ when loader.StartsWith("heif", StringComparison.Ordinal) => "heif",
        _ => "unknown",
    };
}
