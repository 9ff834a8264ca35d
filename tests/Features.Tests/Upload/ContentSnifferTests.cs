using System.Text;
using EventFiles.Features.Upload;

namespace EventFiles.Features.Tests.Upload;

public sealed class ContentSnifferTests
{
    [Theory]
    [InlineData("FFD8FFE000104A464946", "image/jpeg")]
    [InlineData("89504E470D0A1A0A0000000D", "image/png")]
    [InlineData("474946383961", "image/gif")]
    [InlineData("524946460000000057454250", "image/webp")]
    [InlineData("5249464600000000415649204C495354", "video/x-msvideo")]
    [InlineData("49492A00", "image/tiff")]
    [InlineData("4D4D002A", "image/tiff")]
    [InlineData("424D36000000000000003600000028000000", "image/bmp")]
    [InlineData("0000001C667479706176696600000000", "image/avif")]
    [InlineData("00000018667479706D69663100000000686569630000", "image/heic")]
    [InlineData("00000018667479706D69663100000000617669660000", "image/avif")]
    [InlineData("000000186674797069736F6D00000200", "video/mp4")]
    [InlineData("000000146674797071742020", "video/quicktime")]
    [InlineData("255044462D312E37", "application/pdf")]
    [InlineData("1F8B0800", "application/gzip")]
    [InlineData("4944330400", "audio/mpeg")]
    [InlineData("FFFB9064", "audio/mpeg")]
    [InlineData("1A45DFA39F4286810142F7810142F2810442F381084282847765626D", "video/webm")]
    [InlineData("7F454C4602010100", "application/x-executable")]
    [InlineData("504B0304", "application/zip")]
    public void The_bytes_tell(string hex, string type)
    {
        var head = Convert.FromHexString(hex);
        Assert.Equal(type, ContentSniffer.TypeOf(head, null, "x"));
        Assert.Equal(type, ContentSniffer.TypeOf(head, "text/plain", "x.txt"));
    }

    [Theory]
    [InlineData("report.docx", null, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    [InlineData("sheet.ods", null, "application/vnd.oasis.opendocument.spreadsheet")]
    [InlineData("x", "application/epub+zip", "application/epub+zip")]
    [InlineData("photo.jpg", null, "application/zip")]
    [InlineData("x.txt", "text/plain", "application/zip")]
    public void What_an_archive_is_for_is_told_by_the_client_or_the_name(string name, string? declared, string type) =>
        Assert.Equal(type, ContentSniffer.TypeOf([.. "PK"u8, 3, 4, 0, 0], declared, name));

    [Fact]
    public void An_archive_whose_first_entry_says_what_it_is_needs_no_name()
    {
        var type = "application/epub+zip"u8;
        byte[] head = [.. "PK"u8, 3, 4, .. new byte[14], (byte)type.Length, 0, 0, 0, .. new byte[8], .. "mimetype"u8, .. type, .. "PK"u8];
        Assert.Equal("application/epub+zip", ContentSniffer.TypeOf(head, null, "x"));
    }

    [Theory]
    [InlineData("image/jpeg", "89504E470D0A1A0A", "image/png")]
    [InlineData("image/png", "255044462D312E37", "application/pdf")]
    [InlineData("image/jpeg", "504B0304", "image/jpeg")]
    [InlineData("application/pdf", "1F8B0800", "application/pdf")]
    [InlineData("image/jpeg", "74657874", "image/jpeg")]
    public void What_is_declared_a_picture_and_is_none_stays_one_so_that_its_processing_fails_visibly(
        string declared, string hex, string type) =>
        Assert.Equal(type, ContentSniffer.TypeOf(Convert.FromHexString(hex), declared, "x"));

    [Theory]
    [InlineData("Text/HTML; charset=utf-8", "x.txt", "text/html")]
    [InlineData("application/octet-stream", "x.txt", "text/plain")]
    [InlineData(null, "x.TXT", "text/plain")]
    [InlineData("nonsense", "x.csv", "text/csv")]
    [InlineData("*/*", "x", "application/octet-stream")]
    [InlineData(null, "", "application/octet-stream")]
    [InlineData("", "x.", "application/octet-stream")]
    public void Where_the_bytes_are_silent_the_client_is_believed_and_then_the_name(string? declared, string name, string type) =>
        Assert.Equal(type, ContentSniffer.TypeOf(Encoding.UTF8.GetBytes("plain words"), declared, name));

    [Theory]
    [InlineData("BMW is a car, MZ a mark.")]
    [InlineData("MZ")]
    [InlineData("RIFFraff")]
    [InlineData("")]
    public void Words_are_no_signature(string text) =>
        Assert.Equal(ContentSniffer.Unknown, ContentSniffer.TypeOf(Encoding.UTF8.GetBytes(text), null, "x"));

    [Fact]
    public void Any_few_bytes_are_looked_at_without_a_fall()
    {
        var random = new Random(7);
        byte[][] beginnings = [[], [.. "RIFF"u8], [.. "PK"u8, 3, 4], [0, 0, 0, 255, .. "ftypmif1"u8], [.. "MZ"u8], [.. "BM"u8], [0x1A, 0x45, 0xDF, 0xA3]];
        foreach (var beginning in beginnings)
        {
            for (var length = 0; length < 80; length++)
            {
                var noise = new byte[length];
                random.NextBytes(noise);
                Assert.Contains('/', ContentSniffer.TypeOf([.. beginning, .. noise], null, "x"));
            }
        }
    }
}
