using System.IO.Compression;
using System.Text;

namespace EventFiles.Infrastructure.Tests.Children;

/// <summary>A file that is not what it should be, and what is asked of it.</summary>
internal sealed record HostileFile(string Name, byte[] Bytes, RenderOrder Order);

/// <summary>Broken and hostile files of every format that is read: cut, flipped, mixed, bombs.</summary>
internal static class HostileFiles
{
    private static readonly RenderOrder Picture = new(RenderSource.Picture, 200, 200, RenderFormat.Webp);
    private static readonly RenderOrder Page = new(RenderSource.PdfPage, 200, 200, RenderFormat.Jpeg);
    private static readonly RenderOrder Words = new(RenderSource.OfficeText, 0, 0, RenderFormat.Text);
    private static readonly RenderOrder Listing = new(RenderSource.Archive, 0, 0, RenderFormat.Json);

    /// <summary>So many, always the same for one seed. The bombs come first.</summary>
    public static IEnumerable<HostileFile> Make(int count, int seed)
    {
        var chance = new Random(seed);
        (string Name, byte[] Bytes, RenderOrder[] Orders)[] whole =
        [
            .. ((string[])[".jpg", ".png", ".webp", ".gif", ".tif", ".gif[page-height=30]", ".avif"]).Select(suffix =>
                (suffix, Samples.Picture(160, 120, suffix), (RenderOrder[])[Picture, Picture with { IsAnimated = true }, Facts(RenderSource.PictureFacts)])),
            ("pdf", Samples.PdfWithWords("words"), [Page, Facts(RenderSource.PdfFacts), Words with { Source = RenderSource.PdfText }]),
            ("docx", Samples.Docx("words"), [Words, Listing]),
            ("tar.gz", Samples.TarGz(("a", "b")), [Listing]),
        ];
        foreach (var bomb in Bombs().Take(count))
            yield return bomb;
        for (var number = Bombs().Count(); number < count; number++)
        {
            var (name, bytes, orders) = whole[number % whole.Length];
            var (how, broken) = Break(bytes, whole[chance.Next(whole.Length)].Bytes, chance);
            yield return new($"{number}: {name} {how}", broken, orders[chance.Next(orders.Length)]);
        }
    }

    private static RenderOrder Facts(RenderSource source) => new(source, 0, 0, RenderFormat.Json);

    private static (string How, byte[] Bytes) Break(byte[] bytes, byte[] other, Random chance)
    {
        var copy = bytes.ToArray();
        switch (chance.Next(5))
        {
            case 0:
                return ("cut", copy[..chance.Next(copy.Length)]);
            case 1:
                for (var flips = chance.Next(1, 40); flips > 0; flips--)
                    copy[chance.Next(copy.Length)] ^= (byte)(1 << chance.Next(8));
                return ("flipped", copy);
            case 2:
                // Lengths and counts stand near the beginning.
                for (var flips = chance.Next(1, 12); flips > 0; flips--)
                    copy[chance.Next(Math.Min(64, copy.Length))] = (byte)chance.Next(256);
                return ("header overwritten", copy);
            case 3:
                return ("head of one and body of another", [.. copy[..Math.Min(copy.Length, chance.Next(4, 200))], .. other]);
            default:
                var at = chance.Next(copy.Length);
                return ("one within the other", [.. copy[..at], .. other, .. copy[at..]]);
        }
    }

    private static IEnumerable<HostileFile> Bombs()
    {
        yield return new("a PNG of 30,000 by 30,000", Samples.Bomb(30_000), Picture);
        yield return new("a PNG of 9,000 by 9,000", Samples.Bomb(9_000), Picture);
        yield return new("the facts of a PNG of 30,000 by 30,000", Samples.Bomb(30_000), Facts(RenderSource.PictureFacts));
        yield return new("a GIF with 5,000 frames", Samples.Picture(8, 40_000, ".gif[page-height=8]"), Picture with { IsAnimated = true });
        yield return new("a document of 300 MB of blanks", Samples.Zip(("content.xml", new string(' ', 100 << 20))), Words);
        yield return new("a document of deep elements", Samples.Zip(("content.xml", string.Concat(Enumerable.Repeat("<d>", 300_000)))), Words);
        yield return new("entities in entities", Samples.Zip(("content.xml", "<!DOCTYPE d [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><d>&b;</d>")), Words);
        yield return new("a packed tar of two gigabytes of nothing", Nothing(2), Listing);
        yield return new("an archive that says it has more than it has", [.. "PK"u8, 5, 6, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0], Listing);
        yield return new("a PDF with a page of a kilometre", Samples.Pdf(14_400_000, 14_400_000), Page);
        yield return new("a PDF whose pages are their own children", Encoding.ASCII.GetBytes(
            "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R] >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"), Page);
        yield return new("a picture that is a program", [.. "GIF89a"u8, .. Encoding.ASCII.GetBytes("=1;while(true){}//"), .. new byte[2000]], Picture);
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
