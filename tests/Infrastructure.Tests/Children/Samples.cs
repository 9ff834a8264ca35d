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

    /// <summary>A picture of several frames that are not the same.</summary>
    public static byte[] Moving(int width, int height, int frames, string suffix)
    {
        using var folder = new Folder();
        Vips("xyz", folder.At("x.v"), $"{width}", $"{height * frames}");
        Vips("extract_band", folder.At("x.v"), folder.At("y.v"), "1");
        Vips("cast", folder.At("y.v"), folder.At("z.v"), "uchar");
        return folder.Save("z.v", $"{suffix}[page-height={height}]");
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
        System.IO.File.WriteAllBytes(folder.At("in"), picture);
        return folder.Save("in", suffix);
    }

    /// <summary>A picture's pixel size and metadata, as libvips' own program tells them.</summary>
    public static string Describe(Stream picture)
    {
        using var folder = new Folder();
        using (var file = System.IO.File.Create(folder.At("in")))
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

    /// <summary>A document of one page with a line of words on it.</summary>
    public static byte[] PdfWithWords(string words)
    {
        var drawing = $"BT /F1 24 Tf 50 700 Td ({words}) Tj ET";
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
            %PDF-1.4
            1 0 obj
            << /Type /Catalog /Pages 2 0 R >>
            endobj
            2 0 obj
            << /Type /Pages /Count 1 /Kids [3 0 R] >>
            endobj
            3 0 obj
            << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>
            endobj
            4 0 obj
            << /Length {drawing.Length} >>
            stream
            {drawing}
            endstream
            endobj
            5 0 obj
            << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>
            endobj
            trailer
            << /Size 6 /Root 1 0 R >>
            %%EOF

            """));
    }

    /// <summary>An archive with these files in it.</summary>
    public static byte[] Zip(params (string Name, string Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var writer = new StreamWriter(archive.CreateEntry(name, CompressionLevel.Fastest).Open(), new UTF8Encoding(false));
                writer.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>A document of these paragraphs, as word processors write it.</summary>
    public static byte[] Docx(params string[] paragraphs) => Zip(
        ("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"),
        ("word/document.xml", $"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>{string.Concat(paragraphs.Select(one => $"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>"))}</w:body></w:document>"));

    /// <summary>A packed tar archive with these files in it.</summary>
    public static byte[] TarGz(params (string Name, string Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var archive = new System.Formats.Tar.TarWriter(gzip))
        {
            foreach (var (name, content) in files)
            {
                archive.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
                });
            }
        }

        return bytes.ToArray();
    }

    /// <summary>A picture of one colour, given as red, green and blue.</summary>
    public static byte[] Plain(int width, int height, int[] colour, string suffix)
    {
        using var folder = new Folder();
        Vips("black", folder.At("x.v"), $"{width}", $"{height}", "--bands", "3");
        Vips("linear", folder.At("x.v"), folder.At("y.v"), "1 1 1", string.Join(' ', colour), "--uchar");
        Vips("copy", folder.At("y.v"), folder.At("z.v"), "--interpretation", "srgb");
        return folder.Save("z.v", suffix);
    }

    /// <summary>A picture of one colour whose left half is transparent.</summary>
    public static byte[] HalfThere(int width, int height, int[] colour)
    {
        using var folder = new Folder();
        System.IO.File.WriteAllBytes(folder.At("in.png"), Plain(width, height, colour, ".png"));
        Vips("black", folder.At("left.v"), $"{width / 2}", $"{height}");
        Vips("invert", folder.At("left.v"), folder.At("right.v"));
        Vips("join", folder.At("left.v"), folder.At("right.v"), folder.At("alpha.v"), "horizontal");
        Vips("bandjoin", $"{folder.At("in.png")} {folder.At("alpha.v")}", folder.At("x.v"));
        return folder.Save("x.v", ".png");
    }

    /// <summary>The same picture in another colour space, with that space's profile in it.</summary>
    public static byte[] InSpace(byte[] picture, string profile, string suffix)
    {
        using var folder = new Folder();
        System.IO.File.WriteAllBytes(folder.At("in.png"), picture);
        Vips("icc_transform", folder.At("in.png"), folder.At("x.v"), profile, "--input-profile", "srgb");
        return folder.Save("x.v", suffix);
    }

    /// <summary>The bytes as a file that is there as long as the tests run.</summary>
    public static string File(byte[] bytes, string suffix)
    {
        var file = Path.Combine(Path.GetTempPath(), $"eventfiles-sample-{Guid.NewGuid():n}{suffix}");
        System.IO.File.WriteAllBytes(file, bytes);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.File.Delete(file);
        return file;
    }

    /// <summary>The smallest value of any band in a part of a picture.</summary>
    public static double Darkest(string file, int left, int top, int width, int height)
    {
        using var folder = new Folder();
        Vips("extract_area", file, folder.At("x.v"), $"{left}", $"{top}", $"{width}", $"{height}");
        Vips("extract_band", folder.At("x.v"), folder.At("y.v"), "0", "--n", "3");
        return double.Parse(Run("vips", "min", folder.At("y.v")), CultureInfo.InvariantCulture);
    }

    /// <summary>The values of one pixel.</summary>
    public static double[] Point(string file, int x, int y) =>
        [.. Run("vips", "getpoint", file, $"{x}", $"{y}").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(value => double.Parse(value, CultureInfo.InvariantCulture))];

    /// <summary>How many pixels of a column are not transparent.</summary>
    public static int Opaque(string file, int x)
    {
        using var folder = new Folder();
        Vips("extract_band", file, folder.At("x.v"), "3");
        Vips("crop", folder.At("x.v"), folder.At("y.v"), $"{x}", "0", "1", Run("vipsheader", "-f", "height", file).Trim());
        var height = double.Parse(Run("vipsheader", "-f", "height", file), CultureInfo.InvariantCulture);
        return (int)Math.Round(double.Parse(Run("vips", "avg", folder.At("y.v")), CultureInfo.InvariantCulture) * height / 255);
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
            return System.IO.File.ReadAllBytes(At("out") + suffix.Split('[')[0]);
        }

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}
