using System.Diagnostics;
using System.Globalization;
using EventFiles.Infrastructure.Children;
using Microsoft.Extensions.DependencyInjection;

namespace EventFiles.Bench;

/// <summary>
/// Small pictures of large ones by caged, replaceable children, against the same library in one warm process without
/// cage or pipe, and against a process for each.
/// </summary>
internal static class Thumbnails
{
    private const int Side = 300;

    // 3000 × 2000 pixels become 12 million.
    private const string Enlarge = "1.4142";

    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var picture = Path.Combine(await arena.NewFolder("pictures"), "large.jpg");
        await Finish("vips", "resize", Sample("Dusk over the hills.jpg"), picture + "[Q=90]", Enlarge);
        var atOnce = Environment.ProcessorCount;
        var warm = WarmProcess.Start(picture, atOnce);
        var (renderer, provider) = Renderer(atOnce);
        var outputs = Path.GetDirectoryName(picture)!;
        var contest = new Contest(
            "pictures/s",
            [
                new("libvips, warm", (time, _) => warm.Run(time)) { Processes = [warm.Id] },
                new("product", (time, stop) => Load.Run(
                    atOnce, time, _ => Render(renderer, picture, RenderSource.Picture, stop), stop))
                {
                    Processes = [Environment.ProcessId],
                },
                new("vipsthumbnail each", (time, stop) => Load.Run(
                    atOnce, time,
                    async worker => await Finish(
                        "vipsthumbnail", picture, "--size", string.Create(CultureInfo.InvariantCulture, $"{Side}x{Side}"), "-o",
                        Path.Combine(outputs, string.Create(CultureInfo.InvariantCulture, $"small-{worker}.jpg[Q=80,strip]"))),
                    stop))
                {
                    Processes = [Environment.ProcessId],
                },
            ],
            [
                new Goal("thumbnail of 12 MP", "product", "libvips, warm", 0.8),
                new Goal("thumbnail, a process each", "product", "vipsthumbnail each", 1),
            ]);
        return new Prepared(contest, async _ =>
        {
            await warm.DisposeAsync();
            await provider.DisposeAsync();
        });
    }

    public static Task<Prepared> PreparePdf(Arena arena, CancellationToken cancel)
    {
        _ = (arena, cancel);
        var document = Sample("What happened to a file.pdf");
        var (renderer, provider) = Renderer(1);
        var contest = new Contest(
            "pages/s",
            [
                new("pdftoppm", (time, stop) => Load.Run(
                    1, time,
                    async _ => await Finish(
                        "pdftoppm", "-jpeg", "-jpegopt", "quality=80,optimize=y", "-f", "1", "-l", "1", "-singlefile", "-scale-to",
                        Side.ToString(CultureInfo.InvariantCulture), document),
                    stop))
                {
                    Processes = [Environment.ProcessId],
                },
                new("product", (time, stop) => Load.Run(1, time, _ => Render(renderer, document, RenderSource.PdfPage, stop), stop))
                {
                    Processes = [Environment.ProcessId],
                },
            ],
            // At most 1.6 times as long.
            [new Goal("first page of a PDF", "product", "pdftoppm", 1 / 1.6)]);
        return Task.FromResult(new Prepared(contest, async _ => await provider.DisposeAsync()));
    }

    /// <summary>The program of the warm process: for each line with a number of seconds it prints how many pictures it made.</summary>
    public static void Warm(string picture, int threads)
    {
        Vips.Start();
        while (Console.ReadLine() is { } seconds)
        {
            var time = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
            var start = Stopwatch.GetTimestamp();
            var made = 0;
            var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
            {
                while (Stopwatch.GetElapsedTime(start) < time)
                {
                    using var small = Vips.Thumbnail(File.ReadAllBytes(picture), new RenderOrder(RenderSource.Picture, Side, Side, RenderFormat.Jpeg), mark: null, ".jpg[Q=80,optimize-coding,strip,background=255 255 255]", isProfiled: false);
                    Interlocked.Increment(ref made);
                }
            })).ToList();
            workers.ForEach(worker => worker.Start());
            workers.ForEach(worker => worker.Join());
            Console.WriteLine(made);
        }
    }

    private static (IRenderer Renderer, ServiceProvider Provider) Renderer(int children)
    {
        var provider = new ServiceCollection()
            .AddChildren(ChildOptions.OfThisProgram("child", "pictures") with { Children = children })
            .BuildServiceProvider();
        return (provider.GetRequiredService<IRenderer>(), provider);
    }

    private static async ValueTask Render(IRenderer renderer, string path, RenderSource source, CancellationToken cancel)
    {
        await using var original = File.OpenRead(path);
        var made = await renderer.Render(original, new RenderOrder(source, Side, Side, RenderFormat.Jpeg), cancel);
        if (made is not Rendering.Made { Content: var content })
            throw new BenchException($"The product made no picture: {made}");
        await content.DisposeAsync();
    }

    internal static async Task Finish(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new BenchException($"{program} failed: {await error}");
    }

    internal static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "samples", name);

    private sealed class WarmProcess(Process process) : IAsyncDisposable
    {
        public int Id => process.Id;

        public static WarmProcess Start(string picture, int threads)
        {
            var process = Process.Start(new ProcessStartInfo(
                "dotnet", [typeof(Thumbnails).Assembly.Location, "warm", picture, threads.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                UseShellExecute = false,
            })!;
            return new WarmProcess(process);
        }

        public async Task<double> Run(TimeSpan time)
        {
            await process.StandardInput.WriteLineAsync(time.TotalSeconds.ToString(CultureInfo.InvariantCulture));
            await process.StandardInput.FlushAsync();
            return double.Parse(
                await process.StandardOutput.ReadLineAsync() ?? throw new BenchException("The warm process died."), CultureInfo.InvariantCulture);
        }

        public async ValueTask DisposeAsync()
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
