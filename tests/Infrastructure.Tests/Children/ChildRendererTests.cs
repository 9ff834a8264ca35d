using System.Diagnostics;
using System.Globalization;
using System.Text;
using EventFiles.Infrastructure.Children;
using EventFiles.Infrastructure.Tests.ObjectStorage;

namespace EventFiles.Infrastructure.Tests.Children;

/// <summary>Real pictures and documents through real children.</summary>
public sealed class ChildRendererTests : IAsyncDisposable
{
    private static readonly ChildOptions Options = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "EventFiles.RenderingChild.dll")]);
    private static readonly RenderOrder Thumbnail = new(RenderSource.Picture, 300, 300, RenderFormat.Jpeg);
    private static readonly RenderOrder FirstPage = new(RenderSource.PdfPage, 300, 300, RenderFormat.Jpeg);
    private readonly List<ChildRenderer> renderers = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1200, 800, 300, 200)]
    [InlineData(800, 1200, 200, 300)]
    [InlineData(100, 50, 100, 50)]
    public async Task A_picture_is_made_smaller_in_proportion_and_never_larger(int width, int height, int newWidth, int newHeight)
    {
        var made = await Made(Samples.Picture(width, height, ".png"), Thumbnail);

        Assert.Equal(("image/jpeg", newWidth, newHeight), (made.ContentType, made.Width, made.Height));
        Assert.Contains($"{newWidth}x{newHeight}", Samples.Describe(made.Content), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".jpg")]
    [InlineData(".png")]
    [InlineData(".webp")]
    [InlineData(".gif")]
    [InlineData(".tif")]
    public async Task Every_usual_type_is_read(string suffix)
    {
        var made = await Made(Samples.Picture(640, 480, suffix), Thumbnail);

        Assert.Equal((300, 225), (made.Width, made.Height));
    }

    [Theory]
    [InlineData(RenderFormat.Jpeg, "image/jpeg", "jpegload")]
    [InlineData(RenderFormat.Png, "image/png", "pngload")]
    [InlineData(RenderFormat.Webp, "image/webp", "webpload")]
    public async Task Every_format_is_written(RenderFormat format, string contentType, string loader)
    {
        var made = await Made(Samples.Picture(640, 480, ".png"), Thumbnail with { Format = format });

        Assert.Equal(contentType, made.ContentType);
        Assert.Contains(loader, Samples.Describe(made.Content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_takes_long_leaves_the_place_of_a_small_picture_free()
    {
        await using var one = new ChildRenderer(Options with { Children = 1 });
        var slow = new SlowStream(Samples.Pdf(200, 200));

        var page = one.Render(slow, new(RenderSource.PdfPage, 100, 100, RenderFormat.Jpeg), Cancel);
        await slow.Wanted;
        Assert.IsType<Rendering.Made>(await one.Render(
            new MemoryStream(Samples.Picture(40, 30, ".jpg")), new(RenderSource.Picture, 20, 20, RenderFormat.Jpeg), Cancel));
        Assert.False(page.IsCompleted);

        slow.GoOn();
        Assert.IsType<Rendering.Made>(await page);
    }

    [Fact]
    public async Task A_photo_is_turned_upright()
    {
        var made = await Made(Samples.Photo(1200, 800), Thumbnail);

        Assert.Equal((200, 300), (made.Width, made.Height));
    }

    [Theory]
    [InlineData(".jpg", RenderFormat.Jpeg)]
    [InlineData(".jpg", RenderFormat.Png)]
    [InlineData(".jpg", RenderFormat.Webp)]
    [InlineData(".png", RenderFormat.Png)]
    [InlineData(".webp", RenderFormat.Webp)]
    [InlineData(".tif", RenderFormat.Webp)]
    public async Task No_metadata_survives(string suffix, RenderFormat format)
    {
        var photo = Samples.Photo(400, 200);
        var original = suffix is ".jpg" ? photo : Samples.Convert(photo, suffix);
        Assert.Contains(Samples.Canary, Encoding.Latin1.GetString(original), StringComparison.Ordinal);

        var made = await Made(original, Thumbnail with { Format = format });

        var bytes = Bytes(made);
        foreach (var trace in (string[])[Samples.Canary, "eXIf", "XMP", "xmpmeta", "ICCP", "iCCP"])
            Assert.DoesNotContain(trace, bytes, StringComparison.Ordinal);

        // The WebP writer adds a fresh EXIF block with the resolution; nothing of the original's may be in it.
        made.Content.Position = 0;
        var described = Samples.Describe(made.Content);
        foreach (var trace in (string[])["GPS", "ImageDescription", "xmp", "comment"])
            Assert.DoesNotContain(trace, described, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task What_is_transparent_becomes_white_where_the_format_knows_no_transparency()
    {
        var transparent = Samples.Transparent(400, 400);

        var jpeg = await Made(transparent, Thumbnail);
        var webp = await Made(transparent, Thumbnail with { Format = RenderFormat.Webp });

        Assert.Equal("255", Pixel(jpeg));
        Assert.Contains("4 bands", Samples.Describe(webp.Content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_photo_is_corrupt_and_not_half_grey()
    {
        var whole = Samples.Picture(1200, 800, ".jpg");

        Assert.Equal("corrupt", await Failure(whole[..(whole.Length * 6 / 10)], Thumbnail));
    }

    [Fact]
    public async Task Noise_that_begins_like_a_picture_is_corrupt()
    {
        var noise = new byte[50_000];
        new Random(7).NextBytes(noise);

        Assert.Equal("corrupt", await Failure([0x89, .. "PNG\r\n\x1a\n"u8, .. noise], Thumbnail));
        Assert.Equal("corrupt", await Failure([0xFF, 0xD8, 0xFF, .. noise], Thumbnail));
        Assert.Equal("corrupt", await Failure([.. "RIFF\0\0\0\0WEBP"u8, .. noise], Thumbnail));
        Assert.Equal("corrupt", await Failure([.. "\0\0\0\x18ftypheic"u8, .. noise], Thumbnail));
        Assert.Equal("corrupt", await Failure(noise, Thumbnail));
        Assert.Equal("corrupt", await Failure([], Thumbnail));
    }

    [Fact]
    public async Task Types_that_could_reach_outside_are_never_read_as_pictures()
    {
        Assert.Equal("corrupt", await Failure(Samples.Pdf(100, 100), Thumbnail));
        Assert.Equal("corrupt", await Failure("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"u8.ToArray(), Thumbnail));
    }

    [Fact]
    public async Task A_pixel_bomb_is_refused_by_its_header()
    {
        var bomb = Samples.Bomb(60_000);
        Assert.InRange(bomb.Length, 1, 1 << 20);
        await using var renderer = Renderer(Options);
        await renderer.Render(new MemoryStream(bomb), Thumbnail, Cancel);

        var watch = Stopwatch.StartNew();
        Assert.Equal("too-many-pixels", (await renderer.Render(new MemoryStream(bomb), Thumbnail, Cancel) as Rendering.Failed)?.Code);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_file_that_is_too_large_is_refused_whether_or_not_its_length_is_known()
    {
        var options = Options with { MaxInputBytes = 100_000 };
        var renderer = Renderer(options);

        Assert.Equal("too-large", Code(await renderer.Render(new MemoryStream(new byte[100_001]), Thumbnail, Cancel)));
        Assert.Equal("too-large", Code(await renderer.Render(new Dribble(new byte[100_001]), Thumbnail, Cancel)));
        Assert.IsType<Rendering.Made>(await renderer.Render(new Dribble(Samples.Picture(400, 300, ".jpg")), Thumbnail, Cancel));
    }

    [Fact]
    public async Task A_picture_that_takes_too_much_memory_is_refused()
    {
        var renderer = Renderer(Options with { MemoryBytes = 128 << 20 });
        var interlaced = Samples.Picture(9000, 9000, ".png[interlace,compression=1]");

        Assert.Equal("too-hungry", Code(await renderer.Render(new MemoryStream(interlaced), Thumbnail, Cancel)));
        Assert.IsType<Rendering.Made>(await renderer.Render(new MemoryStream(Samples.Picture(400, 300, ".jpg")), Thumbnail, Cancel));
    }

    [Theory]
    [InlineData(595, 842, 212, 300)]
    [InlineData(842, 595, 300, 212)]
    public async Task The_first_page_of_a_document_becomes_a_picture(int width, int height, int newWidth, int newHeight)
    {
        var made = await Made(Samples.Pdf(width, height, pages: 3), FirstPage);

        Assert.Equal("image/jpeg", made.ContentType);
        Assert.InRange(made.Width, newWidth - 1, newWidth + 1);
        Assert.InRange(made.Height, newHeight - 1, newHeight + 1);
        Assert.Contains($"{made.Width}x{made.Height}", Samples.Describe(made.Content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_is_written_in_other_formats_and_shapes_too()
    {
        var made = await Made(Samples.Pdf(595, 842), new(RenderSource.PdfPage, 200, 100, RenderFormat.Webp));

        Assert.Equal("image/webp", made.ContentType);
        Assert.Equal(100, made.Height);
    }

    [Fact]
    public async Task A_page_of_any_size_costs_no_more()
    {
        var made = await Made(Samples.Pdf(14_400, 14_400), FirstPage);

        Assert.Equal((300, 300), (made.Width, made.Height));
    }

    [Fact]
    public async Task Garbage_is_no_document()
    {
        var noise = new byte[100_000];
        new Random(7).NextBytes(noise);

        Assert.Equal("corrupt", await Failure([.. "%PDF-1.7\n"u8, .. noise], FirstPage));
        Assert.Equal("corrupt", await Failure([], FirstPage));
        Assert.Equal("corrupt", await Failure(Samples.Pdf(100, 100, pages: 0), FirstPage));
    }

    [Fact]
    public async Task A_hundred_pictures_at_once()
    {
        var renderer = Renderer(Options);
        var (picture, document) = (Samples.Picture(1600, 1200, ".jpg"), Samples.Pdf(595, 842));

        var renderings = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => number % 5 == 0
            ? renderer.Render(new MemoryStream(document), FirstPage, Cancel)
            : renderer.Render(new MemoryStream(picture), Thumbnail with { MaxWidth = 100 + number }, Cancel)));

        Assert.All(renderings, rendering => Assert.IsType<Rendering.Made>(rendering));
        for (var number = 1; number < 100; number += number % 5 == 4 ? 2 : 1)
            Assert.Equal(100 + number, ((Rendering.Made)renderings[number]).Width);
        Assert.InRange(renderer.IdleProcesses.Count, 1, Options.Children);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_child_that_hangs_is_killed_with_all_that_it_started(bool usesBubblewrap)
    {
        var renderer = Renderer(Options with { Timeout = TimeSpan.FromSeconds(1), Children = 1, UsesBubblewrap = usesBubblewrap });
        var picture = Samples.Picture(400, 300, ".jpg");
        // On a busy machine the first may itself be too slow.
        await Wait.Until(async () => await renderer.Render(new MemoryStream(picture), Thumbnail, Cancel) is Rendering.Made, "a child");
        var processes = Tree(Assert.Single(renderer.IdleProcesses));
        Assert.All(processes, one => Signal(one, "STOP"));

        Assert.Equal("too-slow", Code(await renderer.Render(new MemoryStream(picture), Thumbnail, Cancel)));

        await AreGone(processes);
        await Wait.Until(async () => await renderer.Render(new MemoryStream(picture), Thumbnail, Cancel) is Rendering.Made, "another child");
    }

    [Fact]
    public async Task An_endless_job_is_stopped_by_the_limit_on_processor_time()
    {
        var renderer = Renderer(Options with { CpuSeconds = 0, Timeout = TimeSpan.FromMinutes(2) });

        Assert.Equal("too-slow", Code(await renderer.Render(
            new MemoryStream(Samples.Picture(9900, 9900, ".png[compression=1]")), Thumbnail with { Format = RenderFormat.Png, MaxWidth = 9000, MaxHeight = 9000 }, Cancel)));
    }

    [Fact]
    public async Task A_child_that_was_killed_is_replaced_and_its_job_done_again()
    {
        var renderer = Renderer(Options with { Children = 1 });
        var picture = Samples.Picture(1600, 1200, ".jpg");
        await renderer.Render(new MemoryStream(picture), Thumbnail, Cancel);
        var processes = Tree(Assert.Single(renderer.IdleProcesses));

        // Stopped first, so that the kill certainly comes in the middle of the job.
        Assert.All(processes, one => Signal(one, "STOP"));
        var rendering = renderer.Render(new MemoryStream(picture), Thumbnail, Cancel);
        Assert.All(processes, one => Signal(one, "KILL"));

        Assert.IsType<Rendering.Made>(await rendering);
        await AreGone(processes);
    }

    [Fact]
    public async Task A_file_that_breaks_two_children_is_to_blame()
    {
        var renderer = Renderer(new("/bin/sh", ["-c", Speaking("head -c 4 > /dev/null; kill -SEGV $$")]));

        Assert.Equal("crashed", Code(await renderer.Render(new MemoryStream(new byte[100]), Thumbnail, Cancel)));
    }

    [Fact]
    public async Task What_a_child_says_is_not_trusted()
    {
        foreach (var lie in (string[])[@"printf '\377\377\377\177'", @"printf '\0\0\0\200'", @"printf '\2\0\0\0{}'", @"printf '\5\0\0\0hello'"])
        {
            var renderer = Renderer(new("/bin/sh", ["-c", Speaking(lie + "; sleep 100")]));

            Assert.Equal("crashed", Code(await renderer.Render(new MemoryStream(new byte[100]), Thumbnail, Cancel)));
        }
    }

    [Fact]
    public async Task A_cancelled_job_leaves_no_process()
    {
        var renderer = Renderer(Options with { Children = 1 });
        var picture = Samples.Picture(400, 300, ".jpg");
        await renderer.Render(new MemoryStream(picture), Thumbnail, Cancel);
        var processes = Tree(Assert.Single(renderer.IdleProcesses));
        Assert.All(processes, one => Signal(one, "STOP"));
        using var cancelled = new CancellationTokenSource();

        var rendering = renderer.Render(new MemoryStream(picture), Thumbnail, cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rendering);
        await AreGone(processes);
    }

    [Fact]
    public async Task A_broken_original_is_the_storages_fault()
    {
        var renderer = Renderer(Options);

        await Assert.ThrowsAsync<IOException>(() => renderer.Render(new Dribble(new byte[90_000], breaks: true), Thumbnail, Cancel));

        Assert.IsType<Rendering.Made>(await renderer.Render(new MemoryStream(Samples.Picture(400, 300, ".jpg")), Thumbnail, Cancel));
    }

    [Theory]
    [InlineData("/nonexistent/program")]
    [InlineData("/bin/false")]
    public Task A_missing_program_is_nobodys_fault(string program) =>
        Assert.ThrowsAsync<TransientException>(() => Renderer(new(program, [])).Render(new MemoryStream([1]), Thumbnail, Cancel));

    [Fact]
    public async Task A_child_is_replaced_after_its_share_of_jobs()
    {
        var renderer = Renderer(Options with { Children = 1, JobsPerChild = 2 });
        var picture = Samples.Picture(40, 30, ".jpg");
        await renderer.Render(new MemoryStream(picture), Thumbnail, Cancel);
        Assert.Single(renderer.IdleProcesses);

        await renderer.Render(new MemoryStream(picture), Thumbnail, Cancel);

        Assert.Empty(renderer.IdleProcesses);
        Assert.IsType<Rendering.Made>(await renderer.Render(new MemoryStream(picture), Thumbnail, Cancel));
    }

    [Fact]
    public async Task Children_that_nobody_needs_are_stopped()
    {
        var renderer = Renderer(Options with { IdleAfter = TimeSpan.FromMilliseconds(50) });
        await renderer.Render(new MemoryStream(Samples.Picture(40, 30, ".jpg")), Thumbnail, Cancel);

        await Eventually(() => renderer.IdleProcesses.Count == 0);
    }

    [Fact]
    public async Task Documents_are_rendered_within_the_weaker_walls_too() => Assert.IsType<Rendering.Made>(
        await Renderer(Options with { UsesBubblewrap = false }).Render(new MemoryStream(Samples.Pdf(595, 842)), FirstPage, Cancel));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_child_has_little_of_its_parents(bool usesBubblewrap)
    {
        Environment.SetEnvironmentVariable("SECRET_OF_THE_PARENT", Samples.Canary);
        var renderer = Renderer(Options with { Children = 1, UsesBubblewrap = usesBubblewrap });
        await renderer.Render(new MemoryStream(Samples.Picture(40, 30, ".jpg")), Thumbnail, Cancel);
        var child = Tree(Assert.Single(renderer.IdleProcesses))[^1];

        Assert.DoesNotContain("SECRET", await File.ReadAllTextAsync($"/proc/{child}/environ", Cancel), StringComparison.Ordinal);
        var limits = await File.ReadAllTextAsync($"/proc/{child}/limits", Cancel);
        Assert.Matches(@"Max file size +0 +0 ", limits);
        Assert.Matches(@"Max core file size +0 +0 ", limits);
        Assert.Matches($@"Max data size +{Options.MemoryBytes} ", limits);
        Assert.Matches(@"Max cpu time +\d+ ", limits);
        Assert.Equal("10", (await File.ReadAllTextAsync($"/proc/{child}/stat", Cancel)).Split(')')[^1].Split(' ')[17]);

        // Not even a path to the network: nothing but the loopback device, and that one down.
        Assert.DoesNotContain("eth", await File.ReadAllTextAsync($"/proc/{child}/net/dev", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Children_end_with_the_renderer()
    {
        var renderer = Renderer(Options);
        await renderer.Render(new MemoryStream(Samples.Picture(40, 30, ".jpg")), Thumbnail, Cancel);
        var processes = Tree(Assert.Single(renderer.IdleProcesses));

        await renderer.DisposeAsync();

        await AreGone(processes);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var renderer in renderers)
            await renderer.DisposeAsync();
    }

    private ChildRenderer Renderer(ChildOptions options)
    {
        var renderer = new ChildRenderer(options);
        renderers.Add(renderer);
        return renderer;
    }

    private async Task<Rendering.Made> Made(byte[] original, RenderOrder order) =>
        Assert.IsType<Rendering.Made>(await Renderer(Options).Render(new MemoryStream(original), order, Cancel));

    private async Task<string?> Failure(byte[] original, RenderOrder order) =>
        Code(await Renderer(Options).Render(new MemoryStream(original), order, Cancel));

    private static string? Code(Rendering rendering) => (rendering as Rendering.Failed)?.Code;

    private static string Bytes(Rendering.Made made)
    {
        using var all = new MemoryStream();
        made.Content.CopyTo(all);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    // The first value of the pixel in the middle.
    private static string Pixel(Rendering.Made made)
    {
        var file = Path.GetTempFileName();
        try
        {
            using (var copy = File.Create(file))
                made.Content.CopyTo(copy);
            using var tool = Process.Start(new ProcessStartInfo("vips", ["getpoint", file, "150", "150"])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            })!;
            return tool.StandardOutput.ReadToEnd().Split(' ')[0];
        }
        finally
        {
            File.Delete(file);
        }
    }

    // A child that says it is ready, as the real one does, and then something else.
    private static string Speaking(string then)
    {
        var ready = ChildProtocol.Frame(ChildReply.Ready);
        return $"printf '{string.Concat(ready.Select(one => "\\" + Convert.ToString(one, 8).PadLeft(3, '0')))}'; {then}";
    }

    private static List<int> Tree(int process) =>
    [
        process,
        .. File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(child => Tree(int.Parse(child, CultureInfo.InvariantCulture))),
    ];

    private static void Signal(int process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static Task AreGone(List<int> processes) =>
        Eventually(() => processes.TrueForAll(one => !Directory.Exists($"/proc/{one}")));

    private static async Task Eventually(Func<bool> isSo)
    {
        var watch = Stopwatch.StartNew();
        while (!isSo())
        {
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
            await Task.Delay(10, Cancel);
        }
    }

    /// <summary>Gives nothing before it is told to go on.</summary>
    private sealed class SlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        private readonly TaskCompletionSource wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Wanted => wanted.Task;

        public void GoOn() => goOn.SetResult();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            wanted.TrySetResult();
            await goOn.Task.WaitAsync(cancellationToken);
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
