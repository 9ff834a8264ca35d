using System.Text.Json;
using EventFiles.Features.Process;

namespace EventFiles.Features.Tests.Process;

public sealed class ProcessorsTests
{
    private static readonly JobId Job = new(Guid.NewGuid());
    private static readonly ITools Tools = new EveryTool();

    [Theory]
    [InlineData("image/jpeg", "scan, inspect (metadata), renditions (thumbnail resize-1280 resize-640 webp), index")]
    [InlineData("application/pdf", "scan, inspect (metadata), renditions (pdf_thumbnail), text (text), index")]
    [InlineData("application/vnd.oasis.opendocument.text", "scan, text (text), index")]
    [InlineData("application/zip", "scan, index")]
    [InlineData("video/webm", "scan, inspect (metadata), renditions (video_poster video_poster-640x640 video_poster-1280x1280), index")]
    [InlineData("audio/mpeg", "scan, inspect (metadata), renditions (audio_waveform), index")]
    public void What_happens_to_a_new_version_is_one_chain(string contentType, string expected)
    {
        Assert.Equal(expected, string.Join(", ", ProcessChain.Of(contentType, Tools).Select(stage =>
            $"{stage.Stage.ToString().ToLowerInvariant()}{(stage.Variants.Count > 0 ? $" ({string.Join(' ', stage.Variants)})" : "")}")));
        Assert.Equal(contentType != "application/zip", ProcessChain.All(Tools).Any(chain => chain.ContentType == contentType));
        // Each step that is planned stands in it once.
        Assert.Equal(
            ProcessorRegistry.StepsFor(contentType, () => Job, Tools).Select(step => step.Variant).Order(StringComparer.Ordinal),
            ProcessChain.Of(contentType, Tools).SelectMany(stage => stage.Variants).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("watermark", "{\"text\":\"\\ud800\"}")]
    [InlineData("render", "{\"width\":9,\"fit\":\"\\ud800\"}")]
    public void Half_a_letter_is_refused_and_breaks_nothing(string name, string given)
    {
        ProcessorRegistry.Find(name)!.Read(Given(given), out var errors);
        Assert.Single(errors);
    }

    [Theory]
    [InlineData("image/jpeg", "thumbnail 300, resize-1280 1280, resize-640 640, webp 1280, metadata 0")]
    [InlineData("image/heic", "thumbnail 300, resize-1280 1280, resize-640 640, webp 1280, metadata 0")]
    [InlineData("application/pdf", "pdf_thumbnail 300, metadata 0, text 0")]
    [InlineData("application/vnd.oasis.opendocument.text", "text 0")]
    [InlineData("image/svg+xml", "")]
    [InlineData("text/plain", "")]
    [InlineData("application/zip", "")]
    [InlineData("video/mp4", "video_poster 300, video_poster-640x640 640, video_poster-1280x1280 1280, metadata 0")]
    [InlineData("audio/wav", "audio_waveform 600, metadata 0")]
    public void The_type_alone_decides_what_is_made_of_a_new_file(string contentType, string expected) =>
        Assert.Equal(expected, string.Join(", ", ProcessorRegistry.StepsFor(contentType, () => Job, Tools).Select(step => $"{step.Variant} {step.MaxWidth}")));

    [Theory]
    [InlineData("thumbnail", "{}", "thumbnail", 300, 300)]
    [InlineData("thumbnail", """{"width":300,"height":300}""", "thumbnail", 300, 300)]
    [InlineData("thumbnail", """{"width":100,"height":100}""", "thumbnail-100x100", 100, 100)]
    [InlineData("resize", "{}", "resize-1280", 1280, 1280)]
    [InlineData("resize", """{"width":800,"height":800}""", "resize-800", 800, 800)]
    [InlineData("resize", """{"width":800,"height":600,"fit":"cover"}""", "resize-800x600-cover", 800, 600)]
    [InlineData("resize", """{"width":800}""", "resize-800x4096", 800, 4096)]
    [InlineData("webp", """{"height":50}""", "webp-4096x50", 4096, 50)]
    [InlineData("webp", """{"animated":true}""", "webp-animated", 1280, 1280)]
    [InlineData("pdf_thumbnail", """{"page":1}""", "pdf_thumbnail", 300, 300)]
    [InlineData("pdf_preview", """{"page":7,"width":900,"height":900}""", "pdf_preview-900x900-page-7", 900, 900)]
    [InlineData("video_poster", """{"from":12}""", "video_poster-from-12", 300, 300)]
    [InlineData("audio_waveform", "{}", "audio_waveform", 600, 200)]
    [InlineData("audio_waveform", """{"height":100,"format":"webp"}""", "audio_waveform-600x100-webp", 600, 100)]
    [InlineData("render", """{"width":10,"height":20,"format":"avif"}""", "render-10x20-avif", 10, 20)]
    [InlineData("text", "{}", "text", 0, 0)]
    public void What_is_wanted_has_one_name(string name, string options, string variant, int maxWidth, int maxHeight)
    {
        var step = Step(name, options);

        Assert.Equal((Job, name, variant, maxWidth, maxHeight), (step.Job, step.Processor, step.Variant, step.MaxWidth, step.MaxHeight));
    }

    [Fact]
    public void However_they_are_written_the_same_options_are_the_same_text() => Assert.Equal(
        Step("resize", """{"width":800,"fit":"inside"}""").Options,
        Step("resize", """{ "height": 4096, "width": 800 }""").Options);

    [Fact]
    public void What_a_step_says_is_what_was_asked_for()
    {
        foreach (var processor in ProcessorRegistry.All)
        {
            var given = processor.Options.Any(option => option.IsRequired || option.IsOneOf)
                ? """{"text":"draft"}"""
                : "{}";
            var options = processor.Read(Given(given), out var errors);
            Assert.Empty(errors);
            var step = processor.Step(Job, options);

            var again = processor.Step(Job, processor.OptionsOf(step, processor.Personal(options)));

            Assert.Equal(step, again);
            foreach (var type in processor.ContentTypes)
                Assert.Equal(processor.Order(type, options), processor.Order(type, processor.OptionsOf(step, processor.Personal(options))));
        }
    }

    [Fact]
    public void A_step_of_a_former_program_is_read_as_it_was_meant()
    {
        var resize = ProcessorRegistry.Find("resize")!;

        var order = resize.Order("image/png", resize.OptionsOf(new PlannedStep(Job, "resize", "resize-800x4096", 800, 4096), null));

        Assert.Equal(new RenderOrder(RenderSource.Picture, 800, 4096, RenderFormat.Webp), order);
    }

    [Fact]
    public void What_is_personal_is_not_in_the_step()
    {
        var watermark = ProcessorRegistry.Find("watermark")!;
        var options = watermark.Read(Given("""{"text":"Olga","opacity":20}"""), out _);

        var step = watermark.Step(Job, options);

        Assert.DoesNotContain("Olga", step.ToString(), StringComparison.Ordinal);
        Assert.Equal("""{"text":"Olga"}""", watermark.Personal(options));
        Assert.Equal("Olga", watermark.Order("image/png", watermark.OptionsOf(step, watermark.Personal(options))).Mark!.Text);
        // Erased, it is drawn without words, and nothing breaks.
        Assert.Equal("", watermark.Order("image/png", watermark.OptionsOf(step, PersonalAttribute.Erased)).Mark!.Text);
    }

    [Fact]
    public void A_picture_over_a_picture_is_a_version_of_a_file_and_stands_in_the_step()
    {
        var watermark = ProcessorRegistry.Find("watermark")!;
        var options = watermark.Read(Given("""{"picture":"0199A29E-1F20-7314-8253-647586978A9B","size":30,"position":"top-left"}"""), out _);

        Assert.Equal(new MarkPicture(new(Guid.Parse("0199a29e-1f20-7314-8253-647586978a9b")), null), watermark.PictureOver(options));
        var step = watermark.Step(Job, options.With(MarkPicture.VersionOption, 2));
        Assert.Null(watermark.Personal(options));
        Assert.Equal(2, watermark.PictureOver(watermark.OptionsOf(step, null))!.Version);
        Assert.False(step.IsLike(watermark.Step(Job, options.With(MarkPicture.VersionOption, 3))));
        var mark = watermark.Order("image/png", watermark.OptionsOf(step, null)).Mark!;
        Assert.Equal((RenderPosition.TopLeft, 50, 30, ""), (mark.Position, mark.OpacityPercent, mark.WidthPercent, mark.Text));
        // Words have none of it.
        Assert.DoesNotContain("size", watermark.Step(Job, watermark.Read(Given("""{"text":"Olga"}"""), out _)).Options, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "options.text")]
    [InlineData("""{"text":"Olga","picture":"0199a29e-1f20-7314-8253-647586978a9b"}""", "options.text")]
    [InlineData("""{"picture":"logo.png"}""", "options.picture")]
    [InlineData("""{"picture":"0199a29e-1f20-7314-8253-647586978a9b","size":0}""", "options.size")]
    public void A_watermark_is_words_or_a_picture(string given, string wrong)
    {
        ProcessorRegistry.Find("watermark")!.Read(Given(given), out var errors);
        Assert.Equal([wrong], errors.Keys);
        Assert.Equal(
            """[{"required":["text"]},{"required":["picture"]}]""",
            OptionShape.SchemaOf(ProcessorRegistry.Find("watermark")!.Options)["oneOf"]!.ToJsonString());
    }

    [Theory]
    [InlineData("image/jpeg", false)]
    [InlineData("image/heic", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/zip", false)]
    [InlineData("application/pdf", true)]
    [InlineData("application/vnd.oasis.opendocument.text", true)]
    [InlineData("video/mp4", true)]
    [InlineData("audio/wav", true)]
    public void What_takes_long_is_known_by_its_type(string contentType, bool isLong) => Assert.Equal(isLong, ProcessorRegistry.IsLong(contentType));

    [Fact]
    public void Names_are_never_given_twice()
    {
        Assert.Distinct(ProcessorRegistry.All.Select(one => one.Name));
        Assert.All(ProcessorRegistry.All, one => Assert.Matches("^[1-9][0-9]*$", one.Version));
    }

    [Fact]
    public void What_another_version_made_is_stale_and_what_nobody_makes_any_more_is_not()
    {
        Assert.True(ProcessorRegistry.IsStale("thumbnail", "0"));
        Assert.False(ProcessorRegistry.IsStale("thumbnail", ProcessorRegistry.Find("thumbnail")!.Version));
        Assert.False(ProcessorRegistry.IsStale("thumbnail", null));
        Assert.False(ProcessorRegistry.IsStale("daguerreotype", "1"));
    }

    private static PlannedStep Step(string name, string options)
    {
        var processor = ProcessorRegistry.Find(name)!;
        var read = processor.Read(Given(options), out var errors);
        Assert.Empty(errors);
        return processor.Step(Job, read);
    }

    private static Dictionary<string, JsonElement> Given(string options) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(options)!;
}

/// <summary>All that there is is installed.</summary>
internal sealed class EveryTool : ITools
{
    public bool Has(string program) => true;
}
