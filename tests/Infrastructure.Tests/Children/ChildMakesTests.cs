using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EventFiles.Infrastructure.Children;

namespace EventFiles.Infrastructure.Tests.Children;

/// <summary>What else is made than thumbnails: texts, facts, lists, and pictures that are compared by their pixels.</summary>
public sealed class ChildMakesTests : IAsyncDisposable
{
    private readonly ChildRenderer renderer = new(new("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventFiles.RenderingChild.dll")]));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Words_are_written_where_they_are_wanted_and_nowhere_else()
    {
        var white = Samples.Plain(600, 400, [255, 255, 255], ".png");
        var order = new RenderOrder(RenderSource.Picture, 600, 400, RenderFormat.Png)
        {
            Mark = new RenderMark("<b>Olga & Co</b>", RenderPosition.BottomRight, 100),
        };

        var bottom = Samples.File(await Bytes(white, order), ".png");
        var top = Samples.File(await Bytes(white, order with { Mark = order.Mark with { Position = RenderPosition.TopLeft } }), ".png");
        var faint = Samples.File(await Bytes(white, order with { Mark = order.Mark with { OpacityPercent = 10 } }), ".png");

        Assert.InRange(Samples.Darkest(bottom, 300, 200, 300, 200), 0, 60);
        Assert.Equal(255, Samples.Darkest(bottom, 0, 0, 300, 200));
        Assert.InRange(Samples.Darkest(top, 0, 0, 300, 200), 0, 60);
        Assert.Equal(255, Samples.Darkest(top, 300, 200, 300, 200));
        Assert.InRange(Samples.Darkest(faint, 300, 200, 300, 200), 200, 254);
    }

    [Fact]
    public async Task A_picture_is_laid_over_where_it_is_wanted_and_nowhere_else()
    {
        var white = Samples.Plain(600, 400, [255, 255, 255], ".png");
        var red = Samples.Plain(50, 25, [255, 0, 0], ".png");
        RenderOrder With(byte[] picture, RenderPosition position = RenderPosition.BottomRight, int opacity = 100, int size = 20) =>
            new(RenderSource.Picture, 600, 400, RenderFormat.Png) { Mark = new RenderMark("", position, opacity) { WidthPercent = size, Picture = picture } };

        // A fifth of 600 pixels is 120, and 10 are left free at the edges.
        var bottom = Samples.File(await Bytes(white, With(red)), ".png");
        Colours(bottom, 472, 332, 255, 0, 0);
        Colours(bottom, 588, 388, 255, 0, 0);
        foreach (var (x, y) in new[] { (467, 360), (593, 360), (530, 326), (530, 394) })
            Colours(bottom, x, y, 255, 255, 255);

        var top = Samples.File(await Bytes(white, With(red, RenderPosition.TopLeft, size: 50)), ".png");
        Colours(top, 12, 12, 255, 0, 0);
        Colours(top, 307, 157, 255, 0, 0);
        Colours(top, 314, 80, 255, 255, 255);
        Colours(top, 5, 5, 255, 255, 255);

        // How opaque it is, and what of it is transparent.
        Colours(Samples.File(await Bytes(white, With(red, opacity: 40)), ".png"), 530, 360, 255, 153, 153, give: 1);
        var half = Samples.File(await Bytes(white, With(Samples.HalfThere(50, 25, [0, 0, 255]), RenderPosition.Centre)), ".png");
        Colours(half, 270, 200, 255, 255, 255);
        Colours(half, 330, 200, 0, 0, 255);

        // A tall one keeps its proportions and stays within.
        var tall = Samples.File(await Bytes(white, With(Samples.Plain(20, 2000, [0, 128, 0], ".png"))), ".png");
        Colours(tall, 588, 14, 0, 128, 0);
        Colours(tall, 588, 385, 0, 128, 0);
        Colours(tall, 588, 5, 255, 255, 255);
        Colours(tall, 580, 200, 255, 255, 255);

        // Of what moves the first frame is taken, on either side; a JPEG is as good as a PNG, below and above.
        var moving = await Made(Samples.Moving(60, 60, 3, ".gif"), With(Samples.Moving(30, 30, 2, ".gif")));
        Assert.Equal((60, 60), (moving.Width, moving.Height));
        Assert.DoesNotContain("n-pages: 3", Samples.Describe(moving.Content), StringComparison.Ordinal);
        var photo = Samples.File(await Bytes(
            Samples.Plain(600, 400, [255, 255, 255], ".jpg"), With(Samples.Convert(red, ".jpg[Q=95]")) with { Format = RenderFormat.Jpeg }), ".jpg");
        Colours(photo, 530, 360, 255, 0, 0, give: 12);
        Colours(photo, 200, 100, 255, 255, 255, give: 2);
    }

    [Fact]
    public async Task Without_the_picture_that_is_to_be_laid_over_it_nothing_is_made_and_the_child_lives()
    {
        var white = Samples.Plain(60, 40, [255, 255, 255], ".png");
        var red = Samples.Picture(500, 500, ".png");
        async Task<string> Fails(byte[] picture) => Assert.IsType<Rendering.Failed>(await renderer.Render(
            new MemoryStream(white),
            new(RenderSource.Picture, 60, 40, RenderFormat.Png) { Mark = new RenderMark("", default, 100) { WidthPercent = 20, Picture = picture } },
            Cancel)).Code;

        var first = await Fails(red[..(red.Length / 2)]);
        var child = Assert.Single(renderer.IdleProcesses);
        Assert.Equal("mark-corrupt", first);
        Assert.Equal("mark-corrupt", await Fails([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
        Assert.Equal("mark-corrupt", await Fails([.. red[..100], .. new byte[2000]]));
        Assert.Equal("mark-too-many-pixels", await Fails(Samples.Bomb(20_000)));
        await Made(white, new(RenderSource.Picture, 60, 40, RenderFormat.Png));
        Assert.Equal(child, Assert.Single(renderer.IdleProcesses));
    }

    [Fact]
    public async Task A_box_that_is_to_be_filled_is_filled_from_the_middle()
    {
        var made = await Made(Samples.Picture(800, 200, ".png"), new(RenderSource.Picture, 100, 100, RenderFormat.Png) { Covers = true });

        Assert.Equal((100, 100), (made.Width, made.Height));
        // The first band of the sample grows with x: the middle of it is left.
        Assert.InRange(Samples.Point(Samples.File(Read(made), ".png"), 0, 50)[0], 0, 255);
        Assert.Contains("100x100", Samples.Describe(new MemoryStream(Read(made))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Colours_of_other_spaces_come_out_as_they_look()
    {
        var press = Samples.InSpace(Samples.Plain(100, 100, [200, 120, 40], ".png"), "cmyk", ".jpg");

        var picture = Samples.File(await Bytes(press, new(RenderSource.Picture, 100, 100, RenderFormat.Png)), ".png");

        var seen = Samples.Point(picture, 50, 50);
        Assert.Equal(3, seen.Length);
        Assert.All(seen.Zip([200, 120, 40]), pair => Assert.InRange(pair.First, pair.Second - 25, pair.Second + 25));
    }

    [Theory]
    [InlineData(".gif", true, 3)]
    [InlineData(".gif", false, 1)]
    public async Task A_picture_that_moves_goes_on_moving_where_that_is_wanted(string suffix, bool isAnimated, int frames)
    {
        var moving = Samples.Moving(60, 60, 3, suffix);

        var made = await Made(moving, new(RenderSource.Picture, 30, 30, RenderFormat.Webp) { IsAnimated = isAnimated });

        Assert.Equal((30, 30), (made.Width, made.Height));
        var described = Samples.Describe(made.Content);
        Assert.Equal(frames > 1, described.Contains($"n-pages: {frames}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_avif_is_written_and_read_again()
    {
        var avif = await Made(Samples.Picture(400, 300, ".png"), new(RenderSource.Picture, 200, 200, RenderFormat.Avif));
        Assert.Equal(("image/avif", 200, 150), (avif.ContentType, avif.Width, avif.Height));

        var again = await Made(Read(avif), new(RenderSource.Picture, 100, 100, RenderFormat.Jpeg));

        Assert.Equal((100, 75), (again.Width, again.Height));
    }

    [Fact]
    public async Task A_photo_tells_what_it_is_and_neither_where_nor_whose()
    {
        var facts = await Json(Samples.Photo(400, 200), RenderSource.PictureFacts);

        // It is to be turned.
        Assert.Equal(("jpeg", 200, 400, 1), (
            facts.GetProperty("format").GetString(), facts.GetProperty("width").GetInt32(), facts.GetProperty("height").GetInt32(),
            facts.GetProperty("frames").GetInt32()));
        Assert.DoesNotContain(Samples.Canary, facts.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_tells_its_pages_and_any_of_them_is_drawn()
    {
        var document = Samples.Pdf(595, 842, pages: 3);

        Assert.Equal(3, (await Json(document, RenderSource.PdfFacts)).GetProperty("pages").GetInt32());
        var third = await Made(document, new(RenderSource.PdfPage, 300, 300, RenderFormat.Jpeg) { Page = 3 });
        Assert.Equal(300, third.Height);
        Assert.Equal("no-such-page", await Failure(document, new(RenderSource.PdfPage, 300, 300, RenderFormat.Jpeg) { Page = 4 }));
    }

    [Fact]
    public async Task Words_come_out_of_every_kind_of_document()
    {
        var text = new RenderOrder(RenderSource.OfficeText, 0, 0, RenderFormat.Text);

        Assert.Equal("Grüße\naus Bremen\n", await Text(Samples.Docx("Grüße", "aus Bremen"), text));
        Assert.Equal("one\ttwo\n", await Text(Samples.Zip(("content.xml", "<d><p>one<tab/>two</p></d>")), text));
        Assert.Equal("first\nsecond\n", await Text(Samples.Zip(
            ("ppt/slides/slide10.xml", "<s><p><t>second</t></p></s>"), ("ppt/slides/slide2.xml", "<s><p><t>first</t></p></s>")), text));
        Assert.Equal("shared\n7\t\n", await Text(Samples.Zip(
            ("xl/worksheets/sheet1.xml", "<w><row><c t='s'><v>0</v></c><c><v>7</v></c></row></w>"),
            ("xl/sharedStrings.xml", "<sst><si><t>shared</t></si></sst>")), text));
        Assert.Equal("corrupt", await Failure(Samples.Zip(("readme.txt", "no document")), text));
        Assert.Equal("corrupt", await Failure(Samples.Zip(("content.xml", "<!DOCTYPE d [<!ENTITY a 'b'>]><d>&a;</d>")), text));

        var plain = text with { Source = RenderSource.PlainText };
        Assert.Equal("Grüße", await Text(Encoding.UTF8.GetBytes("Grüße\0"), plain));
        Assert.Equal("Grüße", await Text([0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Grüße")], plain));
        Assert.Equal("Grüße", await Text(Encoding.Latin1.GetBytes("Grüße"), plain));
        Assert.Equal("", await Text([], plain));
        Assert.Equal(1 << 20, (await Bytes(Encoding.UTF8.GetBytes(new string('ä', 3 << 20)), plain)).Length);

        Assert.Contains("Hello from a page", await Text(Samples.PdfWithWords("Hello from a page"), text with { Source = RenderSource.PdfText }), StringComparison.Ordinal);
        Assert.Equal("", (await Text(Samples.Pdf(100, 100), text with { Source = RenderSource.PdfText })).Trim());
    }

    [Fact]
    public async Task Archives_are_listed_and_not_unpacked()
    {
        var zip = await Json(Samples.Zip(("a/", ""), ("a/b.txt", "four")), RenderSource.Archive);
        Assert.Equal(("zip", 2, 4), (zip.GetProperty("format").GetString(), zip.GetProperty("entryCount").GetInt32(), zip.GetProperty("totalSize").GetInt32()));
        Assert.Equal("a/b.txt", zip.GetProperty("entries")[1].GetProperty("name").GetString());
        Assert.True(zip.GetProperty("entries")[0].GetProperty("isFolder").GetBoolean());

        var tar = await Json(Samples.TarGz(("x.txt", "twelve bytes")), RenderSource.Archive);
        Assert.Equal(("tar.gz", 12), (tar.GetProperty("format").GetString(), tar.GetProperty("entries")[0].GetProperty("size").GetInt32()));

        var many = await Json(Samples.Zip([.. Enumerable.Range(0, 10_001).Select(n => ($"{n}", ""))]), RenderSource.Archive);
        Assert.Equal((10_000, true), (many.GetProperty("entryCount").GetInt32(), many.GetProperty("isCut").GetBoolean()));
    }

    // Made by chance, of one seed: what fails once fails again.
    [Fact]
    public async Task Whatever_comes_ends_soon_and_harms_nobody()
    {
        var all = HostileFiles.All(seed: 20_261_127);
        Assert.Equal(HostileFiles.Count, all.DistinctBy(file => file.Name + file.Order).Count());
        // Every fifth: some of each type, of each way and of what somebody has thought about.
        var hostile = Environment.GetEnvironmentVariable("EVENTFILES_LONG") is { Length: > 0 } ? all : [.. all.Where((_, number) => number % 5 == 0)];
        var ends = new ConcurrentBag<(TimeSpan Took, string Name, string End)>();
        var since = Stopwatch.StartNew();

        await Parallel.ForEachAsync(hostile, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = Cancel }, async (file, cancel) =>
        {
            var bytes = file.Make();
            var watch = Stopwatch.StartNew();
            var end = await renderer.Render(new MemoryStream(bytes), file.Order, cancel);
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{file.Name} took {watch.Elapsed}.");
            Assert.True(end is Rendering.Made or Rendering.Failed { Code.Length: > 0 }, file.Name);
            if (end is Rendering.Made made)
                Assert.True(made.Content.Length <= 32 << 20 && made.ContentType == file.Order.ContentType, file.Name);
            ends.Add((watch.Elapsed, file.Name, end is Rendering.Failed failed ? failed.Code : "made"));
        });

        var (slowest, name, _) = ends.Max();
        TestContext.Current.SendDiagnosticMessage(
            "{0} hostile files in {1}; the slowest, {2}, took {3}. {4}", ends.Count, since.Elapsed, name, slowest,
            string.Join(", ", ends.CountBy(one => one.End).OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} {one.Value}")));
        Assert.InRange(renderer.IdleProcesses.Count, 0, 4);
        Assert.IsType<Rendering.Made>(await renderer.Render(
            new MemoryStream(Samples.Picture(40, 30, ".jpg")), new(RenderSource.Picture, 20, 20, RenderFormat.Jpeg), Cancel));
    }

    public ValueTask DisposeAsync() => renderer.DisposeAsync();

    private async Task<Rendering.Made> Made(byte[] original, RenderOrder order)
    {
        var end = await renderer.Render(new MemoryStream(original), order, Cancel);
        return Assert.IsType<Rendering.Made>(end);
    }

    private async Task<string?> Failure(byte[] original, RenderOrder order) =>
        (await renderer.Render(new MemoryStream(original), order, Cancel) as Rendering.Failed)?.Code;

    private async Task<byte[]> Bytes(byte[] original, RenderOrder order) => Read(await Made(original, order));

    private async Task<string> Text(byte[] original, RenderOrder order) => Encoding.UTF8.GetString(await Bytes(original, order));

    private async Task<JsonElement> Json(byte[] original, RenderSource source) =>
        JsonSerializer.Deserialize<JsonElement>(await Bytes(original, new(source, 0, 0, RenderFormat.Json)));

    private static byte[] Read(Rendering.Made made)
    {
        made.Content.Position = 0;
        using var all = new MemoryStream();
        made.Content.CopyTo(all);
        return all.ToArray();
    }

    private static void Colours(string file, int x, int y, int red, int green, int blue, int give = 0)
    {
        var seen = Samples.Point(file, x, y);
        foreach (var (value, wanted) in seen.Zip([red, green, blue]))
            Assert.InRange(value, wanted - give, wanted + give);
    }
}
