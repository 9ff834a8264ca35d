using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EventFiles.Bench;

/// <summary>The product against servers of others: the reference server of tus, and nginx that takes files by PUT.</summary>
internal sealed class Peers
{
    private const int FileBytes = 10 * 1024;
    private static readonly int LargeMebibytes = Environment.GetEnvironmentVariable("EVENTFILES_LONG") == "1" ? 1024 : 64;

    private const int SampleEvery = 500;

    private readonly byte[] content = new byte[FileBytes];
    private readonly ConcurrentBag<(string Token, string File, long Number)> samples = [];
    private long names;
    private long toTus;
    private long toNginx;

    private Peers() => Random.Shared.NextBytes(content);

    /// <summary>Files of 10 KiB, 32 and 256 at once.</summary>
    public static async Task<Prepared> PrepareSmall(Arena arena, CancellationToken cancel)
    {
        var (product, (tus, tusFiles), (nginx, nginxFiles)) = (await arena.Product(cancel), await Tus(arena, cancel), await Nginx(arena, cancel));
        var token = (await Uploads.SignUp(product.Address, 32, cancel)).ToArray();
        var peers = new Peers();
        var contestants = new List<Contestant>();
        foreach (var atOnce in new[] { 32, 256 })
        {
            contestants.Add(await peers.Sending($"product, {atOnce}", product, atOnce, (worker, number) => Creation(
                "/api/uploads", $"Authorization: Bearer {token[worker % token.Length]}\r\nUpload-Metadata: filename {Name(number)}\r\n"),
                (worker, number, reply) => peers.Sample(token[worker % token.Length], number, reply), cancel));
            contestants.Add(await peers.Sending(
                $"@tus/server, {atOnce}", tus, atOnce, (_, _) => Creation("/files", ""), (_, _, _) => Interlocked.Increment(ref peers.toTus), cancel));
            contestants.Add(await peers.Sending(
                $"nginx PUT, {atOnce}", nginx, atOnce, (_, number) => $"PUT /{number} HTTP/1.1\r\nHost: bench\r\n",
                (_, _, _) => Interlocked.Increment(ref peers.toNginx), cancel));
        }

        return new Prepared(
            new Contest("uploads/s", contestants,
            [
                new("10 KiB, 32 at once, tus", "product, 32", "@tus/server, 32", 1.5),
                new("10 KiB, 256 at once, tus", "product, 256", "@tus/server, 256", 1.5),
                new("10 KiB, 32 at once, of nginx PUT", "product, 32", "nginx PUT, 32", null),
                new("10 KiB, 256 at once, of nginx PUT", "product, 256", "nginx PUT, 256", null),
            ]),
            async stop =>
            {
                await peers.VerifySamples(product, stop);
                AllThere(tusFiles, peers.toTus);
                AllThere(nginxFiles, peers.toNginx);
            });
    }

    /// <summary>One large file up and down; a gigabyte in the long form.</summary>
    public static async Task<Prepared> PrepareLarge(Arena arena, CancellationToken cancel)
    {
        var (encrypting, plain, (nginx, _)) = (await arena.Product(cancel), await arena.PlainProduct(cancel), await Nginx(arena, cancel));
        var (first, second, other) = (await Sent.To(encrypting, cancel), await Sent.To(plain, cancel), new Sent(nginx, null));
        return new Prepared(
            new Contest("MiB/s",
            [
                await Large("up, product", first, cancel),
                await Large("up, encryption off", second, cancel),
                await Large("up, nginx", other, cancel),
                Down("down, product", first),
                Down("down, encryption off", second),
                Down("down, nginx", other),
            ],
            [
                new($"upload of {LargeMebibytes} MiB, encryption off", "up, encryption off", "up, nginx", 0.55),
                new($"download of {LargeMebibytes} MiB, encryption off", "down, encryption off", "down, nginx", 0.55),
                new($"upload of {LargeMebibytes} MiB", "up, product", "up, nginx", null),
                new($"download of {LargeMebibytes} MiB", "down, product", "down, nginx", null),
            ])
            {
                Turn = TimeSpan.FromSeconds(1),
            },
            async stop =>
            {
                foreach (var sent in new[] { first, second, other })
                    await sent.Verify(stop);
            });
    }

    /// <summary>What others feel of a thousand slow uploads, and how much memory these take.</summary>
    public static async Task<Prepared> PrepareSlow(Arena arena, CancellationToken cancel)
    {
        const int Slow = 1000;
        const int MostMebibytes = 286; // 300 MB
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
        string name, Launched server, int atOnce, Func<int, long, string> head, Action<int, long, Reply> done, CancellationToken cancel)
    {
        var wires = await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => Wire.Connect(server.Address, cancel)));
        return new Contestant(name, (time, stop) => Load.Run(atOnce, time, async worker =>
        {
            var number = Interlocked.Increment(ref names);
            byte[] request = [.. Encoding.ASCII.GetBytes(head(worker, number) + $"Content-Length: {FileBytes}\r\n\r\n"), .. Content(number)];
            done(worker, number, (await wires[worker].Send(request, stop)).OrFail());
        }, stop))
        {
            Processes = [server.Id],
        };
    }

    // No two are the same, or the product would store one of them.
    private byte[] Content(long number)
    {
        byte[] one = [.. content];
        BitConverter.TryWriteBytes(one, number);
        return one;
    }

    private void Sample(string token, long number, Reply reply)
    {
        if (number % SampleEvery == 0)
            samples.Add((token, Wire.Header(reply.Head, "File-Id") ?? throw new BenchException("An upload became no file."), number));
    }

    private async Task VerifySamples(Launched product, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = product.Address };
        foreach (var (token, file, number) in samples)
        {
            using var asks = new HttpRequestMessage(HttpMethod.Get, $"api/files/{file}/content") { Headers = { Authorization = new("Bearer", token) } };
            using var reply = (await http.SendAsync(asks, cancel)).EnsureSuccessStatusCode();
            var got = await reply.Content.ReadAsByteArrayAsync(cancel);
            if (!got.AsSpan().SequenceEqual(Content(number)))
                throw new BenchException("A file is not what was uploaded.");
        }
    }

    // What the others were counted for stands on their disk.
    private static void AllThere(string folder, long files)
    {
        var there = Directory.EnumerateFiles(folder).Count(path => new FileInfo(path).Length == FileBytes);
        if (there < files)
            throw new BenchException($"Of {files} files that were taken {there} are there.");
    }

    private static async Task<Contestant> Large(string name, Sent to, CancellationToken cancel)
    {
        var wire = await Wire.Connect(to.Server.Address, cancel);
        var head = Encoding.ASCII.GetBytes((to.Token is null ? "PUT /large HTTP/1.1\r\nHost: bench\r\n"
            : $"POST /api/uploads HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {to.Token}\r\nTus-Resumable: 1.0.0\r\n"
            + $"Content-Type: application/offset+octet-stream\r\nUpload-Length: {(long)LargeMebibytes << 20}\r\n")
            + $"Content-Length: {(long)LargeMebibytes << 20}\r\n\r\n");
        return new Contestant(name, async (_, stop) =>
        {
            BitConverter.TryWriteBytes(to.Piece, Random.Shared.NextInt64());
            await wire.Write(head, stop);
            for (var sent = 0; sent < LargeMebibytes; sent++)
                await wire.Write(to.Piece, stop);
            to.Is(Wire.Header((await wire.Receive(stop)).OrFail().Head, "File-Id"));
            return LargeMebibytes;
        })
        {
            Processes = [to.Server.Id],
        };
    }

    private static Contestant Down(string name, Sent sent)
    {
        var http = sent.Client();
        var buffer = new byte[1 << 20];
        return new Contestant(name, async (_, stop) =>
        {
            await using var body = await http.GetStreamAsync(sent.Path, stop);
            var bytes = 0L;
            for (int read; (read = await body.ReadAsync(buffer, stop)) > 0;)
                bytes += read;
            return bytes == (long)LargeMebibytes << 20 ? LargeMebibytes : throw new BenchException($"A download had {bytes} bytes.");
        })
        {
            Processes = [sent.Server.Id],
        };
    }

    /// <summary>The large file that one of them was sent last.</summary>
    /// <param name="Token">Null where nobody asks for one.</param>
    private sealed record Sent(Launched Server, string? Token)
    {
        private string? file;

        /// <summary>What it is made of, again and again.</summary>
        public byte[] Piece { get; } = RandomNumberGenerator.GetBytes(1 << 20);

        public string Path => Token is null ? "large" : $"api/files/{file}/content";

        public static async Task<Sent> To(Launched server, CancellationToken cancel) => new(server, (await Uploads.SignUp(server.Address, 1, cancel))[0]);

        public void Is(string? id) => file = id ?? (Token is null ? null : throw new BenchException("An upload became no file."));

        public HttpClient Client()
        {
            var http = new HttpClient { BaseAddress = Server.Address, Timeout = TimeSpan.FromMinutes(2) };
            http.DefaultRequestHeaders.Authorization = Token is null ? null : new("Bearer", Token);
            return http;
        }

        /// <summary>What it gives back is what it was sent.</summary>
        public async Task Verify(CancellationToken cancel)
        {
            using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            for (var piece = 0; piece < LargeMebibytes; piece++)
                expected.AppendData(Piece);
            using var http = Client();
            await using var body = await http.GetStreamAsync(Path, cancel);
            var got = await SHA256.HashDataAsync(body, cancel);
            if (!got.AsSpan().SequenceEqual(expected.GetHashAndReset()))
                throw new BenchException("A large file is not what was uploaded.");
        }
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

    private static async Task<(Launched Server, string Files)> Tus(Arena arena, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var folder = await arena.NewFolder("tus");
        return (await arena.Another("node", Script("tus.mjs"), folder), folder);
    }

    private static async Task<(Launched Server, string Files)> Nginx(Arena arena, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var free = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        free.Start();
        var port = ((System.Net.IPEndPoint)free.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        free.Stop();
        var folder = await arena.NewFolder($"nginx-{port}");
        return (await arena.Another("sh", Script("nginx.sh"), folder, port), Path.Combine(folder, "files"));
    }

    private static string Script(string name) => Path.Combine(Environment.GetEnvironmentVariable("EVENTFILES_PEERS")
        ?? throw new BenchException("EVENTFILES_PEERS names no folder: eng/bench sets it."), name);
}
