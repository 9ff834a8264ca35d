using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace EventFiles.Bench;

/// <summary>The product against servers of others: the reference server of tus, and nginx that takes files by PUT.</summary>
internal sealed class Peers
{
    private const int FileBytes = 10 * 1024;
    private static readonly int LargeMebibytes = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1" ? 1024 : 64;

    private readonly byte[] content = new byte[FileBytes];
    private long names;

    private Peers() => Random.Shared.NextBytes(content);

    /// <summary>Files of 10 KiB, 32 and 256 at once.</summary>
    public static async Task<Prepared> PrepareSmall(Arena arena, CancellationToken cancel)
    {
        var (product, tus, nginx) = (await arena.Product(cancel), await Tus(arena, cancel), await Nginx(arena, cancel));
        var token = (await Uploads.SignUp(product.Address, 32, cancel)).ToArray();
        var peers = new Peers();
        var contestants = new List<Contestant>();
        foreach (var atOnce in new[] { 32, 256 })
        {
            contestants.Add(await peers.Sending($"product, {atOnce}", product, atOnce, (worker, number) => Creation(
                "/api/uploads", $"Authorization: Bearer {token[worker % token.Length]}\r\nUpload-Metadata: filename {Name(number)}\r\n"), cancel));
            contestants.Add(await peers.Sending($"@tus/server, {atOnce}", tus, atOnce, (_, _) => Creation("/files", ""), cancel));
            contestants.Add(await peers.Sending($"nginx PUT, {atOnce}", nginx, atOnce, (_, number) => $"PUT /{number} HTTP/1.1\r\nHost: bench\r\n", cancel));
        }

        return new Prepared(
            new Contest("uploads/s", contestants,
            [
                new("10 KiB, 32 at once, tus", "product, 32", "@tus/server, 32", 1.5),
                new("10 KiB, 256 at once, tus", "product, 256", "@tus/server, 256", 1.5),
                new("10 KiB, 32 at once, of nginx PUT", "product, 32", "nginx PUT, 32", null),
                new("10 KiB, 256 at once, of nginx PUT", "product, 256", "nginx PUT, 256", null),
            ]),
            _ => Task.CompletedTask);
    }

    /// <summary>One large file up and down; a gigabyte in the long form.</summary>
    public static async Task<Prepared> PrepareLarge(Arena arena, CancellationToken cancel)
    {
        var (product, nginx) = (await arena.PlainProduct(cancel), await Nginx(arena, cancel));
        var token = (await Uploads.SignUp(product.Address, 1, cancel))[0];
        var file = Guid.Empty;
        return new Prepared(
            new Contest("MiB/s",
            [
                await Large("up, product", product, "POST /api/uploads", $"Authorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
                    + $"Content-Type: application/offset+octet-stream\r\nUpload-Length: {(long)LargeMebibytes << 20}\r\n",
                    reply => file = Guid.Parse(Wire.Header(reply.Head, "File-Id")!), cancel),
                await Large("up, nginx", nginx, "PUT /large", "", _ => { }, cancel),
                Down("down, product", product, token, () => $"api/files/{file}/content"),
                Down("down, nginx", nginx, null, () => "large"),
            ],
            [
                new($"upload of {LargeMebibytes} MiB, encryption off", "up, product", "up, nginx", 0.55),
                new($"download of {LargeMebibytes} MiB, encryption off", "down, product", "down, nginx", 0.55),
            ])
            {
                Turn = TimeSpan.FromSeconds(1),
            },
            _ => Task.CompletedTask);
    }

    /// <summary>What others feel of a thousand slow uploads, and how much memory these take.</summary>
    public static async Task<Prepared> PrepareSlow(Arena arena, CancellationToken cancel)
    {
        const int Slow = 1000;
        const int MostMebibytes = 400;
        var product = await arena.Product(cancel);
        var token = (await Uploads.SignUp(product.Address, 1, cancel))[0];
        var times = new Times();
        var others = new HttpClient { BaseAddress = product.Address };
        others.DefaultRequestHeaders.Authorization = new("Bearer", token);
        return new Prepared(
            new Contest("requests/s",
            [
                new("beside 1,000 slow uploads", async (time, stop) =>
                {
                    var wires = await Task.WhenAll(Enumerable.Range(0, Slow).Select(_ => Wire.Connect(product.Address, stop)));
                    using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
                    var slow = Task.WhenAll(wires.Select(wire => Trickle(wire, token, over.Token)));
                    var done = await Load.Paced(50, time, async _ =>
                    {
                        var begun = Stopwatch.GetTimestamp();
                        (await others.GetAsync("api/quota", stop)).EnsureSuccessStatusCode();
                        times.Add(Stopwatch.GetElapsedTime(begun));
                    }, stop);
                    await over.CancelAsync();
                    await slow;
                    foreach (var wire in wires)
                        wire.Dispose();
                    return done;
                })
                {
                    Processes = [product.Id], Times = times,
                },
            ],
            [new TimeGoal("p99 of a read beside 1,000 slow uploads", "beside 1,000 slow uploads", 0.99, 50)])
            {
                Turn = TimeSpan.FromSeconds(6),
            },
            _ =>
            {
                var peak = PeakMebibytes(product.Id);
                Console.WriteLine($"peak memory with {Slow} slow uploads: {peak} MiB, at most {MostMebibytes}");
                return peak <= MostMebibytes ? Task.CompletedTask : throw new BenchException($"The product took {peak} MiB.");
            });
    }

    private static string Creation(string path, string more) =>
        $"POST {path} HTTP/1.1\r\nHost: bench\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Length: {FileBytes}\r\n{more}";

    private static string Name(long number) =>
        Convert.ToBase64String(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"f-{number:d13}")));

    private async Task<Contestant> Sending(
        string name, Launched server, int atOnce, Func<int, long, string> head, CancellationToken cancel)
    {
        var wires = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Wire.Connect(server.Address, cancel)));
        return new Contestant(name, (time, stop) => Load.Run(atOnce, time, async worker =>
        {
            var number = Interlocked.Increment(ref names);
            byte[] request = [.. Encoding.ASCII.GetBytes(head(worker, number) + $"Content-Length: {FileBytes}\r\n\r\n"), .. content];
            // No two are the same, or the product would store one of them.
            BitConverter.TryWriteBytes(request.AsSpan(request.Length - FileBytes), number);
            (await wires[worker].Send(request, stop)).OrFail();
        }, stop))
        {
            Processes = [server.Id],
        };
    }

    private static async Task<Contestant> Large(
        string name, Launched server, string verb, string more, Action<Reply> stored, CancellationToken cancel)
    {
        var wire = await Wire.Connect(server.Address, cancel);
        var piece = new byte[1 << 20];
        Random.Shared.NextBytes(piece);
        var head = Encoding.ASCII.GetBytes($"{verb} HTTP/1.1\r\nHost: bench\r\n{more}Content-Length: {(long)LargeMebibytes << 20}\r\n\r\n");
        return new Contestant(name, async (_, stop) =>
        {
            BitConverter.TryWriteBytes(piece, Random.Shared.NextInt64());
            await wire.Write(head, stop);
            for (var sent = 0; sent < LargeMebibytes; sent++)
                await wire.Write(piece, stop);
            stored((await wire.Receive(stop)).OrFail());
            return LargeMebibytes;
        })
        {
            Processes = [server.Id],
        };
    }

    private static Contestant Down(string name, Launched server, string? token, Func<string> path)
    {
        var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromMinutes(2) };
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var buffer = new byte[1 << 20];
        return new Contestant(name, async (_, stop) =>
        {
            await using var body = await http.GetStreamAsync(path(), stop);
            var bytes = 0L;
            for (int read; (read = await body.ReadAsync(buffer, stop)) > 0;)
                bytes += read;
            return bytes == (long)LargeMebibytes << 20 ? LargeMebibytes : throw new BenchException($"A download had {bytes} bytes.");
        })
        {
            Processes = [server.Id],
        };
    }

    // A kibibyte each half second; the upload is left where it is.
    private static async Task Trickle(Wire wire, string token, CancellationToken over)
    {
        var head = $"POST /api/uploads HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
            + $"Content-Type: application/offset+octet-stream\r\nUpload-Length: {1 << 20}\r\nContent-Length: {1 << 20}\r\n\r\n";
        try
        {
            await wire.Write(Encoding.ASCII.GetBytes(head), over);
            var piece = new byte[1024];
            while (true)
            {
                await wire.Write(piece, over);
                await Task.Delay(500, over);
            }
        }
        catch (OperationCanceledException)
        {
            // It was long enough.
        }
    }

    // Of the program itself, which a shell watches over.
    private static long PeakMebibytes(int watcher) => Directory.GetDirectories("/proc")
        .Where(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out _) && Said(path, "status").Contains($"PPid:\t{watcher}\n", StringComparison.Ordinal))
        .Select(path => Said(path, "status").Split('\n').FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)))
        .Max(line => line is null ? 0 : long.Parse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) / 1024);

    private static string Said(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task<Launched> Tus(Arena arena, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return await arena.Another("node", Script("tus.mjs"), await arena.NewFolder("tus"));
    }

    private static async Task<Launched> Nginx(Arena arena, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var free = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        free.Start();
        var port = ((System.Net.IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        return await arena.Another(
            "sh", Script("nginx.sh"), await arena.NewFolder(string.Create(CultureInfo.InvariantCulture, $"nginx-{port}")), port.ToString(CultureInfo.InvariantCulture));
    }

    private static string Script(string name) => Path.Combine(Environment.GetEnvironmentVariable("EVENTFILES_PEERS")
        ?? throw new BenchException("EVENTFILES_PEERS names no folder: eng/bench sets it."), name);
}
