using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace EventFiles.Bench;

/// <summary>
/// Photos on their whole way: uploaded, planned, drawn by caged children, stored encrypted, told of in the log, seen by
/// readers; against vipsthumbnail, which makes the same pictures of the same files on the same cores and does nothing else.
/// </summary>
internal sealed class Pipelines(Uri product, string token, byte[][] photos)
{
    /// <summary>As many as work at once in the product, and some that wait: no core is idle while one file ends.</summary>
    private const int UnderWay = 6;

    private const int PerSecond = 5;

    // 3000 × 2000 pixels become 4243 × 2828, as a telephone takes them, and 2121 × 1414, as one sends them on.
    private const string Large = "1.4142";
    private const string Usual = "0.7071";

    // What is made of every photo, as the product writes it.
    private static readonly (int Side, string Format)[] Pictures =
        [(300, Jpeg), (1280, Jpeg), (640, Jpeg), (1280, ".webp[Q=80,strip]")];

    private const string Jpeg = ".jpg[Q=80,optimize-coding,strip]";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient http = Client(product, token);
    private long names;
    private long made;

    /// <summary>How many pictures come out when there is always something to do.</summary>
    public static async Task<Prepared> Prepare(Arena arena, CancellationToken cancel)
    {
        var folder = await arena.NewFolder("photos");
        string[] paths = [await Photo(folder, "large.jpg", Large), await Photo(folder, "usual.jpg", Usual)];
        var server = await arena.Product(cancel);
        var before = await arena.EventsOf("process.step-succeeded.v1", cancel);
        var pipeline = await Open(server, paths, cancel);
        var cores = Environment.ProcessorCount;
        return new Prepared(
            new Contest(
                "pictures/s",
                [
                    new("vipsthumbnail each", (time, stop) => Bare(folder, paths, 1, cores, time, stop)) { Processes = [Environment.ProcessId] },
                    new("pipeline", (time, stop) => Load.Times(Pictures.Length, Load.Run(UnderWay, time, _ => pipeline.UntilReady(stop), stop)))
                    {
                        Processes = [server.Id],
                    },
                    new("vipsthumbnail of 8", (time, stop) => Bare(folder, paths, 8, cores, time, stop)) { Processes = [Environment.ProcessId] },
                ],
                [
                    new Goal("photos, all their pictures", "pipeline", "vipsthumbnail each", 0.7),
                    new Goal("the same, eight files a process", "pipeline", "vipsthumbnail of 8", null),
                ])
            {
                Turn = TimeSpan.FromSeconds(10),
                WarmUp = TimeSpan.FromSeconds(6),
            },
            async stop =>
            {
                // One fact for each picture, and one for what the photo tells of itself.
                var facts = await arena.EventsOf("process.step-succeeded.v1", stop) - before;
                var told = Interlocked.Read(ref pipeline.made) / Pictures.Length * (Pictures.Length + 1);
                if (facts != told)
                    throw new BenchException($"{told} steps were to succeed, and the log holds {facts}.");
                pipeline.http.Dispose();
            });
    }

    /// <summary>How soon whoever uploads five photos a second sees the first picture of each.</summary>
    public static async Task<Prepared> PrepareVisible(Arena arena, CancellationToken cancel)
    {
        var folder = await arena.NewFolder("seen");
        var path = await Photo(folder, "usual.jpg", Usual);
        var server = await arena.Product(cancel);
        var pipeline = await Open(server, [path], cancel);
        var (bare, seen) = (new Times(), new Times());
        return new Prepared(
            new Contest(
                "photos/s",
                [
                    new("vipsthumbnail, paced", (time, stop) => Load.Paced(
                        PerSecond, time,
                        async number =>
                        {
                            var begun = Stopwatch.GetTimestamp();
                            await Draw([path], folder, Pictures[0], number);
                            bare.Add(Stopwatch.GetElapsedTime(begun));
                        },
                        stop))
                    {
                        Processes = [Environment.ProcessId],
                        Times = bare,
                    },
                    new("uploads, paced", (time, stop) => Load.Paced(PerSecond, time, _ => pipeline.UntilSeen(seen, stop), stop))
                    {
                        Processes = [server.Id],
                        Times = seen,
                    },
                ],
                [
                    new TimeGoal("upload to thumbnail, p50 in ms", "uploads, paced", 0.50, AtMostMilliseconds: 500),
                    new TimeGoal("upload to thumbnail, p99 in ms", "uploads, paced", 0.99, AtMostMilliseconds: 2000),
                    new TimesGoal("… of vipsthumbnail's time, p50", "uploads, paced", "vipsthumbnail, paced", 0.50),
                    new TimesGoal("… of vipsthumbnail's time, p99", "uploads, paced", "vipsthumbnail, paced", 0.99),
                ])
            {
                Turn = TimeSpan.FromSeconds(12),
                WarmUp = TimeSpan.FromSeconds(6),
            },
            _ =>
            {
                pipeline.http.Dispose();
                return Task.CompletedTask;
            });
    }

    private static async Task<Pipelines> Open(Launched server, IEnumerable<string> paths, CancellationToken cancel) => new(
        server.Address, (await Uploads.SignUp(server.Address, 1, cancel))[0],
        [.. await Task.WhenAll(paths.Select(path => File.ReadAllBytesAsync(path, cancel)))]);

    private static async Task<string> Photo(string folder, string name, string scale)
    {
        var path = Path.Combine(folder, name);
        await Thumbnails.Finish("vips", "resize", Thumbnails.Sample("Dusk over the hills.jpg"), path + "[Q=90]", scale);
        return path;
    }

    private async ValueTask UntilReady(CancellationToken cancel)
    {
        var file = await Upload(cancel);
        await Until(async () =>
        {
            var status = (await http.GetFromJsonAsync<JsonElement>($"api/files/{file}/status", cancel)).GetProperty("status").GetString();
            return status is "ready" || (status is "failed" ? throw new BenchException($"The photo {file} failed.") : false);
        }, 5 * LookAgain, cancel);
        Interlocked.Add(ref made, Pictures.Length);
    }

    private async Task UntilSeen(Times seen, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        var file = await Upload(cancel);
        await Until(async () =>
        {
            using var reply = await http.GetAsync($"api/files/{file}/variants/thumbnail", cancel);
            return reply.IsSuccessStatusCode;
        }, LookAgain, cancel);
        seen.Add(Stopwatch.GetElapsedTime(begun));
    }

    private async Task<Guid> Upload(CancellationToken cancel)
    {
        var number = Interlocked.Increment(ref names);
        using var part = new ByteArrayContent(Numbered(photos[number % photos.Length], number));
        part.Headers.ContentType = new("image/jpeg");
        using var form = new MultipartFormDataContent { { part, "file", string.Create(CultureInfo.InvariantCulture, $"photo-{number}.jpg") } };
        using var reply = (await http.PostAsync("api/upload", form, cancel)).EnsureSuccessStatusCode();
        return (await reply.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("file").GetProperty("id").GetGuid();
    }

    private static async Task Until(Func<Task<bool>> isSo, TimeSpan lookAgain, CancellationToken cancel)
    {
        for (var begun = Stopwatch.GetTimestamp(); !await isSo(); await Task.Delay(lookAgain, cancel))
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience)
                throw new BenchException($"A photo was not processed within {Patience.TotalSeconds} s.");
        }
    }

    // No two are the same, or they would be one: a comment after the start of the picture bears a number.
    private static byte[] Numbered(byte[] photo, long number)
    {
        var comment = new byte[4 + sizeof(long)];
        (comment[0], comment[1], comment[3]) = (0xFF, 0xFE, 2 + sizeof(long));
        BinaryPrimitives.WriteInt64BigEndian(comment.AsSpan(4), number);
        return [.. photo.AsSpan(0, 2), .. comment, .. photo.AsSpan(2)];
    }

    private static Task<double> Bare(string folder, string[] paths, int times, int cores, TimeSpan time, CancellationToken cancel)
    {
        // One file after the other in turn, or so many of each at once.
        var next = 0;
        return Load.Times(Pictures.Length * times, Load.Run(
            cores, time,
            async worker =>
            {
                var first = Interlocked.Increment(ref next);
                string[] files = [.. Enumerable.Range(first, times).Select(one => paths[one % paths.Length])];
                foreach (var picture in Pictures)
                    await Draw(files, folder, picture, worker);
            },
            cancel));
    }

    private static Task Draw(string[] files, string folder, (int Side, string Format) picture, int number) => Thumbnails.Finish(
        "vipsthumbnail",
        [
            .. files, "--size", string.Create(CultureInfo.InvariantCulture, $"{picture.Side}x{picture.Side}"), "-o",
            Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"small-%s-{number}-{picture.Side}{picture.Format}")),
        ]);

    private static HttpClient Client(Uri server, string token)
    {
        var client = new HttpClient { BaseAddress = server };
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return client;
    }
}
