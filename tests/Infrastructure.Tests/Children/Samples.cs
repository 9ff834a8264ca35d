using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace EventFiles.Infrastructure.Tests.Children;

/// <summary>Real files, made when they are needed: by libvips' own program, or byte by byte.</summary>
internal static class Samples
{
    /// <summary>Stands in every piece of metadata that the samples bear.</summary>
    public const string Canary = "CANARY-52.5200N";

    /// <summary>A picture with some structure. The suffix names the format: <c>.png</c>, <c>.jpg[Q=90]</c>.</summary>
    public static byte[] Picture(int width, int height, string suffix)
    {
        using var folder = new Folder();
        Vips("xyz", folder.At("x.v"), $"{width}", $"{height}");
        Vips("extract_band", folder.At("x.v"), folder.At("y.v"), "0");
        Vips("cast", folder.At("y.v"), folder.At("z.v"), "uchar");
        return folder.Save("z.v", suffix);
    }

    /// <summary>Half of it is transparent.</summary>
    public static byte[] Transparent(int width, int height)
    {
        using var folder = new Folder();
        Vips("black", folder.At("x.v"), $"{width}", $"{height}", "--bands", "4");
        return folder.Save("x.v", ".png");
    }

    /// <summary>A JPEG that is to be turned by 90 degrees, says where it was taken, and bears XMP and a comment.</summary>
    public static byte[] Photo(int width, int height)
    {
        var plain = Picture(width, height, ".jpg[Q=90]");
        return
        [
            .. plain[..2],
            .. Segment(0xE1, [.. "Exif\0\0"u8, .. Exif()]),
            .. Segment(0xE1, [.. "http://ns.adobe.com/xap/1.0/\0"u8, .. Encoding.ASCII.GetBytes($"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{Canary}</x:xmpmeta>")]),
            .. Segment(0xFE, Encoding.ASCII.GetBytes(Canary)),
            .. plain[2..],
        ];
    }

    /// <summary>The same picture with its metadata in another format.</summary>
    public static byte[] Convert(byte[] picture, string suffix)
    {
        using var folder = new Folder();
        File.WriteAllBytes(folder.At("in"), picture);
        return folder.Save("in", suffix);
    }

    /// <summary>A picture's pixel size and metadata, as libvips' own program tells them.</summary>
    public static string Describe(Stream picture)
    {
        using var folder = new Folder();
        using (var file = File.Create(folder.At("in")))
            picture.CopyTo(file);
        return Run("vipsheader", "-a", folder.At("in"));
    }

    /// <summary>A PNG of enormous width and height that is small as a file.</summary>
    public static byte[] Bomb(int side)
    {
        using var png = new MemoryStream();
        png.Write([0x89, .. "PNG\r\n\x1a\n"u8]);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, side);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], side);
        header[8] = 1;
        Chunk(png, "IHDR"u8, header);
        using var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.SmallestSize))
        {
            var row = new byte[1 + ((side + 7) / 8)];
            for (var y = 0; y < side; y++)
                zip.Write(row);
        }

        Chunk(png, "IDAT"u8, packed.ToArray());
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    /// <summary>A document of one page of that size in points, with a red square on it.</summary>
    public static byte[] Pdf(int width, int height, int pages = 1)
    {
        var text = new StringBuilder("%PDF-1.4\n");
        var places = new List<int>();
        void Add(string body)
        {
            places.Add(text.Length);
            text.Append(CultureInfo.InvariantCulture, $"{places.Count} 0 obj\n{body}\nendobj\n");
        }

        const string Drawing = "1 0 0 rg 10 10 50 50 re f";
        Add("<< /Type /Catalog /Pages 2 0 R >>");
        Add($"<< /Type /Pages /Count {pages} /Kids [{string.Concat(Enumerable.Repeat("3 0 R ", pages))}] >>");
        Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R >>");
        Add($"<< /Length {Drawing.Length} >>\nstream\n{Drawing}\nendstream");
        var start = text.Length;
        text.Append(CultureInfo.InvariantCulture, $"xref\n0 {places.Count + 1}\n0000000000 65535 f \n");
        foreach (var place in places)
            text.Append(CultureInfo.InvariantCulture, $"{place:D10} 00000 n \n");
        text.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {places.Count + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static byte[] Exif()
    {
        var tiff = new byte[200];
        var at = 0;
        void Short(int value) => BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan((at += 2) - 2), (ushort)value);
        void Long(int value) => BinaryPrimitives.WriteInt32LittleEndian(tiff.AsSpan((at += 4) - 4), value);
        void Entry(int tag, int type, int count, int value)
        {
            Short(tag);
            Short(type);
            Long(count);
            Long(value);
        }

        const int TextAt = 50, PlaceAt = 70, DegreesAt = 110;
        "II*\0"u8.CopyTo(tiff);
        at = 4;
        Long(8);
        Short(3);
        Entry(0x010E, 2, Canary.Length + 1, TextAt);
        Entry(0x0112, 3, 1, 6);
        Entry(0x8825, 4, 1, PlaceAt);
        Encoding.ASCII.GetBytes(Canary).CopyTo(tiff, TextAt);
        at = PlaceAt;
        Short(2);
        Entry(1, 2, 2, 'N');
        Entry(2, 5, 3, DegreesAt);
        at = DegreesAt;
        foreach (var number in (int[])[52, 1, 31, 1, 12, 1])
            Long(number);
        return tiff;
    }

    private static byte[] Segment(byte marker, byte[] content) =>
        [0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content];

    private static void Chunk(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(type);
        png.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc([.. type, .. content]));
        png.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }

    private static void Vips(params string[] arguments) => Run("vips", arguments);

    private static string Run(string program, params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var said = tool.StandardOutput.ReadToEnd();
        tool.WaitForExit();
        Assert.True(tool.ExitCode == 0, $"{program} {string.Join(' ', arguments)}");
        return said;
    }

    private sealed class Folder : IDisposable
    {
        private readonly string path = Directory.CreateTempSubdirectory("samples-").FullName;

        public string At(string name) => Path.Combine(path, name);

        public byte[] Save(string name, string suffix)
        {
            Vips("copy", At(name), At("out") + suffix);
            return File.ReadAllBytes(At("out") + suffix.Split('[')[0]);
        }

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
