using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace EventFiles.Infrastructure.Tests.Children;

/// <summary>A file that is not what it should be, and what is asked of it.</summary>
internal sealed record HostileFile(string Name, Func<byte[]> Make, RenderOrder Order);

/// <summary>
/// Broken and hostile files of every type that is read, each type in every way: cut, flipped, overwritten, mixed with every
/// other; and bombs, loops and polyglots that somebody has thought about.
/// </summary>
internal static class HostileFiles
{
    /// <summary>How many there are.</summary>
    public const int Count = 300;

    private static readonly RenderOrder Picture = new(RenderSource.Picture, 200, 200, RenderFormat.Webp);
    private static readonly RenderOrder Moving = Picture with { IsAnimated = true };
    private static readonly RenderOrder Seen = new(RenderSource.PictureFacts, 0, 0, RenderFormat.Json);
    private static readonly RenderOrder Page = new(RenderSource.PdfPage, 200, 200, RenderFormat.Jpeg);
    private static readonly RenderOrder Pages = new(RenderSource.PdfFacts, 0, 0, RenderFormat.Json);
    private static readonly RenderOrder Words = new(RenderSource.OfficeText, 0, 0, RenderFormat.Text);
    private static readonly RenderOrder Printed = Words with { Source = RenderSource.PdfText };
    private static readonly RenderOrder Plain = Words with { Source = RenderSource.PlainText };
    private static readonly RenderOrder Frame = new(RenderSource.VideoFrame, 200, 200, RenderFormat.Jpeg);
    private static readonly RenderOrder Wave = new(RenderSource.SoundWave, 200, 100, RenderFormat.Png);
    private static readonly RenderOrder Length = new(RenderSource.MediaFacts, 0, 0, RenderFormat.Json);
    private static readonly RenderOrder Listing = new(RenderSource.Archive, 0, 0, RenderFormat.Json);

    /// <summary>All of them, always the same for one seed: what somebody has thought about first.</summary>
    public static IReadOnlyList<HostileFile> All(int seed)
    {
        var types = Types();
        var ways = Ways();
        HostileFile[] known = [.. Bombs(), .. Polyglots(types)];
        return
        [
            .. known,
            // Type by type in every way, then all over again with other places.
            .. Enumerable.Range(0, Count - known.Length).Select(number =>
            {
                var (name, bytes, orders) = types[number % types.Length];
                var (how, broken) = ways[number / types.Length % ways.Length];
                var round = number / (types.Length * ways.Length);
                var other = types[(number + number / types.Length + 1) % types.Length];
                return new HostileFile(
                    $"{name} {how} {round}", () => broken(bytes, other.Bytes, new Random(seed + number)),
                    orders[(round + number / types.Length) % orders.Length]);
            }),
        ];
    }

    private static (string Name, byte[] Bytes, RenderOrder[] Orders)[] Types() =>
    [
        .. ((string[])[".jpg", ".png", ".webp", ".gif", ".tif", ".gif[page-height=30]", ".avif"]).Select(suffix =>
            (suffix, Samples.Picture(160, 120, suffix), (RenderOrder[])[Picture, Moving, Seen])),
        ("pdf", Samples.PdfWithWords("words"), [Page, Pages, Printed]),
        ("docx", Samples.Docx("words"), [Words, Listing]),
        ("odt", Samples.Zip(("content.xml", "<d><p>one<tab/>two</p></d>")), [Words, Listing]),
        ("pptx", Samples.Zip(("ppt/slides/slide1.xml", "<s><p><t>first</t></p></s>")), [Words]),
        ("xlsx", Samples.Zip(
            ("xl/worksheets/sheet1.xml", "<w><row><c t='s'><v>0</v></c></row></w>"), ("xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>")), [Words]),
        ("zip", Samples.Zip(("a/", ""), ("a/b.txt", "four")), [Listing]),
        ("tar.gz", Samples.TarGz(("a", "b")), [Listing]),
        .. ((string[])[".mp4", ".mov", ".webm", ".mkv", ".avi"]).Select(suffix => (suffix, MediaSamples.Telling(suffix), (RenderOrder[])[Frame, Length, Wave])),
        .. ((string[])[".mp3", ".wav", ".flac", ".ogg", ".m4a"]).Select(suffix =>
            (suffix, MediaSamples.Sound(suffix, "sin(2*PI*440*t)", 1), (RenderOrder[])[Wave, Length])),
        ("text", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Grüße aus Bremen 屋\n", 40))), [Plain]),
    ];

    private static (string How, Func<byte[], byte[], Random, byte[]> Break)[] Ways() =>
    [
        ("cut", (bytes, _, chance) => bytes[..chance.Next(bytes.Length)]),
        ("cut in its head", (bytes, _, chance) => bytes[..chance.Next(Math.Min(32, bytes.Length))]),
        ("without its head", (bytes, _, chance) => bytes[chance.Next(1, Math.Min(64, bytes.Length))..]),
        ("flipped", (bytes, _, chance) => Changed(bytes, chance.Next(1, 40), bytes.Length, (old, _) => (byte)(old ^ (1 << chance.Next(8))), chance)),
        // Lengths and counts stand near the beginning, in archives near the end.
        ("overwritten in its head", (bytes, _, chance) => Changed(bytes, chance.Next(1, 12), 64, (_, _) => (byte)chance.Next(256), chance)),
        ("overwritten in its tail", (bytes, _, chance) =>
        {
            Array.Reverse(bytes = bytes.ToArray());
            bytes = Changed(bytes, chance.Next(1, 12), 64, (_, _) => (byte)chance.Next(256), chance);
            Array.Reverse(bytes);
            return bytes;
        }),
        ("with the largest numbers", (bytes, _, chance) => Changed(bytes, chance.Next(4, 60), bytes.Length, (_, _) => 0xFF, chance)),
        ("with a hole", (bytes, _, chance) =>
        {
            var (from, to) = (chance.Next(bytes.Length), chance.Next(bytes.Length));
            bytes = bytes.ToArray();
            bytes.AsSpan(Math.Min(from, to), Math.Abs(to - from)).Clear();
            return bytes;
        }),
        ("twice", (bytes, _, _) => [.. bytes, .. bytes]),
        ("with the head of it and the body of another", (bytes, other, chance) => [.. bytes[..Math.Min(bytes.Length, chance.Next(4, 200))], .. other]),
        ("with another within", (bytes, other, chance) =>
        {
            var at = chance.Next(bytes.Length);
            return [.. bytes[..at], .. other, .. bytes[at..]];
        }),
        ("shuffled", (bytes, _, chance) =>
        {
            var parts = bytes.Chunk(Math.Max(1, bytes.Length / 16)).ToArray();
            chance.Shuffle(parts);
            return [.. parts.SelectMany(part => part)];
        }),
        ("of another type", (_, other, _) => other),
        ("of noise", (bytes, _, chance) =>
        {
            bytes = [.. bytes[..Math.Min(16, bytes.Length)], .. new byte[100_000]];
            chance.NextBytes(bytes.AsSpan(16));
            return bytes;
        }),
    ];

    private static byte[] Changed(byte[] bytes, int times, int within, Func<byte, int, byte> change, Random chance)
    {
        var copy = bytes.ToArray();
        for (; times > 0; times--)
        {
            var at = chance.Next(Math.Min(within, copy.Length));
            copy[at] = change(copy[at], at);
        }

        return copy;
    }

    private static IEnumerable<HostileFile> Bombs()
    {
        yield return new("a PNG of 30,000 by 30,000", () => Samples.Bomb(30_000), Picture);
        yield return new("a PNG of 9,000 by 9,000", () => Samples.Bomb(9_000), Picture);
        yield return new("the facts of a PNG of 30,000 by 30,000", () => Samples.Bomb(30_000), Seen);
        yield return new("a GIF with 5,000 frames", () => Samples.Picture(8, 40_000, ".gif[page-height=8]"), Moving);
        yield return new("a GIF that says it is 65,535 by 65,535", () => [.. "GIF89a"u8, 255, 255, 255, 255, 0xF7, 0, 0, .. new byte[768], 0x3B], Picture);
        yield return new("a JPEG that says it is 65,500 by 65,500", () => Sized(Samples.Picture(64, 64, ".jpg")), Picture);
        yield return new("a TIFF whose directory is its own next", () => Tiff(next: 8, entries: 1), Picture);
        yield return new("a TIFF of 65,535 entries that are not there", () => Tiff(next: 0, entries: 65_535), Seen);
        yield return new("a document of 100 MB of blanks", () => Samples.Zip(("content.xml", new string(' ', 100 << 20))), Words);
        yield return new("a document of deep elements", () => Samples.Zip(("content.xml", string.Concat(Enumerable.Repeat("<d>", 300_000)))), Words);
        yield return new("a document of one element with many attributes", () => Samples.Zip(
            ("content.xml", $"<d {string.Concat(Enumerable.Range(0, 200_000).Select(n => $"a{n}='' "))}/>")), Words);
        yield return new("entities in entities", () => Samples.Zip(("content.xml", "<!DOCTYPE d [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><d>&b;</d>")), Words);
        yield return new("a billion laughs", () => Samples.Zip(("word/document.xml",
            $"<!DOCTYPE d [<!ENTITY a0 'ha'>{string.Concat(Enumerable.Range(1, 9).Select(n => $"<!ENTITY a{n} '{string.Concat(Enumerable.Repeat($"&a{n - 1};", 10))}'>"))}]><d><p><t>&a9;</t></p></d>")), Words);
        yield return new("an entity of a file", () => Samples.Zip(("content.xml", "<!DOCTYPE d [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><d><p>&a;</p></d>")), Words);
        yield return new("a sheet whose strings point nowhere", () => Samples.Zip(
            ("xl/worksheets/sheet1.xml", $"<w><row>{string.Concat(Enumerable.Repeat("<c t='s'><v>2147483647</v></c><c t='s'><v>-1</v></c>", 50_000))}</row></w>"),
            ("xl/sharedStrings.xml", "<sst/>")), Words);
        yield return new("a packed tar of two gigabytes of nothing", () => Nothing(2), Listing);
        yield return new("a film of a thousand days", () => MediaSamples.With(
            MediaSamples.With(MediaSamples.TwoColoured(), "mdhd", 16, [0x7F, 0xFF, 0xFF, 0xFF]), "stts", 12, [0x7F, 0xFF, 0xFF, 0xFF]), Frame);
        yield return new("a film that says it has four thousand million frames", () => MediaSamples.With(MediaSamples.TwoColoured(), "stsz", 8, [0xFF, 0xFF, 0xFF, 0xFF]), Frame);
        yield return new("a film of 65,535 by 65,535", () => MediaSamples.With(MediaSamples.TwoColoured(), "avc1", 24, [0xFF, 0xFF, 0xFF, 0xFF]), Frame);
        yield return new("a film of 8,000 by 4,000", () => MediaSamples.Video(".mp4", 8000, 4000, ("red", 0.5)), Frame);
        yield return new("a film of 200 sounds", () => MediaSamples.Streams(200), Wave);
        yield return new("a sound of four gigabytes that is not there", () => MediaSamples.With(MediaSamples.Sound(".wav", "0", 1), "data", 0, [0xFF, 0xFF, 0xFF, 0xFF]), Wave);
        yield return new("an hour of noise", () => MediaSamples.Sound(".flac", "0.1*sin(t*t)", 3600), Wave);
        yield return new("boxes in boxes", () => [.. "\0\0\0\u0018ftypisom\0\0\0\0isomiso2"u8, .. Enumerable.Repeat("\0\0\0\0moov"u8.ToArray(), 50_000).SelectMany(one => one)], Length);
        yield return new("an archive that says it has more than it has", () => [.. "PK"u8, 5, 6, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0], Listing);
        yield return new("an archive of 60,000 entries", () => Samples.Zip([.. Enumerable.Range(0, 60_000).Select(n => ($"{n}", ""))]), Listing);
        yield return new("an archive of names that lead elsewhere", () => Samples.Zip(("../../etc/passwd", ""), ("/etc/passwd", ""), ("c:\\x", ""), (new string('a', 60_000), "")), Listing);
        yield return new("an archive in an archive, ten deep", () => Enumerable.Range(0, 10).Aggregate(
            Samples.Zip(("a", "b")), (inner, _) => Samples.Zip(("inner.zip", Encoding.Latin1.GetString(inner)))), Listing);
        yield return new("a tar whose sizes are below zero", () => Packed(Tar("a", "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")), Listing);
        yield return new("a tar whose sizes are the largest", () => Packed(Tar("a", "77777777777\0")), Listing);
        yield return new("a PDF with a page of a kilometre", () => Samples.Pdf(14_400_000, 14_400_000), Page);
        yield return new("a PDF whose pages are their own children", () => Pdf(
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R] >>"), Page);
        yield return new("a PDF that draws itself", () => Pdf(
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R /Resources << /XObject << /A 4 0 R >> >> >>",
            "<< /Type /XObject /Subtype /Form /BBox [0 0 99 99] /Resources << /XObject << /A 4 0 R >> >> /Length 11 >>\nstream\n/A Do /A Do\nendstream"), Page);
        yield return new("a PDF of deep lists", () => Pdf(
            "<< /Type /Catalog /Pages 2 0 R >>", $"<< /Type /Pages /Count 1 /Kids {new string('[', 200_000)} >>"), Printed);
        yield return new("a PDF whose stream unpacks to 300 MB", PackedPdf, Page);
        yield return new("the text of a PDF whose stream unpacks to 300 MB", PackedPdf, Printed);
        yield return new("a PDF that says it has two billion pages", () => Pdf(
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 2147483647 /Kids [] >>"), Pages);
        yield return new("a text of one line of 40 MB", () => Encoding.UTF8.GetBytes(new string('x', 40 << 20)), Plain);
        yield return new("a text of half characters", () => [.. Enumerable.Repeat((byte)0xF0, 2 << 20)], Plain);
        yield return new("a text in 16 bits that ends in the middle", () => [0xFF, 0xFE, 0x3D, 0xD8, 0x00], Plain);
        yield return new("nothing as a picture", () => [], Picture);
        yield return new("nothing as a document", () => [], Page);
        yield return new("nothing as an archive", () => [], Listing);
    }

    // Two things in one: each reader may take it for its own.
    private static IEnumerable<HostileFile> Polyglots((string Name, byte[] Bytes, RenderOrder[] Orders)[] types)
    {
        byte[] Of(string name) => types.First(type => type.Name == name).Bytes;
        yield return new("a picture that is a program", () => [.. "GIF89a"u8, .. Encoding.ASCII.GetBytes("=1;while(true){}//"), .. new byte[2000]], Picture);
        yield return new("a GIF that is an archive, as a picture", () => [.. Of(".gif"), .. Of("zip")], Picture);
        yield return new("a GIF that is an archive, as an archive", () => [.. Of(".gif"), .. Of("zip")], Listing);
        yield return new("a JPEG that is a document, as a picture", () => [.. Of(".jpg"), .. Of("docx")], Picture);
        yield return new("a JPEG that is a document, as a document", () => [.. Of(".jpg"), .. Of("docx")], Words);
        yield return new("a PDF that is an archive, as a page", () => [.. Of("pdf"), .. Of("zip")], Page);
        yield return new("a PDF that is an archive, as an archive", () => [.. Of("pdf"), .. Of("zip")], Listing);
        yield return new("a PDF behind a picture, as a page", () => [.. Of(".png"), .. Of("pdf")], Page);
        yield return new("a page that is a picture", () => Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg' width='1e9' height='1e9'><image href='file:///etc/passwd'/></svg>"), Picture);
        yield return new("a script as a page", () => Encoding.ASCII.GetBytes("%!PS\n{ (x) == } loop\n"), Page);
        yield return new("a script as a picture", () => Encoding.ASCII.GetBytes("push graphic-context\nviewbox 0 0 1 1\nimage over 0,0 0,0 'https://example.org/\"|ls'\npop graphic-context\n"), Picture);
        yield return new("a picture as a text", () => Of(".png"), Plain);
        yield return new("a list of films that is a sound, as a sound", () => MediaSamples.BehindTitle(MediaSamples.Playlist("file:///etc/passwd")), Wave);
        yield return new("a list of films that is a film, as a film", () => [.. "RIFF\0\0\0\0AVI "u8, .. MediaSamples.Playlist("http://127.0.0.1:9/a.mp4")], Frame);
        yield return new("a list of films in the subtitles of a film", () => MediaSamples.AsSubtitles(MediaSamples.Playlist("/etc/passwd")), Frame);
        yield return new("a film that is an archive, as a film", () => [.. Of(".mp4"), .. Of("zip")], Frame);
        yield return new("a film that is an archive, as an archive", () => [.. Of(".mp4"), .. Of("zip")], Listing);
        yield return new("a picture behind a film's first bytes", () => [.. "\0\0\0\u0018ftypisom\0\0\0\0isomiso2"u8, .. Of(".png")], Frame);
    }

    private static byte[] Sized(byte[] jpeg)
    {
        var at = jpeg.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(at + 5), 65_500);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(at + 7), 65_500);
        return jpeg;
    }

    private static byte[] Tiff(uint next, ushort entries)
    {
        var tiff = new byte[8 + 2 + 12 + 4];
        "II*\0"u8.CopyTo(tiff);
        tiff[4] = 8;
        BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(8), entries);
        BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(10), 256);
        BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(12), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(14), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(18), uint.MaxValue);
        BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(22), next);
        return tiff;
    }

    private static byte[] Pdf(params string[] objects) => Encoding.Latin1.GetBytes(
        "%PDF-1.4\n" + string.Concat(objects.Select((body, at) => string.Create(CultureInfo.InvariantCulture, $"{at + 1} 0 obj\n{body}\nendobj\n")))
        + "trailer\n<< /Root 1 0 R >>\n%%EOF\n");

    private static byte[] PackedPdf()
    {
        using var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var drawing = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0 0 1 1 re f\n", 80_000)));
            for (var times = 0; times < 300; times++)
                zip.Write(drawing);
        }

        return Pdf(
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>",
            $"<< /Length {packed.Length} /Filter /FlateDecode >>\nstream\n{Encoding.Latin1.GetString(packed.ToArray())}\nendstream");
    }

    private static byte[] Tar(string name, string size)
    {
        var header = new byte[1024];
        Encoding.Latin1.GetBytes(name).CopyTo(header, 0);
        Encoding.Latin1.GetBytes("0000644\0").CopyTo(header, 100);
        Encoding.Latin1.GetBytes(size).CopyTo(header, 124);
        header[156] = (byte)'0';
        Encoding.Latin1.GetBytes("ustar\0").CopyTo(header, 257);
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.Latin1.GetBytes($"{Convert.ToString(header[..512].Sum(value => value), 8).PadLeft(6, '0')}\0 ").CopyTo(header, 148);
        return header;
    }

    private static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Nothing(int gigabytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            var zeros = new byte[1 << 20];
            for (var mebibytes = 0; mebibytes < gigabytes * 1024; mebibytes++)
                gzip.Write(zeros);
        }

        return packed.ToArray();
    }
}
