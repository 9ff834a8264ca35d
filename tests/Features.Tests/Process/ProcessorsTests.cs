using EventFiles.Features.Process;

namespace EventFiles.Features.Tests.Process;

public sealed class ProcessorsTests
{
    private static readonly JobId Job = new(Guid.NewGuid());

    [Theory]
    [InlineData("image/jpeg", "thumbnail 300, resize-1280 1280, resize-640 640, webp 1280")]
    [InlineData("image/heic", "thumbnail 300, resize-1280 1280, resize-640 640, webp 1280")]
    [InlineData("application/pdf", "pdf_thumbnail 300")]
    [InlineData("image/svg+xml", "")]
    [InlineData("text/plain", "")]
    public void The_type_alone_decides_what_is_made_of_a_new_file(string contentType, string expected) =>
        Assert.Equal(expected, string.Join(", ", Processors.StepsFor(contentType, () => Job).Select(step => $"{step.Variant} {step.MaxWidth}")));

    [Theory]
    [InlineData("thumbnail", null, null, "thumbnail", 300, 300)]
    [InlineData("thumbnail", 300, 300, "thumbnail", 300, 300)]
    [InlineData("thumbnail", 100, 100, "thumbnail-100x100", 100, 100)]
    [InlineData("resize", null, null, "resize-1280", 1280, 1280)]
    [InlineData("resize", 800, 800, "resize-800", 800, 800)]
    [InlineData("resize", 800, 600, "resize-800x600", 800, 600)]
    [InlineData("resize", 800, null, "resize-800x4096", 800, 4096)]
    [InlineData("webp", null, 50, "webp-4096x50", 4096, 50)]
    public void A_wanted_size_has_one_name(string name, int? width, int? height, string variant, int maxWidth, int maxHeight) =>
        Assert.Equal(new PlannedStep(Job, name, variant, maxWidth, maxHeight), Processors.Find(name)!.Step(Job, width, height));
}
